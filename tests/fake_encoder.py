"""Scripted stand-ins for the models that understand: the same words always give the same vectors, in no time."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


@lru_cache(maxsize=4_096)
def word_vector(word: str, dimension: int) -> Vector:
    """A random direction that depends on the word alone."""
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)


def text_vector(text: str, dimension: int) -> Vector:
    """Unit vector of a bag of words: texts that share words are alike."""
    total = sum((word_vector(word, dimension) for word in text.casefold().split()), word_vector("", dimension))
    return np.asarray(total / np.linalg.norm(total), np.float32)


class FakeEncoder:
    """A SentenceEncoder that hashes words; counts how often it is asked."""

    name = "fake"
    dimension = 512

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, sentences: Sequence[str]) -> Vector:
        self.encoded += sentences
        if not sentences:
            return np.zeros((0, self.dimension), np.float32)
        return np.stack([text_vector(sentence, self.dimension) for sentence in sentences])


class FakeDialogue:
    """A dialogue model whose state is the turn's words and a fading trace of earlier ones."""

    name = "fake-dialogue"

    def begin(self) -> "FakeCall":
        return FakeCall()


class FakeCall:
    """One call as the fake model reads it along."""

    def __init__(self) -> None:
        self.state = np.zeros(1280, np.float32)
        self.turns: list[str] = []
        self.before: list[Vector] = []

    def unhear(self) -> None:
        self.turns.pop()
        self.state = self.before.pop()

    def hear(self, speaker: str, text: str) -> Vector:
        self.turns.append(text)
        self.before.append(self.state)
        self.state = 0.5 * self.state + text_vector(f"{speaker}: {text}", 1280)
        return self.state
