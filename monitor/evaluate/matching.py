"""Which found moment is which labelled one: same kind and verdict, at most one turn away, each counted once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

FURTHEST = 1
"""Turns between a labelled moment and a found one that still are the same."""


class Flag(Protocol):
    """A labelled or a found moment."""

    @property
    def kind(self) -> str: ...

    @property
    def verdict(self) -> str: ...

    @property
    def turn(self) -> int | None: ...


True_ = TypeVar("True_", bound=Flag)
Found = TypeVar("Found", bound=Flag)


def match(true: Iterable[True_], found: Iterable[Found]) -> list[tuple[True_, Found]]:
    """Pairs of labelled and found moments, as many as there can be.

    Along the turns each labelled moment takes the earliest free one within reach. All reach equally far, so that no
    other choice makes more pairs.
    """
    free: dict[tuple[str, str], list[tuple[int, Found]]] = defaultdict(list)
    for moment in found:
        if moment.turn is not None:
            free[moment.kind, moment.verdict].append((moment.turn, moment))
    for queue in free.values():
        queue.sort(key=lambda entry: entry[0])
    pairs = []
    for label in sorted(true, key=_turn):
        queue = free[label.kind, label.verdict]
        while queue and queue[0][0] < _turn(label) - FURTHEST:
            queue.pop(0)
        if queue and queue[0][0] <= _turn(label) + FURTHEST:
            pairs.append((label, queue.pop(0)[1]))
    return pairs


def unmatched(true: Sequence[True_], found: Sequence[Found]) -> tuple[list[True_], list[Found]]:
    """Labelled moments that were overlooked, and found ones that are false alarms."""
    pairs = match(true, found)
    seen, used = {id(label) for label, _ in pairs}, {id(moment) for _, moment in pairs}
    return [label for label in true if id(label) not in seen], [m for m in found if id(m) not in used]


def _turn(flag: Flag) -> int:
    return -1 if flag.turn is None else flag.turn
