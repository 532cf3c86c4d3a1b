"""Handled kinds that stand alone: good service that needs no opening."""

from typing import ClassVar

from monitor.moments.base import odds
from monitor.moments.graders import Features
from monitor.moments.same_turn import TurnKind
from monitor.moments.scene import Heard, Scene, acts_of
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02


class Standalone(TurnKind):
    """An act of the agent's that is worth praise wherever it stands."""

    act: ClassVar[str]
    praise: ClassVar[str]

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        return heard.act(self.act) >= _CANDIDATE_FROM

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        before = scene.previous(heard, agent=False)
        return {
            "act": heard.act(self.act),
            "act_odds": odds(heard.act(self.act)),
            "done_before": max((turn.act(self.act) for turn in scene.earlier(heard, agent=True)), default=0.0),
            "late_in_call": min(1.0, heard.index / 20.0),
            "long": min(1.0, heard.turn.duration_s / 15.0),
            "level": scene.level,
            **acts_of(
                heard, "takes_ownership", "offers_alternative", "informs_proactively", "refuses", "announces_hold"
            ),
            **acts_of(heard, "explains_cause", "assures_future", "asks_fact", "moves_to_close", "checks_resolution"),
            **acts_of(
                before, "asks_question", "asks_why", "voices_need", "asks_recurrence", "confirms", prefix="before_"
            ),
            **acts_of(reaction, "confirms", "thanks", "rejects", prefix="reaction_"),
        }

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        return self.praise

    def _met_without_grader(self) -> float:
        return 1.0


class Ownership(Standalone):
    """ "I'll stay with you until it works." """

    name: ClassVar[str] = "ownership"
    act: ClassVar[str] = "takes_ownership"
    praise: ClassVar[str] = "The agent made the matter their own."
    once: ClassVar[bool] = True


class OfferedTime(Standalone):
    """Time, waiting or a call back."""

    name: ClassVar[str] = "offered_time"
    act: ClassVar[str] = "offers_time"
    praise: ClassVar[str] = "The agent offered time, to wait or to call back."


class UsedName(Standalone):
    """The customer's name."""

    name: ClassVar[str] = "used_name"
    act: ClassVar[str] = "uses_name"
    praise: ClassVar[str] = "The agent used the customer's name."
    once: ClassVar[bool] = True


class ExplainedCause(Standalone):
    """Why it happened."""

    name: ClassVar[str] = "explained_cause"
    act: ClassVar[str] = "explains_cause"
    praise: ClassVar[str] = "The agent explained the cause."


class OfferedAlternative(Standalone):
    """Another way."""

    name: ClassVar[str] = "offered_alternative"
    act: ClassVar[str] = "offers_alternative"
    praise: ClassVar[str] = "The agent offered another way."


class ConfirmedResolution(Standalone):
    """A check that the matter is settled."""

    name: ClassVar[str] = "confirmed_resolution"
    act: ClassVar[str] = "checks_resolution"
    praise: ClassVar[str] = "The agent checked that the matter was settled."


class ProactiveInformation(Standalone):
    """What nobody had asked for, and the customer is glad to know."""

    name: ClassVar[str] = "proactive_information"
    act: ClassVar[str] = "informs_proactively"
    praise: ClassVar[str] = "The agent volunteered something useful."
