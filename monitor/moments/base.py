"""What all kinds of moments have in common: an opening, the response to it, and the verdict.

Two shapes of kinds are enough for the whole catalogue:

- `WindowKind`: the opening is in one turn (or sound), the agent may meet it in a window of turns and seconds after it.
- `TurnKind`: opening and response are in the same turn; what the other side says next is evidence, too.

Every probability here comes from a grader (see `graders`); the rest is the bookkeeping of MOMENTS's conventions.
"""

import math
from abc import ABC, abstractmethod
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


class Kind(ABC):
    """One kind of moment: hears every full turn in order and returns what it finds."""

    name: ClassVar[str]

    def __init__(self, rule: KindRule, graders: KindGraders, observe: Observer | None = None) -> None:
        self.rule = rule
        self.graders = graders
        self.observe = observe

    @abstractmethod
    def hear(self, scene: Scene, heard: Heard) -> Iterator[Finding]:
        """Listens to a full turn that has just been added to the scene."""

    @abstractmethod
    def close(self, scene: Scene) -> Iterator[Finding]:
        """Settles what is still open when the call ends."""

    def severity(self, scene: Scene, heard: Heard | None) -> Severity:
        """How grave it is; the same for all moments of most kinds."""
        return self.rule.severity

    def _hints(self, scene: Scene, heard: Heard, *parts: str, reaction: Heard | None = None) -> Features:
        """What the meaning of the turns says directly about these parts of the kind."""
        return {f"hint_{part}": scene.hint(f"{self.name}.{part}", heard, reaction) for part in parts}

    def _settle(self, opening: Opening) -> None:
        opening.closed = True
        if self.observe:
            self.observe(self.name, opening)

    def _finding(
        self, scene: Scene, opening: Opening, verdict: Verdict, turn: Heard, confidence: float, why: str
    ) -> Finding:
        """The record of what came of an opening; `turn` carries the flag."""
        met = verdict != "missed"
        latency_s = round(max(0.0, turn.turn.start_s - opening.anchor_s), 3)
        return Finding(
            opening.id,
            Moment(
                kind=self.name,
                verdict=verdict,
                severity=self.severity(scene, opening.turn),
                turn=turn.index,
                start_s=opening.start_s,
                end_s=max(opening.end_s, turn.turn.end_s),
                confidence=round(min(1.0, confidence), 4),
                quote=opening.quote,
                why=why,
                opening_turn=opening.turn.index if opening.turn else None,
                response=Response(turn=turn.index, latency_s=latency_s) if met else None,
            ),
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
