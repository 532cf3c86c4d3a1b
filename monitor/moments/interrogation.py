"""Two or more fact questions in a row after frustration; an acknowledgement before the second meets it."""

from typing import ClassVar

from monitor.moments.base import clock, odds
from monitor.moments.graders import Features
from monitor.moments.same_turn import TurnKind
from monitor.moments.scene import Heard, Scene, acts_of
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02
_LOOKBACK = 5
_ACKNOWLEDGES = ("acknowledges_feeling", "acknowledges_effort", "saves_face")


class Interrogation(TurnKind):
    """The courtroom against the Italian mama."""

    name: ClassVar[str] = "interrogation"

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.flagged_frustration = -1

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        voiced = self._voiced(scene, heard)
        return heard.act("asks_fact") >= _CANDIDATE_FROM and voiced is not None and self._questions(scene, heard) >= 0.8

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        voiced = self._voiced(scene, heard)
        between = self._between(scene, heard)
        questions = self._questions(scene, heard)
        return {
            "voiced_odds": odds(voiced.act("voices_frustration")) if voiced else -1.0,
            "level_voiced": voiced.level if voiced else 0.0,
            "level_now": scene.level,
            "turns_since": len(between) / _LOOKBACK,
            "questions_so_far": min(4.0, questions) / 4.0,
            "is_second": float(1.5 <= questions <= 2.6),
            "asks_odds": odds(heard.act("asks_fact")),
            "asked_before_odds": odds(max((turn.act("asks_fact") for turn in between[:1]), default=0.0)),
            "marks": min(3, _marks(heard.turn.text)) / 3.0,
            "asked_for": self._customer_asks(scene, heard),
            **acts_of(heard, "instructs", "gives_information", "checks_resolution", "offers_time"),
        }

    def response(self, scene: Scene, heard: Heard) -> Features:
        between = [heard, *self._between(scene, heard)]
        return {
            "acknowledged_odds": odds(max(turn.act(*_ACKNOWLEDGES) for turn in between)),
            "felt_odds": odds(max(turn.act("acknowledges_feeling") for turn in between)),
            "apologized": max(turn.act("apologizes") for turn in between),
            "own_turn": heard.act(*_ACKNOWLEDGES),
            "level_now": scene.level,
        }

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        voiced = self._voiced(scene, heard)
        since = f" ({clock(voiced.turn.start_s)})" if voiced else ""
        met = "which had been acknowledged first" if verdict == "handled" else "which nobody had acknowledged"
        return f"A second fact question in a row after the customer's frustration{since}, {met}."

    def _voiced(self, scene: Scene, heard: Heard) -> Heard | None:
        """The customer's turn that most likely voiced frustration, among the latest."""
        recent = list(scene.earlier(heard, agent=False, limit=_LOOKBACK))
        return max(
            recent, key=lambda turn: turn.act("voices_frustration") - 0.02 * (heard.index - turn.index), default=None
        )

    def _between(self, scene: Scene, heard: Heard) -> list[Heard]:
        """The agent's turns since the frustration was voiced, latest first."""
        voiced = self._voiced(scene, heard)
        start = voiced.index if voiced else heard.index
        return [turn for turn in scene.earlier(heard, agent=True, limit=_LOOKBACK) if turn.index > start]

    def _questions(self, scene: Scene, heard: Heard) -> float:
        """Expected number of fact questions since the frustration, this turn's included."""
        turns = [heard, *self._between(scene, heard)]
        return sum(turn.act("asks_fact") * max(1, min(3, _marks(turn.turn.text))) for turn in turns)

    def _customer_asks(self, scene: Scene, heard: Heard) -> float:
        before = scene.previous(heard, agent=False)
        return before.act("confirms", "thanks") if before else 0.0


def _marks(text: str) -> int:
    return sum(text.count(mark) for mark in "?？") or int("呢" in text)
