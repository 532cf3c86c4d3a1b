"""The agent answers frustration with cheer or slang, judged by words. Nothing meets it."""

from typing import ClassVar

from monitor.moments.base import clock, odds
from monitor.moments.graders import Features
from monitor.moments.same_turn import TurnKind
from monitor.moments.scene import Heard, Scene, acts_of
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02


class ToneMismatch(TurnKind):
    """Match the customer's register."""

    name: ClassVar[str] = "tone_mismatch"

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        return heard.index > 0 and heard.act("cheers") >= _CANDIDATE_FROM

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        before = scene.previous(heard, agent=False)
        upset = before.act("voices_frustration") if before else 0.0
        level = before.level if before else 0.0
        return {
            "cheers_odds": odds(heard.act("cheers")),
            "voiced": upset,
            "level_before": level,
            "cheer_in_trouble": heard.act("cheers") * max(upset, level),
            "cheered_before": max((t.act("cheers") for t in scene.earlier(heard, agent=True, limit=4)), default=0.0),
            **acts_of(heard, "cheers", "acknowledges_feeling", "apologizes", "moves_to_close"),
            **acts_of(before, "voices_distress", "thanks", "confirms", "failure_recurred", prefix="before_"),
            **acts_of(reaction, "voices_frustration", "thanks", prefix="reaction_"),
        }

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        before = scene.previous(heard, agent=False)
        when = f" ({clock(before.turn.start_s)})" if before else ""
        return f"The agent's cheer answered a frustrated customer{when}."
