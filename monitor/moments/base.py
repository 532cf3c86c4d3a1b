"""What all kinds of moments have in common: an opening, the response to it, and the verdict.

Two shapes of kinds are enough for the whole catalogue:

- `WindowKind`: the opening is in one turn (or sound), the agent may meet it in a window of turns and seconds after it.
- `TurnKind`: opening and response are in the same turn; what the other side says next is evidence, too.

Every probability here comes from a grader (see `graders`); the rest is the bookkeeping of MOMENTS's conventions.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from monitor.moments.graders import Features, KindGraders
from monitor.moments.scene import Heard, Scene
from monitor.records import Moment, Response, Severity, Verdict
from monitor.rules import KindRule

_QUOTE_CHARACTERS = 180
_ODDS_LIMIT = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A moment that has just been found or revised; a later finding with the same `id` replaces this one."""

    id: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class Answer:
    """An agent turn after an opening, seen as a response to it."""

    heard: Heard
    in_window: bool
    features: Features
    probability: float


@dataclass(slots=True)
class Opening:
    """An opportunity, and what has come of it so far."""

    id: str
    turn: Heard | None
    start_s: float
    end_s: float
    quote: str
    features: Features
    probability: float
    """That this is an opening of its own, not the continuation of one that is still open."""
    anchor_s: float = 0.0
    """From when the window's seconds count."""
    unmet: float = 1.0
    """Probability that no turn has met it yet."""
    answers: list[Answer] = field(default_factory=list)
    closed: bool = False
    found: Verdict | None = None


Observer = Callable[[str, Opening], None]
"""Told of every settled candidate, flagged or not, with its features: this is how training sees them."""


class Kind:
    """One kind of moment: hears every full turn in order and returns what it finds."""

    name: ClassVar[str]

    def __init__(self, rule: KindRule, graders: KindGraders, observe: Observer | None = None) -> None:
        self.rule = rule
        self.graders = graders
        self.observe = observe

    def hear(self, scene: Scene, heard: Heard) -> Iterator[Finding]:
        """Listens to a full turn that has just been added to the scene."""
        raise NotImplementedError

    def close(self, scene: Scene) -> Iterator[Finding]:
        """Settles what is still open when the call ends."""
        raise NotImplementedError

    def severity(self, scene: Scene, heard: Heard | None) -> Severity:
        """How grave it is; the same for all moments of most kinds."""
        return self.rule.severity

    def _settle(self, opening: Opening) -> None:
        opening.closed = True
        if self.observe:
            self.observe(self.name, opening)


class WindowKind(Kind):
    """An opening that the agent may meet in a window of turns and seconds after it."""

    by_agent: ClassVar[bool] = False
    """Whether it is the agent who opens (a refusal) and not the customer."""
    own_turn: ClassVar[bool] = False
    """Whether the opening turn itself may meet it, and carries the flag if nothing does."""

    def __init__(self, rule: KindRule, graders: KindGraders, observe: Observer | None = None) -> None:
        super().__init__(rule, graders, observe)
        self.openings: list[Opening] = []

    def opening(self, scene: Scene, heard: Heard) -> Features | None:
        """Evidence that this turn is an opening; None if it cannot be one."""
        raise NotImplementedError

    def response(self, scene: Scene, opening: Opening, heard: Heard) -> Features:
        """Evidence that this agent turn meets the opening."""
        raise NotImplementedError

    def why(self, opening: Opening, verdict: Verdict, turn: Heard) -> str:
        """One sentence for the reviewer: what was voiced and what came."""
        raise NotImplementedError

    def hear(self, scene: Scene, heard: Heard) -> Iterator[Finding]:
        for opening in self.openings:
            if not self._window_open(opening, heard.turn.start_s):
                yield from self._close_window(scene, opening)
            if heard.agent and self._after(opening, heard):
                yield from self._answer(scene, opening, heard)
        if heard.agent == self.by_agent:
            features = self.opening(scene, heard)
            if features is not None:
                yield from self._open(scene, self._opening_of(heard, features))
        self.openings = [opening for opening in self.openings if not self._done(opening)]

    def close(self, scene: Scene) -> Iterator[Finding]:
        for opening in self.openings:
            yield from self._close_window(scene, opening)
        self.openings.clear()

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
        features = self.response(scene, opening, heard)
        grader = self.graders.response
        met = grader.probability(features) if grader else 0.0
        opening.answers.append(Answer(heard, in_window, features, met))
        if opening.found in ("handled", "late"):
            return
        confidence = opening.probability * opening.unmet * met
        opening.unmet *= 1.0 - met
        if confidence >= self.rule.handled_at:
            opening.found = "handled" if in_window else "late"
            yield self._finding(scene, opening, opening.found, heard, confidence)
        if in_window and not self._window_open(opening, heard.turn.end_s):
            yield from self._close_window(scene, opening)

    def _close_window(self, scene: Scene, opening: Opening) -> Iterator[Finding]:
        if opening.closed:
            return
        self._settle(opening)
        flagged = opening.answers[0].heard if opening.answers else None
        confidence = opening.probability * opening.unmet
        if opening.found is None and flagged is not None and confidence >= self.rule.missed_at:
            opening.found = "missed"
            yield self._finding(scene, opening, "missed", flagged, confidence)

    def _done(self, opening: Opening) -> bool:
        """No longer worth following: met, never real, too old, or voiced anew since."""
        if not opening.closed:
            return False
        late = self._turns_heard(opening) - self.rule.window_turns
        voiced_anew = any(o.start_s > opening.start_s and o.probability >= 0.5 for o in self.openings)
        return opening.found in ("handled", "late") or late >= self.rule.late_turns or voiced_anew

    def _finding(self, scene: Scene, opening: Opening, verdict: Verdict, turn: Heard, confidence: float) -> Finding:
        met = verdict != "missed"
        return Finding(
            opening.id,
            moment(
                self.name,
                verdict,
                self.severity(scene, opening.turn),
                turn=turn,
                span=(opening.start_s, max(opening.end_s, turn.turn.end_s)),
                confidence=confidence,
                quote=opening.quote,
                why=self.why(opening, verdict, turn),
                opening_turn=opening.turn.index if opening.turn else None,
                latency_s=max(0.0, turn.turn.start_s - opening.anchor_s) if met else None,
            ),
        )


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

    def candidate(self, scene: Scene, heard: Heard) -> bool:
        """Whether this turn is worth grading at all."""
        raise NotImplementedError

    def opening(self, scene: Scene, heard: Heard, reaction: Heard | None) -> Features:
        """Evidence that there is an opening in this turn; `reaction` is the other side's next full turn."""
        raise NotImplementedError

    def response(self, scene: Scene, heard: Heard) -> Features:
        """Evidence that the same turn (or what stood just before it) meets the opening."""
        return {}

    def why(self, scene: Scene, heard: Heard, verdict: Verdict) -> str:
        """One sentence for the reviewer: what was done, and what met it or did not."""
        raise NotImplementedError

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
        features = self.opening(scene, heard, reaction)
        answer = self.response(scene, heard)
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
            answers=[Answer(heard, True, answer, met)],
        )
        self._settle(opening)
        verdict: Verdict = "handled" if met >= 0.5 else "missed"
        confidence = opened * (met if verdict == "handled" else 1.0 - met)
        threshold = self.rule.handled_at if verdict == "handled" else self.rule.missed_at
        if confidence < threshold or not self._counts(verdict):
            return
        yield Finding(
            opening.id,
            moment(
                self.name,
                verdict,
                self.severity(scene, heard),
                turn=heard,
                span=(heard.turn.start_s, heard.turn.end_s),
                confidence=confidence,
                quote=opening.quote,
                why=self.why(scene, heard, verdict),
                opening_turn=heard.index,
                latency_s=0.0 if verdict == "handled" else None,
            ),
        )

    def _met_without_grader(self) -> float:
        return 0.0

    def _counts(self, verdict: Verdict) -> bool:
        if not self.once:
            return True
        first = verdict not in self.counted
        self.counted.add(verdict)
        return first


def moment(
    kind: str,
    verdict: Verdict,
    severity: Severity,
    *,
    turn: Heard,
    span: tuple[float, float],
    confidence: float,
    quote: str,
    why: str,
    opening_turn: int | None,
    latency_s: float | None,
) -> Moment:
    """The record of a moment."""
    return Moment(
        kind=kind,
        verdict=verdict,
        severity=severity,
        turn=turn.index,
        start_s=span[0],
        end_s=span[1],
        confidence=round(min(1.0, confidence), 4),
        quote=quote,
        why=why,
        opening_turn=opening_turn,
        response=None if latency_s is None else Response(turn=turn.index, latency_s=round(latency_s, 3)),
    )


def odds(probability: float) -> float:
    """Log-odds of a probability, scaled to -1 .. 1, so that sure and nearly sure can be told apart by a linear grader."""
    limited = min(1 - 1e-6, max(1e-6, probability))
    return max(-1.0, min(1.0, math.log(limited / (1 - limited)) / _ODDS_LIMIT))


def quote(heard: Heard) -> str:
    """The words of a turn, cut to a readable length."""
    text = heard.turn.text
    return text if len(text) <= _QUOTE_CHARACTERS else text[: _QUOTE_CHARACTERS - 1].rstrip() + "…"


def clock(time_s: float) -> str:
    """A time as people write it: 0:12, 1:02:03."""
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def story(opening: str, verdict: Verdict, turn: Heard, *, missed: str, met: str) -> str:
    """One sentence for the reviewer: the opening, and what came of it and when."""
    if verdict == "missed":
        return f"{opening}; {missed}."
    late = ", too late" if verdict == "late" else ""
    return f"{opening}; {met} at {clock(turn.turn.start_s)}{late}."
