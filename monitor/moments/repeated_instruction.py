"""The agent asks for what was done, tried or answered before; saying so, or why it is needed again, meets it."""

from typing import ClassVar

from monitor.moments.base import clock, odds
from monitor.moments.graders import Features
from monitor.moments.same_turn import TurnKind
from monitor.moments.scene import Heard, Scene, acts_of, likeness
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02


class RepeatedInstruction(TurnKind):
    """Meaning counts, not wording."""

    name: ClassVar[str] = "repeated_instruction"

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        return heard.index > 0 and heard.act("instructs", "asks_fact", "explains_repeat") >= _CANDIDATE_FROM

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        customer = list(scene.earlier(heard, agent=False))
        agent = list(scene.earlier(heard, agent=True))
        told = max((likeness(heard, turn) for turn in customer), default=0.0)
        done = max((likeness(heard, turn) * turn.act("already_done") for turn in customer), default=0.0)
        asked = max((likeness(heard, turn) * turn.act("instructs", "asks_fact") for turn in agent), default=0.0)
        return {
            "like_told": told,
            "like_done": done,
            "like_asked": asked,
            "done_just_now": max((turn.act("already_done") for turn in customer[:1]), default=0.0),
            "done_before": max((turn.act("already_done") for turn in customer), default=0.0),
            "explains_odds": odds(heard.act("explains_repeat")),
            "reaction_done_odds": odds(reaction.act("already_done")) if reaction else -0.5,
            "reaction_level": reaction.level if reaction else scene.level,
            **acts_of(heard, "instructs", "asks_fact", "explains_repeat", "checks_resolution", "acknowledges_effort"),
            **acts_of(reaction, "already_done", "voices_frustration", "rejects", "confirms", prefix="reaction_"),
            **acts_of(reaction, "gives_information", "repeat_contact", prefix="reaction_"),
        }

    def response(self, scene: Scene, heard: Heard) -> Features:
        return {
            "explains_odds": odds(heard.act("explains_repeat")),
            "long": min(1.0, heard.turn.duration_s / 15.0),
            **acts_of(heard, "explains_repeat", "acknowledges_effort", "acknowledges_feeling", "apologizes"),
        }

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        if verdict == "handled":
            return "The agent asked again for what had been done or said, and gave the reason."
        source = _told(scene, heard)
        if source is None:
            return "The agent asked for what had been done or said before, without a reason."
        who = "The agent had asked for it" if source.agent else "The customer had spoken of it"
        return f"{who} ({clock(source.turn.start_s)}); the agent asked again without a reason."


def _told(scene: Scene, heard: Heard) -> Heard | None:
    """The earlier turn that makes this one a repetition: told by the customer, or asked by the agent."""

    def weight(turn: Heard) -> float:
        acts = turn.act("instructs", "asks_fact") if turn.agent else 0.3 + turn.act("already_done", "gives_information")
        return likeness(heard, turn) * acts

    return max(scene.earlier(heard), key=weight, default=None)
