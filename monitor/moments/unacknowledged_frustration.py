"""The customer voices frustration; the agent acknowledges the feeling or its cause, or walks past it."""

from typing import ClassVar

from monitor.moments.base import Opening, clock, odds, story
from monitor.moments.graders import Features
from monitor.moments.scene import Heard, Scene, acts_of, likeness
from monitor.moments.window import WindowKind
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02
_CANDIDATE_LEVEL = 0.45


class UnacknowledgedFrustration(WindowKind):
    """Acknowledge before you solve."""

    name: ClassVar[str] = "unacknowledged_frustration"

    def opening(self, scene: Scene, heard: Heard) -> Features | None:
        voiced = heard.act("voices_frustration")
        if voiced < _CANDIDATE_FROM and heard.level < _CANDIDATE_LEVEL:
            return None
        before = scene.previous(heard, agent=False)
        answered = scene.previous(heard, agent=True)
        return {
            "voiced": voiced,
            "voiced_odds": odds(voiced),
            "level": heard.level,
            "rise": heard.level - (before.level if before else 0.0),
            "first": float(before is None),
            "short": float(heard.turn.duration_s < 2.5),
            "voiced_before": before.act("voices_frustration") if before else 0.0,
            "met_before": answered.act("acknowledges_feeling") if answered else 0.0,
            **acts_of(heard, "voices_distress", "repeat_contact", "asks_for_supervisor", "threatens_to_leave"),
            **acts_of(heard, "rejects", "already_done", "asks_why", "confirms", "thanks", "failure_recurred"),
        }

    def response(self, scene: Scene, opening: Opening, heard: Heard) -> Features:
        earlier_apology = max((t.act("apologizes") for t in scene.earlier(heard, agent=True, limit=6)), default=0.0)
        return {
            "felt_odds": odds(heard.act("acknowledges_feeling")),
            "stock_again": heard.act("apologizes") * earlier_apology,
            "first_answer": float(not opening.answers),
            "like": likeness(heard, opening.turn) if opening.turn else 0.0,
            "long": min(1.0, heard.turn.duration_s / 15.0),
            **acts_of(heard, "acknowledges_feeling", "acknowledges_effort", "apologizes", "takes_ownership"),
            **acts_of(heard, "saves_face", "explains_cause", "offers_alternative", "asks_fact", "instructs", "cheers"),
            **acts_of(heard, "contradicts", "refuses", "asks_to_hold"),
        }

    def why(self, opening: Opening, verdict: Verdict, turn: Heard) -> str:
        return story(
            f"The customer voiced frustration ({clock(opening.start_s)})",
            verdict,
            turn,
            missed="neither the feeling nor its cause was acknowledged in the agent's next turns",
            met="the agent acknowledged it",
        )
