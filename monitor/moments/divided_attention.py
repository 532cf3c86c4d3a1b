"""The agent speaks of other customers, the queue, the shift, or slow systems as an excuse. Nothing meets it."""

from typing import ClassVar

from monitor.moments.base import odds
from monitor.moments.graders import Features
from monitor.moments.same_turn import TurnKind
from monitor.moments.scene import Heard, Scene, acts_of
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02


class DividedAttention(TurnKind):
    """The red bench: the customer is at the centre."""

    name: ClassVar[str] = "divided_attention"

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        return heard.act("cites_others") >= _CANDIDATE_FROM

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        return {
            "cites_odds": odds(heard.act("cites_others")),
            "level": scene.level,
            **acts_of(
                heard, "cites_others", "explains_cause", "acknowledges_feeling", "announces_hold", "asks_to_hold"
            ),
            **acts_of(heard, "apologizes", "saves_face", "blames", "returns_with_news"),
            **acts_of(reaction, "voices_frustration", "confirms", prefix="reaction_"),
        }

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        return "The agent spoke of other customers, the queue, the shift or the system instead of this customer."
