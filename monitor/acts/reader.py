"""Reads the acts of a turn: what its sentences do, in any language that the encoder knows."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.facts import Turn
from monitor.acts.features import turn_features
from monitor.acts.heads import Heads
from monitor.ports import SentenceEncoder
from monitor.sentences import split_sentences

WEIGHTS = Path(__file__).with_name("heads.npz")


class ActReader:
    """Probabilities of the acts of each turn, from the turn and what came before it.

    Args:
        encoder: gives the meaning of a sentence.
        language: ISO 639-1 of the call, for splitting sentences.
        heads: trained weights; those of the package by default.
    """

    def __init__(self, encoder: SentenceEncoder, *, language: str | None = None, heads: Heads | None = None) -> None:
        self.encoder = encoder
        self.language = language
        self._heads = heads or Heads.load(WEIGHTS)

    @property
    def name(self) -> str:
        """Encoder and weights, for the provenance of a report."""
        return f"acts-{self._heads.version} on {self.encoder.name}"

    def read(self, turn: Turn, before: Sequence[Turn]) -> dict[str, float]:
        """Calibrated probability of every act open to the turn's speaker ("agent" or "customer").

        Args:
            turn: the turn to read.
            before: the turns heard earlier in the call, oldest first; nothing later is looked at.
        """
        if not turn.text.strip():
            return dict.fromkeys(self._heads.acts(turn.speaker), 0.0)
        return self._heads.probabilities(turn.speaker, self.features(turn, before))

    def features(self, turn: Turn, before: Sequence[Turn]) -> NDArray[np.float32]:
        """What the heads see of a turn, shape (n_features,)."""
        return turn_features(turn, before, self.encoder, self.language)

    def sentences(self, text: str) -> list[str]:
        """The sentences of a turn."""
        return split_sentences(text, self.language)

    def vectors(self, text: str) -> NDArray[np.float32]:
        """Unit vectors of the sentences of a turn, shape (n_sentences, encoder.dimension)."""
        return self.encoder.encode(self.sentences(text))

    def prefetch(self, texts: Iterable[str]) -> None:
        """Encodes the turns of a recording ahead, so that reading them later costs next to nothing."""
        for text in texts:
            self.encoder.encode([text, *self.sentences(text)])
