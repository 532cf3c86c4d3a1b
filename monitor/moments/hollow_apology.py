"""The same stock apology again with nothing done since; an action, an owner or a time in the same turn meets it."""

from typing import ClassVar

from monitor.moments.base import clock, odds
from monitor.moments.graders import Features
from monitor.moments.same_turn import TurnKind
from monitor.moments.scene import Heard, Scene, acts_of, likeness
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02
_ACTIONS = ("takes_ownership", "offers_alternative", "announces_hold", "assures_future")


class HollowApology(TurnKind):
    """Sorry, sorry, sorry."""

    name: ClassVar[str] = "hollow_apology"

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        return heard.act("apologizes") >= _CANDIDATE_FROM and self._first(scene, heard) is not None

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        first = self._first(scene, heard)
        since = [turn for turn in scene.earlier(heard, agent=True, limit=8) if first and turn.index > first.index]
        news = max((turn.act("returns_with_news", "explains_cause", *_ACTIONS) for turn in since), default=0.0)
        return {
            "apologizes_odds": odds(heard.act("apologizes")),
            "first_odds": odds(first.act("apologizes")) if first else -1.0,
            "like": likeness(heard, first) if first else 0.0,
            "turns_since": min(8, len(since)) / 8.0,
            "news_since": news,
            "level": scene.level,
            **acts_of(heard, "acknowledges_feeling", "explains_cause", "returns_with_news", "refuses"),
            **acts_of(reaction, "voices_frustration", "thanks", "confirms", prefix="reaction_"),
        }

    def response(self, scene: Scene, heard: Heard) -> Features:
        return {
            "action_odds": odds(heard.act(*_ACTIONS)),
            "long": min(1.0, heard.turn.duration_s / 15.0),
            **acts_of(heard, *_ACTIONS, "explains_cause", "returns_with_news", "gives_information"),
            **acts_of(heard, "acknowledges_feeling", "refuses"),
        }

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        first = self._first(scene, heard)
        again = (
            f"The agent apologised again (first at {clock(first.turn.start_s)})"
            if first
            else "The agent apologised again"
        )
        return (
            f"{again}, this time with something done about it."
            if verdict == "handled"
            else f"{again}, with nothing done since."
        )

    def _first(self, scene: Scene, heard: Heard) -> Heard | None:
        """The earlier apology that this one is most like."""
        apologies = [t for t in scene.earlier(heard, agent=True) if t.act("apologizes") >= _CANDIDATE_FROM]
        return max(apologies, key=lambda turn: turn.act("apologizes") * (0.3 + likeness(heard, turn)), default=None)
