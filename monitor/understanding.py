"""What the models make of a turn: all that the judging looks at beside the turn itself.

It is rounded here, once: a call that is judged live, from its recording, or again from what the store kept of it comes
out the same to the last digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.facts import Turn
from monitor.moments.hints import Hints
from monitor.moments.scene import is_backchannel
from monitor.summary import worth_of

Vectors = NDArray[np.float32]

STEP = 1 / 256
"""Components of sentence vectors are rounded to multiples of this (larger ones to coarser steps): it moves the cosine of two sentences by some 0.001."""
_MOST_STEPS = 127


class Reader(Protocol):
    """Reads what a turn does, and what its sentences mean."""

    def read(self, turn: Turn, before: Sequence[Turn]) -> dict[str, float]:
        """Probability of every act, 0 to 1, from the turn and the turns before it."""
        ...

    def vectors(self, text: str) -> NDArray[np.float32]:
        """Unit vectors of the sentences of a text, shape (n_sentences, dimension)."""
        ...

    def turn_vector(self, turn: Turn) -> NDArray[np.float32]:
        """Meaning of the turn that was read last, in the call so far, shape (turn_dimension,)."""
        ...

    def meanings(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of single sentences, comparable with those of `vectors`, shape (len(sentences), dimension)."""
        ...


@dataclass(frozen=True, slots=True)
class Rounded:
    """Vectors as whole numbers of steps; each row has a step of its own."""

    steps: NDArray[np.int8]
    """Shape (n, dimension)."""
    sizes: Vectors
    """The step of each row, shape (n,)."""

    @classmethod
    def of(cls, vectors: Vectors) -> "Rounded":
        """Vectors of shape (n, dimension), rounded."""
        most = np.abs(vectors).max(axis=1, initial=0.0)
        # Powers of two, so that what has been rounded stays as it is when it is rounded again.
        doublings = np.ceil(np.log2(np.maximum(most / (_MOST_STEPS * STEP), 1.0)))
        sizes = (STEP * np.exp2(doublings)).astype(np.float32)
        return cls(np.rint(vectors / sizes[:, None]).astype(np.int8), sizes)

    @property
    def vectors(self) -> Vectors:
        """The vectors that the steps stand for, shape (n, dimension)."""
        return self.steps * self.sizes[:, None]


@dataclass(frozen=True, slots=True)
class Understood:
    """One turn as the models understood it."""

    acts: dict[str, float]
    """Probability of every act, 0 to 1."""
    vectors: Vectors
    """Meaning of each of its sentences, shape (n_sentences, dimension)."""
    hints: Vectors
    """What its meaning adds to the hints, shape (3, n_heads)."""
    worth: Vectors
    """What its meaning says of the contact's value, shape (2, n_answers)."""
    backchannel: bool
    vector: Vectors = field(default_factory=lambda: np.zeros(0, np.float32))
    """Its meaning as a whole, shape (turn_dimension,); not kept, since hints and worth are all that is read from it."""


def understand(turn: Turn, before: Sequence[Turn], reader: Reader, hints: Hints) -> Understood:
    """What the models make of the next turn of a call."""
    acts = rounded_acts(reader.read(turn, before))
    vector = reader.turn_vector(turn)
    return Understood(
        acts=acts,
        vectors=Rounded.of(reader.vectors(turn.text)).vectors,
        hints=hints.parts(vector).astype(np.float16).astype(np.float32),
        worth=worth_of(vector),
        backchannel=is_backchannel(turn, acts),
        vector=vector,
    )


def rounded_acts(acts: Mapping[str, float]) -> dict[str, float]:
    """The probabilities in single precision."""
    return dict(zip(acts, np.fromiter(acts.values(), np.float32, len(acts)).tolist(), strict=True))
