"""Hints: what the meaning of a turn, of the one before it and of the reaction to it says about a kind directly.

A linear head for each kind and part ("opening", "missed", "handled") over the three vectors; its score is one feature
among the others that a grader weighs. The heads are ridge regressions fitted by `training/moments.py`.
"""

from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

BEFORE_WEIGHT = 0.7
REACTION_WEIGHT = 0.7
"""How much the turns around count beside the turn itself."""
NO_PARTS: Vector = np.zeros((3, 0), np.float32)


class Hints(Protocol):
    """Scores how much a turn looks like a part of a kind of moment."""

    def parts(self, vector: Vector) -> Vector:
        """What a turn adds to every head's score as the turn before, as the turn itself and as the reaction, shape (3, n_heads)."""
        ...

    def score(self, head: str, own: Vector, before: Vector | None, reaction: Vector | None) -> float:
        """About 0 where it does not, about 1 where it does; 0 for a head that does not exist.

        Args:
            head: "KIND.PART".
            own, before, reaction: the parts of the turn, the turn before it and the reaction to it; None where there is none.
        """
        ...


class LinearHints:
    """Heads as rows of one matrix.

    Args:
        names: "KIND.PART" of each head; of two heads of one name the latter speaks.
        weights: shape (n_heads, 3 * dimension).
        biases: shape (n_heads,).
    """

    def __init__(self, names: list[str], weights: NDArray[np.floating], biases: NDArray[np.floating]) -> None:
        self.names = names
        self.weights = np.ascontiguousarray(weights, dtype=np.float32)
        self.biases = biases
        self.rows = {name: row for row, name in enumerate(names)}

    def parts(self, vector: Vector) -> Vector:
        """The scores are linear, so that each turn's share in them is worked out once and the turn's meaning can be let go."""
        if vector.shape[0] * 3 != self.weights.shape[1]:
            return NO_PARTS
        return (self._by_place @ vector).reshape(3, -1)

    def score(self, head: str, own: Vector, before: Vector | None, reaction: Vector | None) -> float:
        """The score of one head; 0 where the meaning of the turn is not known."""
        row = self.rows.get(head)
        if row is None or row >= own.shape[1]:
            return 0.0
        score = float(own[1, row]) + float(self.biases[row])
        if before is not None:
            score += float(before[0, row])
        return score if reaction is None else score + float(reaction[2, row])

    @cached_property
    def _by_place(self) -> Vector:
        """The weights of the turn before, of the turn itself and of the reaction under each other, shape (3 * n_heads, dimension)."""
        places = self.weights.reshape(len(self.weights), 3, -1).transpose(1, 0, 2)
        counts = np.array([BEFORE_WEIGHT, 1.0, REACTION_WEIGHT], np.float32)
        return np.ascontiguousarray((places * counts[:, None, None]).reshape(-1, places.shape[2]))


class NoHints:
    """Knows nothing: for readers without vectors."""

    def parts(self, vector: Vector) -> Vector:
        """None."""
        return NO_PARTS

    def score(self, head: str, own: Vector, before: Vector | None, reaction: Vector | None) -> float:
        """Always 0."""
        return 0.0


def around(vector: Vector, before: Vector | None, reaction: Vector | None) -> Vector:
    """The three vectors as one, shape (3 * dimension,); zeros where there is no turn."""
    nothing = np.zeros_like(vector)
    return np.concatenate(
        [
            nothing if before is None else BEFORE_WEIGHT * before,
            vector,
            nothing if reaction is None else REACTION_WEIGHT * reaction,
        ]
    )


@lru_cache(maxsize=1)
def shipped_hints() -> LinearHints:
    """The heads that come with the package."""
    with files(__package__).joinpath("hints.npz").open("rb") as file, np.load(file) as arrays:
        return LinearHints([str(name) for name in arrays["names"]], arrays["weights"], arrays["biases"])
