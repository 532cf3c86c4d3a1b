"""A silence, or a second "one moment" without news; what and how long before, thanks and the news after, meet it."""

from typing import ClassVar

from monitor.moments.base import odds
from monitor.moments.graders import Features
from monitor.moments.same_turn import TurnKind
from monitor.moments.scene import Heard, Scene, acts_of
from monitor.records import Verdict

_HOLD_AGAIN_FROM = 0.1


class UnexplainedHold(TurnKind):
    """Please wait, I'm checking, and nobody knows what is happening."""

    name: ClassVar[str] = "unexplained_hold"
    by_agent: ClassVar[bool | None] = None

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        if heard.index == 0:
            return False
        if scene.silence_before_s(heard) >= self.rule.silence_s:
            return True
        return (
            heard.agent
            and heard.act("asks_to_hold") >= _HOLD_AGAIN_FROM
            and self._held(scene, heard) >= _HOLD_AGAIN_FROM
        )

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        lately = list(scene.earlier(heard, agent=True, limit=2))
        agent = lately[0] if lately else None
        customer = scene.previous(heard, agent=False)
        silence = scene.silence_before_s(heard)
        return {
            "silent": float(silence >= self.rule.silence_s),
            "silence": min(60.0, max(0.0, silence)) / 60.0,
            "by_agent": float(heard.agent),
            "held_again": heard.act("asks_to_hold") * self._held(scene, heard) if heard.agent else 0.0,
            "agent_last": float(bool(agent and (not customer or agent.index > customer.index))),
            # An offer to wait stands over a short turn after it.
            "agent_offers_time": max((turn.act("offers_time", "notices_background") for turn in lately), default=0.0),
            **acts_of(agent, "asks_to_hold", "announces_hold", "instructs", "asks_fact", prefix="agent_"),
            **acts_of(agent, "gives_information", prefix="agent_"),
            **acts_of(customer, "asks_to_wait", "confirms", "voices_distress", "gives_information", prefix="customer_"),
            **acts_of(heard, "returns_with_news", "asks_to_hold", "confirms", "gives_information", "asks_question"),
        }

    def response(self, scene: Scene, heard: Heard) -> Features:
        agent = list(scene.earlier(heard, agent=True, limit=2))
        announced = max((turn.act("announces_hold") for turn in agent), default=0.0)
        return {
            "announced": announced,
            "announced_odds": odds(announced),
            "bare": max((turn.act("asks_to_hold") for turn in agent), default=0.0),
            "news_odds": odds(heard.act("returns_with_news")),
            "by_agent": float(heard.agent),
            **acts_of(heard, "returns_with_news", "asks_to_hold", "apologizes", "asks_question"),
        }

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        silence = scene.silence_before_s(heard)
        what = f"{silence:.0f} s of silence" if silence >= self.rule.silence_s else 'A second "one moment"'
        if verdict == "handled":
            return f"{what}, announced beforehand and ended with the news."
        return f"{what}, without a word of what was being done, how long it would take, or what came of it."

    def _held(self, scene: Scene, heard: Heard) -> float:
        """Whether the agent had just asked the customer to hold."""
        return max((turn.act("asks_to_hold") for turn in scene.earlier(heard, agent=True, limit=2)), default=0.0)
