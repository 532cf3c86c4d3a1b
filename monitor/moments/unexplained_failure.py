"""The customer asks why, or whether it will happen again, or it has happened again; the agent gives a cause or an assurance."""

from typing import ClassVar

from monitor.moments.base import Opening, clock, odds, story
from monitor.moments.graders import Features
from monitor.moments.scene import Heard, Scene, acts_of, likeness
from monitor.moments.window import WindowKind
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02


class UnexplainedFailure(WindowKind):
    """Customers want to know why, and that it will not recur."""

    name: ClassVar[str] = "unexplained_failure"

    def opening(self, scene: Scene, heard: Heard) -> Features | None:
        asked = heard.act("asks_why", "asks_recurrence", "failure_recurred")
        if asked < _CANDIDATE_FROM:
            return None
        before = list(scene.earlier(heard, agent=False, limit=8))
        return {
            "asked_odds": odds(asked),
            "asked_before": max((turn.act("asks_why", "asks_recurrence") for turn in before), default=0.0),
            "explained_before": max(
                (t.act("explains_cause") for t in scene.earlier(heard, agent=True, limit=2)), default=0.0
            ),
            "level": heard.level,
            "first": float(not before),
            **acts_of(heard, "asks_why", "asks_recurrence", "failure_recurred", "asks_question", "voices_frustration"),
        }

    def response(self, scene: Scene, opening: Opening, heard: Heard) -> Features:
        explains = heard.act("explains_cause", "assures_future")
        asked = opening.features
        return {
            "explains": explains,
            "explains_odds": odds(explains),
            "cause_for_why": heard.act("explains_cause") * asked["asks_why"],
            "assurance_for_again": heard.act("assures_future") * asked["asks_recurrence"],
            "first_answer": float(not opening.answers),
            "like": likeness(heard, opening.turn) if opening.turn else 0.0,
            "long": min(1.0, heard.turn.duration_s / 15.0),
            **acts_of(
                heard, "explains_cause", "assures_future", "takes_ownership", "asks_fact", "cites_policy", "refuses"
            ),
        }

    def why(self, opening: Opening, verdict: Verdict, turn: Heard) -> str:
        return story(
            f"The customer wanted to know why it failed, or that it would not again ({clock(opening.start_s)})",
            verdict,
            turn,
            missed="the agent gave neither a cause nor an assurance",
            met="the agent gave a cause or an assurance",
        )
