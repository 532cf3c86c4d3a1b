"""Hints: what the meaning of a turn, of the one before it and of the reaction to it says about a kind directly.

A linear head for each kind and part ("opening", "missed", "handled") over the three vectors; its score is one feature
among the others that a grader weighs. The heads are ridge regressions fitted by `training/moments.py`.
"""

from functools import lru_cache
from importlib.resources import files
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

BEFORE_WEIGHT = 0.7
REACTION_WEIGHT = 0.7
"""How much the turns around count beside the turn itself."""


class Hints(Protocol):
    """Scores how much a turn looks like a part of a kind of moment."""

    def score(self, head: str, vectors: Vector) -> float:
        """About 0 where it does not, about 1 where it does; 0 for a head that does not exist."""
        ...


class LinearHints:
    """Heads as rows of one matrix.

    Args:
        names: "KIND.PART" of each head.
        weights: shape (n_heads, 3 * dimension).
        biases: shape (n_heads,).
    """

    def __init__(self, names: list[str], weights: NDArray[np.floating], biases: NDArray[np.floating]) -> None:
        self.weights = np.ascontiguousarray(weights, dtype=np.float32)
        self.biases = biases
        self.rows = {name: row for row, name in enumerate(names)}

    def score(self, head: str, vectors: Vector) -> float:
        """The score of one head."""
        row = self.rows.get(head)
        if row is None or vectors.shape[0] != self.weights.shape[1]:
            return 0.0
        return float(self.weights[row] @ vectors + self.biases[row])


class NoHints:
    """Knows nothing: for readers without vectors."""

    def score(self, head: str, vectors: Vector) -> float:
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
