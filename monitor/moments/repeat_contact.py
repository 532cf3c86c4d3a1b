"""The customer has called, been transferred or told this before; the agent honours the effort or spares the retelling."""

from typing import ClassVar

from monitor.moments.base import Opening, clock, odds, story
from monitor.moments.graders import Features
from monitor.moments.scene import Heard, Scene, acts_of, likeness
from monitor.moments.window import WindowKind
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02


class RepeatContact(WindowKind):
    """ "You're the third person I've talked to." """

    name: ClassVar[str] = "repeat_contact"

    def opening(self, scene: Scene, heard: Heard) -> Features | None:
        told = heard.act("repeat_contact")
        if told < _CANDIDATE_FROM:
            return None
        before = list(scene.earlier(heard, agent=False))
        return {
            "told": told,
            "told_odds": odds(told),
            "told_before": max((turn.act("repeat_contact") for turn in before), default=0.0),
            "honoured_before": max(
                (t.act("acknowledges_effort") for t in scene.earlier(heard, agent=True)), default=0.0
            ),
            "first": float(not before),
            "level": heard.level,
            "long": min(1.0, heard.turn.duration_s / 15.0),
            **acts_of(heard, "voices_frustration", "failure_recurred", "already_done", "confirms", "rejects"),
        }

    def response(self, scene: Scene, opening: Opening, heard: Heard) -> Features:
        return {
            "effort_odds": odds(heard.act("acknowledges_effort")),
            "first_answer": float(not opening.answers),
            "like": likeness(heard, opening.turn) if opening.turn else 0.0,
            "long": min(1.0, heard.turn.duration_s / 15.0),
            **acts_of(heard, "acknowledges_effort", "acknowledges_feeling", "apologizes", "takes_ownership"),
            **acts_of(heard, "asks_fact", "instructs", "explains_repeat", "explains_cause"),
        }

    def why(self, opening: Opening, verdict: Verdict, turn: Heard) -> str:
        return story(
            f"The customer had been through this before and said so ({clock(opening.start_s)})",
            verdict,
            turn,
            missed="the agent neither acknowledged the effort nor spared the retelling",
            met="the agent acknowledged the effort",
        )
