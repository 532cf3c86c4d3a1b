"""What the heads see of a turn: its meaning in the call, the turns it follows, and cues that hold in any language."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.facts import Turn

Vector = NDArray[np.float32]

# How much each part counts in the ridge regressions (cross-validated by training/acts.py, coarsely).
_DIALOGUE, _DIALOGUE_ANSWERED, _DIALOGUE_OWN = 2.0, 1.25, 0.8
_ANSWERED, _OWN = 0.5, 0.4
_SCORES, _SCORES_ANSWERED = 4.0, 2.0
_SENTENCES, _SENTENCES_ANSWERED = 2.0, 1.0
N_CUES = 5


@dataclass(frozen=True)
class TurnMeaning:
    """One turn as the encoders see it."""

    turn: Turn
    dialogue: Vector
    """Mean and last state of the model that reads along, standardised, norm about 1, shape (1280,)."""
    whole: Vector
    """Sentence vector of the whole turn, shape (512,)."""
    parts: Vector
    """Mean of the vectors of its sentences, shape (512,)."""
    scores: Vector
    """For each act of the speaker's role, how like the bank's examples of it the turn is, shape (n_acts,)."""
    sentences: Vector
    """The same for the sentence that is likest, each read by itself: a long turn may do in one sentence what it does. Shape (n_acts,)."""
    cues: Vector

    @property
    def vector(self) -> Vector:
        """The turn's meaning alone, in the call and by itself, shape (1792,)."""
        return np.concatenate([self.dialogue, self.whole])


def likeness_vector(dialogue: Vector, whole: Vector) -> Vector:
    """What is held against the bank of example sentences, shape (..., 1792); the bank's own are made in the same way."""
    return np.concatenate([_DIALOGUE * dialogue, whole], axis=-1)


def cues(turn: Turn, n_sentences: int) -> Vector:
    """Question mark, length, digits, opening turn, number of sentences: shape (5,)."""
    return np.array(
        [
            "?" in turn.text or "？" in turn.text,
            np.log1p(len(turn.text)) / 5,
            any(character.isdigit() for character in turn.text),
            turn.index < 2,
            np.log1p(n_sentences),
        ],
        dtype=np.float32,
    )


def features(heard: TurnMeaning, answered: TurnMeaning | None, own: TurnMeaning | None, n_acts: int) -> Vector:
    """All that the heads see of one turn.

    Args:
        heard: the turn.
        answered: the other party's last turn before it.
        own: the same party's last turn before it.
        n_acts: number of acts of both roles together.
    """
    width = n_acts - len(heard.scores)
    return np.concatenate(
        [
            _DIALOGUE * heard.dialogue,
            _DIALOGUE_ANSWERED * (answered.dialogue if answered else np.zeros_like(heard.dialogue)),
            _DIALOGUE_OWN * (own.dialogue if own else np.zeros_like(heard.dialogue)),
            heard.whole,
            heard.parts,
            _ANSWERED * (answered.whole if answered else np.zeros_like(heard.whole)),
            _OWN * (own.whole if own else np.zeros_like(heard.whole)),
            _SENTENCES * heard.sentences,
            _SENTENCES_ANSWERED * (answered.sentences if answered else np.zeros(width, np.float32)),
            _SCORES * heard.scores,
            _SCORES_ANSWERED * (answered.scores if answered else np.zeros(width, np.float32)),
            heard.cues,
        ]
    ).astype(np.float32)
