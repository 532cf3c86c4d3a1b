"""The catalogue of kinds. A kind that is added here is heard, ruled, trained and reported like the others."""

from collections.abc import Sequence, Set

from monitor.moments.background_distress import BackgroundDistress
from monitor.moments.base import Kind, Observer
from monitor.moments.contradiction import Contradiction
from monitor.moments.divided_attention import DividedAttention
from monitor.moments.graders import Graders, shipped
from monitor.moments.hollow_apology import HollowApology
from monitor.moments.interrogation import Interrogation
from monitor.moments.policy_shield import PolicyShield
from monitor.moments.repeat_contact import RepeatContact
from monitor.moments.repeated_instruction import RepeatedInstruction
from monitor.moments.rushed_close import RushedClose
from monitor.moments.standalone import (
    ConfirmedResolution,
    ExplainedCause,
    OfferedAlternative,
    OfferedTime,
    Ownership,
    ProactiveInformation,
    UsedName,
)
from monitor.moments.talk_over import TalkOver
from monitor.moments.tone_mismatch import ToneMismatch
from monitor.moments.unacknowledged_frustration import UnacknowledgedFrustration
from monitor.moments.unexplained_failure import UnexplainedFailure
from monitor.moments.unexplained_hold import UnexplainedHold
from monitor.moments.unmet_need import UnmetNeed
from monitor.rules import Rules

KINDS: tuple[type[Kind], ...] = (
    BackgroundDistress,
    RepeatedInstruction,
    UnacknowledgedFrustration,
    Interrogation,
    Contradiction,
    PolicyShield,
    UnexplainedHold,
    RushedClose,
    RepeatContact,
    TalkOver,
    HollowApology,
    DividedAttention,
    UnexplainedFailure,
    ToneMismatch,
    UnmetNeed,
    Ownership,
    OfferedTime,
    UsedName,
    ExplainedCause,
    OfferedAlternative,
    ConfirmedResolution,
    ProactiveInformation,
)


def kinds(
    rules: Rules,
    graders: Graders | None = None,
    observe: Observer | None = None,
    *,
    but: Set[str] = frozenset(),
) -> Sequence[Kind]:
    """A fresh listener for each enabled kind but these, for one call."""
    fitted = shipped() if graders is None else graders
    asked = [kind for kind in KINDS if kind.name not in but and rules.of(kind.name).enabled]
    return [kind(rules.of(kind.name), fitted[kind.name], observe) for kind in asked]
