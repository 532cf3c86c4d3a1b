"""The customer asks for something that is not offered; the agent notes it, offers something close or passes it on."""

from typing import ClassVar

from monitor.moments.base import Opening, clock, odds, story
from monitor.moments.graders import Features
from monitor.moments.scene import Heard, Scene, acts_of, likeness
from monitor.moments.window import WindowKind
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02


class UnmetNeed(WindowKind):
    """Support hears what no survey asks."""

    name: ClassVar[str] = "unmet_need"

    def opening(self, scene: Scene, heard: Heard) -> Features | None:
        need = heard.act("voices_need")
        if need < _CANDIDATE_FROM:
            return None
        return {
            "need": need,
            "need_odds": odds(need),
            "need_before": max((t.act("voices_need") for t in scene.earlier(heard, agent=False, limit=4)), default=0.0),
            "late_in_call": min(1.0, heard.index / 20.0),
            "level": heard.level,
            **acts_of(heard, "asks_question", "asks_for_supervisor", "asks_why", "rejects", "voices_frustration"),
        }

    def response(self, scene: Scene, opening: Opening, heard: Heard) -> Features:
        return {
            "notes_odds": odds(heard.act("notes_need")),
            "offers_odds": odds(heard.act("offers_alternative")),
            "first_answer": float(not opening.answers),
            "like": likeness(heard, opening.turn) if opening.turn else 0.0,
            "long": min(1.0, heard.turn.duration_s / 15.0),
            **acts_of(heard, "notes_need", "offers_alternative", "takes_ownership", "informs_proactively", "refuses"),
            **acts_of(heard, "gives_information", "cites_policy", "lacks_authority", "asks_fact", "moves_to_close"),
        }

    def why(self, opening: Opening, verdict: Verdict, turn: Heard) -> str:
        return story(
            f"The customer asked for something that is not on offer ({clock(opening.start_s)})",
            verdict,
            turn,
            missed="the agent neither noted it, offered something close, nor passed it on",
            met="the agent took it up",
        )
