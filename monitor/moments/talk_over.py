"""The agent starts before the customer has ended and keeps on; yielding, or handing the floor back, meets it."""

from typing import ClassVar

from monitor.moments.graders import Features
from monitor.moments.same_turn import TurnKind
from monitor.moments.scene import Heard, Scene, acts_of
from monitor.records import Severity, Verdict

_CRITICAL_LEVEL = 0.62
"""A level of 3 of 4 or more, by ear; half a step lower, since the level here is an estimate."""


class TalkOver(TurnKind):
    """Listening."""

    name: ClassVar[str] = "talk_over"

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        overlap_s = self._overlap_s(scene, heard)
        return overlap_s >= self.rule.overlap_s and heard.turn.duration_s >= self.rule.keeps_on_s

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        return {
            "overlap": min(3.0, self._overlap_s(scene, heard)) / 3.0,
            "keeps_on": min(5.0, heard.turn.duration_s) / 5.0,
            "level": scene.level,
            **acts_of(reaction, "voices_frustration", prefix="reaction_"),
        }

    def response(self, scene: Scene, heard: Heard) -> Features:
        return {
            "keeps_on": min(8.0, heard.turn.duration_s) / 8.0,
            **acts_of(heard, "apologizes", "instructs", "contradicts", "gives_information", "asks_fact"),
        }

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        start = f"The agent started {self._overlap_s(scene, heard):.1f} s before the customer had finished"
        return f"{start}, and handed the floor back." if verdict == "handled" else f"{start} and kept on."

    def severity(self, scene: Scene, heard: Heard | None) -> Severity:
        spoken_over = scene.previous(heard, agent=False) if heard else None
        return "critical" if spoken_over and spoken_over.level >= _CRITICAL_LEVEL else self.rule.severity

    def _overlap_s(self, scene: Scene, heard: Heard) -> float:
        """How long the customer's turn that was running went on after the agent had started, in seconds."""
        spoken_over = scene.previous(heard, agent=False)
        if spoken_over is None or spoken_over.turn.start_s > heard.turn.start_s:
            return 0.0
        return min(spoken_over.turn.end_s, heard.turn.end_s) - heard.turn.start_s
