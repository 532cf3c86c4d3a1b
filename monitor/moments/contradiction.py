"""The agent tells customers that they are wrong, or blames them; a face-saving frame in the same turn meets it."""

from typing import ClassVar

from monitor.moments.base import clock, odds
from monitor.moments.graders import Features
from monitor.moments.same_turn import TurnKind
from monitor.moments.scene import Heard, Scene, acts_of
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02


class Contradiction(TurnKind):
    """Do not try to win the argument."""

    name: ClassVar[str] = "contradiction"

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        return heard.act("contradicts", "blames") >= _CANDIDATE_FROM

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        before = scene.previous(heard, agent=False)
        return {
            "contradicts_odds": odds(heard.act("contradicts")),
            "blames_odds": odds(heard.act("blames")),
            "level_before": before.level if before else 0.0,
            "reaction_level": reaction.level if reaction else scene.level,
            **acts_of(heard, "contradicts", "blames", "saves_face", "cites_policy", "explains_cause", "asks_fact"),
            **acts_of(heard, "acknowledges_feeling"),
            **acts_of(reaction, "rejects", "voices_frustration", "confirms", "already_done", prefix="reaction_"),
        }

    def response(self, scene: Scene, heard: Heard) -> Features:
        return {
            "face_odds": odds(heard.act("saves_face")),
            "long": min(1.0, heard.turn.duration_s / 15.0),
            **acts_of(heard, "saves_face", "acknowledges_feeling", "apologizes", "blames", "explains_cause"),
        }

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        before = scene.previous(heard, agent=False)
        said = f"what the customer had said ({clock(before.turn.start_s)})" if before else "the customer"
        if verdict == "handled":
            return f"The agent corrected {said} in a way that saves face."
        return f"The agent argued with {said} or laid the blame there, without a face-saving word."
