"""Kinds whose opening the agent may meet in a window of turns and seconds after it."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from monitor.moments.base import Answer, Finding, Kind, Observer, Opening, quote
from monitor.moments.graders import Features, KindGraders
from monitor.moments.scene import Heard, Scene
from monitor.records import Verdict
from monitor.rules import KindRule

MOST_OPENINGS = 50
"""How many openings are followed at a time. While nobody answers, each one after the first is the likelier its mere
continuation (convention 3); a recording of the customer alone would otherwise gather them for hours."""


class WindowKind(Kind):
    """An opening that the agent may meet in a window of turns and seconds after it."""

    by_agent: ClassVar[bool] = False
    """Whether it is the agent who opens (a refusal) and not the customer."""
    own_turn: ClassVar[bool] = False
    """Whether the opening turn itself may meet it, and carries the flag if nothing does."""

    def __init__(self, rule: KindRule, graders: KindGraders, observe: Observer | None = None) -> None:
        super().__init__(rule, graders, observe)
        self.openings: list[Opening] = []

    @abstractmethod
    def opening(self, scene: Scene, heard: Heard) -> Features | None:
        """Evidence that this turn is an opening; None if it cannot be one."""

    @abstractmethod
    def response(self, scene: Scene, opening: Opening, heard: Heard) -> Features:
        """Evidence that this agent turn meets the opening."""

    @abstractmethod
    def why(self, opening: Opening, verdict: Verdict, turn: Heard) -> str:
        """One sentence for the reviewer: what was voiced and what came."""

    def hear(self, scene: Scene, heard: Heard) -> Iterator[Finding]:
        for opening in self.openings:
            yield from self._follow(scene, opening, heard)
        if heard.agent == self.by_agent:
            features = self.opening(scene, heard)
            if features is not None:
                features = {**features, **self._hints(scene, heard, "opening", "missed", "handled")}
                yield from self._open(scene, self._opening_of(heard, features))
        self.openings = [opening for opening in self.openings if not self._done(opening)][:MOST_OPENINGS]

    def close(self, scene: Scene) -> Iterator[Finding]:
        for opening in self.openings:
            yield from self._close_window(scene, opening)
        self.openings.clear()

    def _follow(self, scene: Scene, opening: Opening, heard: Heard) -> Iterator[Finding]:
        """What a turn after an opening changes about it."""
        if not self._window_open(opening, heard.turn.start_s):
            yield from self._close_window(scene, opening)
        if heard.agent and self._after(opening, heard):
            yield from self._answer(scene, opening, heard)

    def _opening_of(self, heard: Heard, features: Features) -> Opening:
        return Opening(
            id=f"{self.name}:{heard.index}",
            turn=heard,
            start_s=heard.turn.start_s,
            end_s=heard.turn.end_s,
            quote=quote(heard),
            features=features,
            probability=self.graders.opening.probability(features),
            anchor_s=heard.turn.end_s,
        )

    def _open(self, scene: Scene, opening: Opening) -> Iterator[Finding]:
        """Starts to follow an opening; what continues one that is still open is no opening of its own (convention 3)."""
        pending = sum(o.probability * o.unmet for o in self.openings if self._window_open(o, opening.start_s))
        opening.probability *= max(0.0, 1.0 - pending)
        self.openings.append(opening)
        if self.own_turn and opening.turn is not None:
            yield from self._answer(scene, opening, opening.turn)

    def _after(self, opening: Opening, heard: Heard) -> bool:
        if opening.turn is None:
            return heard.turn.start_s >= opening.anchor_s
        return heard.index > opening.turn.index and heard.turn.end_s > opening.end_s

    def _turns_heard(self, opening: Opening) -> int:
        return len(opening.answers) - (1 if self.own_turn else 0)

    def _window_open(self, opening: Opening, time_s: float) -> bool:
        """Convention 14: closed by either limit, but never before the first full agent turn after the opening."""
        if opening.closed:
            return False
        turns = self._turns_heard(opening)
        return turns < 1 or (turns < self.rule.window_turns and time_s - opening.anchor_s <= self.rule.window_s)

    def _answer(self, scene: Scene, opening: Opening, heard: Heard) -> Iterator[Finding]:
        in_window = not opening.closed
        features = {**self.response(scene, opening, heard), **self._hints(scene, heard, "missed", "handled")}
        met = self.graders.response.probability(features) if self.graders.response else 0.0
        opening.answers.append(Answer(heard, in_window, features, met))
        if opening.found in ("handled", "late"):
            return
        if met >= 0.5:
            yield from self._meet(scene, opening, opening.answers[-1], opening.unmet * met)
        opening.unmet *= 1.0 - met
        if in_window and not self._window_open(opening, heard.turn.end_s):
            yield from self._close_window(scene, opening)

    def _meet(self, scene: Scene, opening: Opening, answer: Answer, met: float) -> Iterator[Finding]:
        confidence = opening.probability * met
        if confidence >= self.rule.handled_at:
            opening.found = "handled" if answer.in_window else "late"
            why = self.why(opening, opening.found, answer.heard)
            yield self._finding(scene, opening, opening.found, answer.heard, confidence, why)

    def _close_window(self, scene: Scene, opening: Opening) -> Iterator[Finding]:
        """The verdict if no single answer has clearly met it: the likelier of missed and met by several half answers."""
        if opening.closed:
            return
        self._settle(opening)
        if opening.found is not None or not opening.answers:
            return
        confidence = opening.probability * opening.unmet
        if opening.unmet < 0.5:
            best = max(opening.answers, key=lambda answer: answer.probability)
            yield from self._meet(scene, opening, best, 1.0 - opening.unmet)
        elif confidence >= self.rule.missed_at:
            opening.found = "missed"
            flagged = opening.answers[0].heard
            yield self._finding(scene, opening, "missed", flagged, confidence, self.why(opening, "missed", flagged))

    def _done(self, opening: Opening) -> bool:
        """No longer worth following: met, never real, too old, or voiced anew since."""
        if not opening.closed:
            return False
        late = self._turns_heard(opening) - self.rule.window_turns
        voiced_anew = any(o.start_s > opening.start_s and o.probability >= 0.5 for o in self.openings)
        return opening.found in ("handled", "late") or late >= self.rule.late_turns or voiced_anew
