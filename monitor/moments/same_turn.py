"""Kinds whose opening and response are in the same turn; the other side's reaction is evidence, too."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from monitor.moments.base import Answer, Finding, Kind, Observer, Opening, quote
from monitor.moments.graders import Features, KindGraders
from monitor.moments.scene import Heard, Scene
from monitor.records import Verdict
from monitor.rules import KindRule


class TurnKind(Kind):
    """Opening and response in the same turn, judged once the other side has reacted to it."""

    by_agent: ClassVar[bool | None] = True
    """Whose turns are looked at; None: both sides'."""
    once: ClassVar[bool] = False
    """Whether it is counted once a call."""

    def __init__(self, rule: KindRule, graders: KindGraders, observe: Observer | None = None) -> None:
        super().__init__(rule, graders, observe)
        self.waiting: list[Heard] = []
        self.counted: set[Verdict] = set()

    @abstractmethod
    def candidate(self, scene: Scene, heard: Heard) -> bool:
        """Whether this turn is worth grading at all."""

    @abstractmethod
    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        """Evidence that there is an opening in this turn; `reaction` is the other side's next full turn."""

    def response(self, scene: Scene, heard: Heard) -> Features:
        """Evidence that the same turn (or what stood just before it) meets the opening."""
        return {}

    @abstractmethod
    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        """One sentence for the reviewer: what was done, and what met it or did not."""

    def hear(self, scene: Scene, heard: Heard) -> Iterator[Finding]:
        settled = [turn for turn in self.waiting if turn.agent != heard.agent or heard.index - turn.index > 3]
        for turn in settled:
            self.waiting.remove(turn)
            yield from self._judge(scene, turn, heard if turn.agent != heard.agent else None)
        if self.by_agent in (None, heard.agent) and self.candidate(scene, heard):
            self.waiting.append(heard)

    def close(self, scene: Scene) -> Iterator[Finding]:
        for turn in self.waiting:
            yield from self._judge(scene, turn, None)
        self.waiting.clear()

    def _judge(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Iterator[Finding]:
        hints = self._hints(scene, heard, "missed", "handled", reaction=reaction)
        features = {**self.opening(scene, heard, reaction), **hints}
        answer = {**self.response(scene, heard), **hints}
        opened = self.graders.opening.probability(features)
        met = self.graders.response.probability(answer) if self.graders.response else self._met_without_grader()
        opening = Opening(
            id=f"{self.name}:{heard.index}",
            turn=heard,
            start_s=heard.turn.start_s,
            end_s=heard.turn.end_s,
            quote=quote(heard),
            features=features,
            probability=opened,
            anchor_s=heard.turn.start_s,
            answers=[Answer(heard, True, answer, met)],
        )
        self._settle(opening)
        verdict: Verdict = "handled" if met >= 0.5 else "missed"
        confidence = opened * (met if verdict == "handled" else 1.0 - met)
        threshold = self.rule.handled_at if verdict == "handled" else self.rule.missed_at
        if confidence < threshold or not self._counts(verdict):
            return
        yield self._finding(scene, opening, verdict, heard, confidence, self.why(scene, heard, verdict))

    def _met_without_grader(self) -> float:
        return 0.0

    def _counts(self, verdict: Verdict) -> bool:
        if not self.once:
            return True
        first = verdict not in self.counted
        self.counted.add(verdict)
        return first
