"""Features and labels of every turn of the labelled calls, by row, as the product itself computes them."""

from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from audio.facts import Turn
from monitor.acts.heads import Heads, Linear
from monitor.acts.names import ACTS_OF
from monitor.acts.reader import ActReader
from monitor.encoder import UseEncoder
from training.bank import load_bank
from training.calls import Call
from training.dialogues import dialogue_vectors

EXAMPLES_INVERSE_PENALTY = 10.0


class ReadAlready:
    """A dialogue whose states were computed before."""

    name = "stored"

    def __init__(self, states: np.ndarray) -> None:
        self._states = iter(states)

    def begin(self) -> "ReadAlready":
        return self

    def hear(self, speaker: str, text: str) -> np.ndarray:  # noqa: ARG002
        """The next stored state."""
        return next(self._states)


def as_turns(call: Call) -> list[Turn]:
    """The call's turns as the monitor sees them."""
    return [
        Turn(index=turn.index, speaker=turn.speaker, start_s=turn.start_s, end_s=turn.end_s, text=turn.text)
        for turn in call.turns
    ]


def fit_examples(encoder: UseEncoder) -> dict[str, Linear]:
    """For each role, how like the bank's examples of each act a sentence is: logistic regressions, as log odds."""
    examples, linear = load_bank(), {}
    for role, acts in ACTS_OF.items():
        own = [example for example in examples if example.role == role]
        vectors = encoder.encode([example.text for example in own])
        fits = [
            LogisticRegression(C=EXAMPLES_INVERSE_PENALTY, max_iter=300).fit(
                vectors, [act in example.acts for example in own]
            )
            for act in acts
        ]
        weight = np.stack([fit.coef_[0] for fit in fits]).astype(np.float32)
        linear[role] = Linear(weight, np.array([fit.intercept_[0] for fit in fits], dtype=np.float32))
    return linear


class Table:
    """Every turn of the calls; arrays have one row a turn."""

    def __init__(self, calls: list[Call], cache: Path | None = None) -> None:
        states = dialogue_vectors(calls, cache)
        every = np.concatenate([states[call.call_id] for call in calls])
        scale = 1 / ((every.std(axis=0) + 1e-3) * np.sqrt(every.shape[1]))
        encoder = UseEncoder()
        self.base = Heads("", every.mean(axis=0), scale.astype(np.float32), fit_examples(encoder), {})
        self.calls = calls
        self.features = np.concatenate([self._features(call, states[call.call_id], encoder) for call in calls])
        turns = [(call, turn) for call in calls for turn in call.turns]
        self.call_id = np.array([call.call_id for call, _ in turns])
        self.turn = np.array([turn.index for _, turn in turns])
        self.language = np.array([call.language for call, _ in turns])
        self.role = np.array([turn.speaker for _, turn in turns])
        self.acts = [turn.acts for _, turn in turns]
        self.labelled = np.array([acts is not None for acts in self.acts])
        self.level = np.array([np.nan if turn.level is None else turn.level / 4 for _, turn in turns])

    def labels(self, role: str, rows: np.ndarray) -> np.ndarray:
        """0 or 1, shape (len(rows), n_acts of the role)."""
        return np.array([[act in (self.acts[row] or ()) for act in ACTS_OF[role]] for row in rows], dtype=np.float32)

    def _features(self, call: Call, states: np.ndarray, encoder: UseEncoder) -> np.ndarray:
        reader = ActReader(encoder, dialogue=ReadAlready(states), language=call.language, heads=self.base)
        rows = []
        for turn in as_turns(call):
            reader.hear(turn)
            rows.append(reader.features(turn))
        return np.stack(rows)
