"""The agent moves to close while the issue is open; a confirmation or a check just before meets it."""

from typing import ClassVar

from monitor.moments.base import odds
from monitor.moments.graders import Features
from monitor.moments.same_turn import TurnKind
from monitor.moments.scene import Heard, Scene, acts_of
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02


class RushedClose(TurnKind):
    """Do not hurry to close."""

    name: ClassVar[str] = "rushed_close"
    once: ClassVar[bool] = True

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        return heard.index > 1 and heard.act("moves_to_close") >= _CANDIDATE_FROM

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        agent = list(scene.earlier(heard, agent=True, limit=4))
        closed_before = max((turn.act("moves_to_close") for turn in agent), default=0.0)
        customer = scene.previous(heard, agent=False)
        return {
            "closes_odds": odds(heard.act("moves_to_close")),
            "closed_before": closed_before,
            "goodbye_answered": closed_before * (customer.act("confirms", "thanks") if customer else 0.0),
            "last": float(reaction is None),
            "level": scene.level,
            **acts_of(heard, "checks_resolution", "asks_fact", "instructs", "asks_to_hold"),
            **acts_of(reaction, "rejects", "voices_frustration", "asks_why", prefix="reaction_"),
        }

    def response(self, scene: Scene, heard: Heard) -> Features:
        customer = list(scene.earlier(heard, agent=False, limit=2))
        last = customer[0] if customer else None
        agent = list(scene.earlier(heard, agent=True, limit=2))
        return {
            "confirmed_odds": odds(last.act("confirms")) if last else -1.0,
            "confirmed_earlier": max((turn.act("confirms") for turn in customer), default=0.0),
            "checked": max((turn.act("checks_resolution") for turn in agent), default=0.0),
            "level": scene.level,
            "low": float(scene.level < 0.3),
            **acts_of(last, "confirms", "thanks", "rejects", "voices_frustration", "asks_question", prefix="last_"),
            **acts_of(last, "asks_why", "gives_information", prefix="last_"),
            **acts_of(heard, "checks_resolution", "refuses", "apologizes", "gives_information"),
        }

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        if verdict == "handled":
            return "The agent closed only after a check or the customer's confirmation."
        return "The agent moved to close before the customer had confirmed that the matter was settled."

    def _counts(self, verdict: Verdict) -> bool:
        """Handled is counted once a call, on the first closing turn; every push to close after an objection is missed anew."""
        first = not self.counted
        self.counted.add(verdict)
        return verdict == "missed" or first
