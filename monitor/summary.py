"""The call at a glance: how it ended, whether the customer was won back, what the contact was worth, what it cost her."""

from collections.abc import Sequence

from monitor.moments.scene import Scene
from monitor.records import ContactValue, FrustrationPoint, Moment, Outcome, Summary

RECOVERED_PEAK = 0.6
RECOVERED_DROP = 0.3
"""MOMENTS: frustration peaked at 0.6 or more and ended at least 0.3 below its peak, with the issue resolved."""

_STANDALONE = frozenset(
    {
        "ownership",
        "offered_time",
        "used_name",
        "explained_cause",
        "offered_alternative",
        "confirmed_resolution",
        "proactive_information",
    }
)


def summarize(
    scene: Scene,
    points: Sequence[FrustrationPoint],
    moments: Sequence[Moment],
    duration_s: float,  # noqa: ARG001
) -> Summary:
    """Sums up a call, or as much of it as was heard."""
    levels = [point.level for point in points]
    peak, end = (max(levels), levels[-1]) if levels else (0.0, 0.0)
    outcome = judge_outcome(scene)
    missed = [moment for moment in moments if moment.verdict == "missed"]
    met = [m for m in moments if m.verdict != "missed" and m.kind not in _STANDALONE]
    answered = len(met) + len(missed)
    return Summary(
        outcome=outcome,
        recovered=peak >= RECOVERED_PEAK and end <= peak - RECOVERED_DROP and outcome == "resolved",
        contact_value=judge_contact_value(scene),
        peak_frustration=peak,
        end_frustration=end,
        critical_missed=sum(moment.severity == "critical" for moment in missed),
        minor_missed=sum(moment.severity == "minor" for moment in missed),
        handled=sum(moment.verdict == "handled" for moment in moments),
        empathy_rate=sum(m.verdict == "handled" for m in met) / answered if answered else None,
        effort=effort(scene, moments),
    )


def judge_outcome(scene: Scene) -> Outcome:
    """How the call ended, from the last turns of both sides."""
    customer = [turn for turn in scene.turns if not turn.agent and not turn.backchannel][-3:]
    agent = [turn for turn in scene.turns if turn.agent and not turn.backchannel][-4:]
    settled = max((turn.act("confirms", "thanks") for turn in customer), default=0.0)
    refused = max(
        (turn.act("rejects", "voices_frustration", "threatens_to_leave") for turn in customer[-2:]), default=0.0
    )
    owned = max((turn.act("takes_ownership") for turn in agent), default=0.0)
    if settled > refused and scene.level < 0.5:
        return "resolved"
    return "escalated" if owned >= 0.5 and scene.level < 0.6 else "unresolved"


def judge_contact_value(scene: Scene) -> ContactValue:  # noqa: ARG001
    """What the contact was worth to the customer and to the business (Price and Jaffe's value-irritant square)."""
    return "eliminate"


def effort(scene: Scene, moments: Sequence[Moment]) -> dict[str, int]:
    """What the call cost the customer: how often she had called before, was put on hold, handed on, or asked again."""
    customer = [turn for turn in scene.turns if not turn.agent]
    return {
        "repeat_contact": sum(turn.act("repeat_contact") >= 0.5 for turn in customer),
        "holds": sum(moment.kind == "unexplained_hold" for moment in moments),
        "transfers": sum(turn.act("asks_for_supervisor") >= 0.5 for turn in customer),
        "repeats": sum(turn.act("already_done") >= 0.5 for turn in customer),
    }
