"""What the act heads see of a turn: its meaning, the turn that it answers, and a few cues that hold in any language."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audio.facts import Turn
from monitor.ports import SentenceEncoder
from monitor.sentences import split_sentences

Vector = NDArray[np.float32]

CONTEXT_WEIGHT = 0.5
"""The turn answered counts half as much as the turn itself (cross-validated)."""


def turn_features(turn: Turn, before: Sequence[Turn], encoder: SentenceEncoder, language: str | None) -> Vector:
    """Features of one turn, shape (3 * encoder.dimension + 5,).

    Args:
        turn: the turn to read, its speaker "agent" or "customer".
        before: the turns heard before it, oldest first.
        encoder: gives the meaning of a sentence.
        language: ISO 639-1, for splitting sentences.
    """
    sentences = split_sentences(turn.text, language) or [turn.text]
    answered = next((earlier.text for earlier in reversed(before) if earlier.speaker != turn.speaker), None)
    whole = encoder.encode([turn.text])[0]
    parts = encoder.encode(sentences).mean(axis=0)
    context = np.zeros_like(whole) if answered is None else CONTEXT_WEIGHT * encoder.encode([answered])[0]
    return np.concatenate([whole, parts, context, _cues(turn, len(before), len(sentences))])


def _cues(turn: Turn, position: int, n_sentences: int) -> Vector:
    return np.array(
        [
            "?" in turn.text or "？" in turn.text,
            np.log1p(len(turn.text)) / 5,
            any(character.isdigit() for character in turn.text),
            position < 2,
            np.log1p(n_sentences),
        ],
        dtype=np.float32,
    )
