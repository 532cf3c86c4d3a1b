"""Features and labels of every turn of the labelled calls, by row, as the product itself computes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge

from audio.facts import Turn
from monitor.acts.features import N_CUES, likeness_vector
from monitor.acts.heads import Heads, Linear
from monitor.acts.names import ACTS_OF
from monitor.acts.reader import WEIGHTS, ActReader
from monitor.dialogue import DialogueEncoder
from monitor.encoder import UseEncoder
from training.bank import load_bank
from training.calls import Call
from training.dialogues import dialogue_vectors, lone_vectors
from training.kernel import Space
from training.staged import is_staged

EXAMPLES_PENALTY = 30.0
SENTENCES_PENALTY = 3.0
LAST_WEIGHT = 0.75
"""How much the state after a turn's last token counts beside its mean state."""
AROUND, LIKENESS = 0.7, 1.5
"""How much the turns around and the likeness to the bank's examples count where bumps are laid, beside how much they count
in `monitor.acts.features` (cross-validated, coarsely)."""


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


def scaling(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and scale that standardise dialogue states, shape (n, 1280): the norms of both halves are 1 and LAST_WEIGHT."""
    width = states.shape[1] // 2
    weight = np.repeat([1.0, LAST_WEIGHT], width) / np.sqrt(width)
    return states.mean(axis=0), (weight / (states.std(axis=0) + 1e-3)).astype(np.float32)


@dataclass(frozen=True)
class Likeness:
    """For each role, how like the bank's examples of each act something is."""

    turns: Mapping[str, Linear]
    """Of a turn's `likeness_vector`."""
    sentences: Mapping[str, Linear]
    """Of a sentence's vector."""


def fit_examples(encoder: UseEncoder, cache: Path | None) -> Likeness:
    """How like the bank's examples of each act turns and sentences are: ridge regressions on the examples as lone turns.

    A lone turn's states differ from those of a turn in a call: both are standardised by themselves. No labelled call is
    looked at, so what was fitted once serves every fold; reading the bank takes half an hour or more.
    """
    examples, turns, sentences = load_bank(), {}, {}
    states = lone_vectors([(example.role, example.text) for example in examples], cache)
    mean, scale = scaling(states)
    alone = encoder.encode([example.text for example in examples])
    vectors = likeness_vector((states - mean) * scale, alone)
    for role, acts in ACTS_OF.items():
        rows = [number for number, example in enumerate(examples) if example.role == role]
        labels = np.array([[act in examples[row].acts for act in acts] for row in rows], dtype=np.float32)
        turns[role] = _linear(Ridge(EXAMPLES_PENALTY).fit(vectors[rows], labels))
        sentences[role] = _linear(Ridge(SENTENCES_PENALTY).fit(alone[rows], labels))
    return Likeness(turns, sentences)


def _linear(ridge: Ridge) -> Linear:
    return Linear(ridge.coef_.astype(np.float32), ridge.intercept_.astype(np.float32))


def emphasis(n_features: int) -> np.ndarray:
    """What each feature of `monitor.acts.features` is multiplied by before bumps are laid, shape (n_features,)."""
    weight = np.ones(n_features, np.float32)
    state, whole, n_acts = DialogueEncoder.dimension, UseEncoder.dimension, sum(len(acts) for acts in ACTS_OF.values())
    likeness = n_features - N_CUES - n_acts
    weight[state : 3 * state] = AROUND
    weight[likeness - n_acts - 2 * whole : likeness - n_acts] = AROUND
    weight[likeness : likeness + n_acts] = LIKENESS
    return weight


class Table:
    """Every turn of the calls; arrays have one row a turn.

    Args:
        calls: the labelled calls.
        cache: where the dialogue states are kept between runs.
        examples: what `fit_examples` gave; by default what the package ships.
    """

    def __init__(self, calls: list[Call], cache: Path | None = None, examples: Likeness | None = None) -> None:
        states = dialogue_vectors(calls, cache)
        every = np.concatenate([states[call.call_id] for call in calls])
        mean, scale = scaling(every)
        encoder = UseEncoder()
        shipped = None if examples else Heads.load(WEIGHTS)
        turns, sentences = (examples.turns, examples.sentences) if examples else (shipped.examples, shipped.sentences)
        self.base = Heads("", mean, scale, turns, sentences, {})
        self.calls = calls
        self.features = np.concatenate([self._features(call, states[call.call_id], encoder) for call in calls])
        self.space = Space.fit(self.features, emphasis(self.features.shape[1]))
        self.places = self.space(self.features)
        said = [(call, turn) for call in calls for turn in call.turns]
        self.staged = np.array([is_staged(call) for call, _ in said])
        self.call_id = np.array([call.call_id for call, _ in said])
        self.turn = np.array([turn.index for _, turn in said])
        self.language = np.array([call.language for call, _ in said])
        self.role = np.array([turn.speaker for _, turn in said])
        self.acts = [turn.acts for _, turn in said]
        self.labelled = np.array([acts is not None for acts in self.acts])
        self.level = np.array([np.nan if turn.level is None else turn.level / 4 for _, turn in said])

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
