"""Reads the acts of a turn: what its sentences do, in any language that the encoders know."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.facts import Turn
from monitor.acts.features import TurnMeaning, Vector, cues, features, likeness_vector
from monitor.acts.heads import Heads
from monitor.acts.names import ACTS_OF
from monitor.ports import SentenceEncoder
from monitor.sentences import split_sentences

WEIGHTS = Path(__file__).with_name("heads.npz")
TURNS_KEPT = 32
"""How many of the latest turns are remembered with their vectors."""
_N_ACTS = sum(len(acts) for acts in ACTS_OF.values())


class RunningDialogue(Protocol):
    """One call that a model reads along."""

    def hear(self, speaker: str, text: str) -> NDArray[np.float32]:
        """What the next turn means here, shape (dimension,)."""
        ...

    def unhear(self) -> None:
        """Take back the latest turn."""
        ...


class DialogueReader(Protocol):
    """A model that can read calls along."""

    name: str

    def begin(self) -> RunningDialogue:
        """A new call, of which nothing has been said."""
        ...


class ActReader:
    """Reads one call, turn by turn: probabilities of the acts of each turn, from the turn and what came before it.

    Args:
        encoder: gives the meaning of a sentence by itself.
        dialogue: gives the meaning of a turn in the call so far; the package's own model by default.
        language: ISO 639-1 of the call, for splitting sentences.
        heads: trained weights; those of the package by default.
    """

    def __init__(
        self,
        encoder: SentenceEncoder,
        *,
        dialogue: DialogueReader | None = None,
        language: str | None = None,
        heads: Heads | None = None,
    ) -> None:
        self.encoder = encoder
        self.language = language
        self._heads = heads or Heads.load(WEIGHTS)
        self._dialogues = dialogue or _own_dialogue()
        self._dialogue: RunningDialogue | None = None
        self._heard: dict[int, TurnMeaning] = {}
        self._order: list[int] = []

    @property
    def name(self) -> str:
        """Encoders and weights, for the provenance of a report."""
        return f"acts-{self._heads.version} on {self._dialogues.name} and {self.encoder.name}"

    def read(self, turn: Turn, before: Sequence[Turn]) -> dict[str, float]:
        """Calibrated probability of every act open to the turn's speaker ("agent" or "customer").

        Turns must come in the order of their indexes; turns of `before` that were not read are heard first.

        Args:
            turn: the turn to read.
            before: turns heard earlier in the call, oldest first; nothing later is looked at.
        """
        for earlier in before:
            self.hear(earlier)
        self.hear(turn)
        if not turn.text.strip():
            return dict.fromkeys(ACTS_OF[turn.speaker], 0.0)
        return self._heads.probabilities(turn.speaker, self.features(turn))

    def hear(self, turn: Turn) -> None:
        """Takes in the next turn of the call; one that was heard before, or an earlier one, is passed over."""
        if self._order and turn.index <= self._order[-1]:
            return
        if self._dialogue is None:
            self._dialogue = self._dialogues.begin()
        self._heard[turn.index] = self._meaning(turn, self._dialogue.hear(turn.speaker, turn.text))
        self._order.append(turn.index)
        if len(self._heard) > TURNS_KEPT:
            del self._heard[min(self._heard)]

    def unhear(self, index: int) -> None:
        """Takes back this turn and all that came after it: in a live call a turn may turn out to go on."""
        while self._order and self._order[-1] >= index:
            self._heard.pop(self._order.pop(), None)
            if self._dialogue is not None:
                self._dialogue.unhear()

    def features(self, turn: Turn) -> Vector:
        """What the heads see of a turn that has been read lately, shape (n_features,)."""
        heard = self._heard[turn.index]
        earlier = [self._heard[index] for index in self._heard if index < turn.index]
        answered = next((other for other in reversed(earlier) if other.turn.speaker != turn.speaker), None)
        own = next((same for same in reversed(earlier) if same.turn.speaker == turn.speaker), None)
        return features(heard, answered, own, _N_ACTS)

    def turn_vector(self, turn: Turn) -> Vector:
        """Meaning of a turn that has been read lately: in the call (1280 values), then by itself (512)."""
        return self._heard[turn.index].vector

    def sentences(self, text: str) -> list[str]:
        """The sentences of a turn."""
        return split_sentences(text, self.language)

    def vectors(self, text: str) -> NDArray[np.float32]:
        """Unit vectors of the sentences of a turn, shape (n_sentences, encoder.dimension)."""
        return self.encoder.encode(self.sentences(text))

    def meanings(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of single sentences, shape (len(sentences), encoder.dimension)."""
        return self.encoder.encode(sentences)

    def prefetch(self, texts: Iterable[str]) -> None:
        """Encodes the sentences of a recording ahead, so that progress can be told while they are."""
        for text in texts:
            self.encoder.encode([text, *self.sentences(text)])

    def _meaning(self, turn: Turn, state: NDArray[np.float32]) -> TurnMeaning:
        """A turn as the encoders see it, given what it means in the dialogue, shape (1280,)."""
        sentences = self.sentences(turn.text) or [turn.text]
        parts = self.encoder.encode(sentences)
        dialogue, whole = self._heads.standardised(state), self.encoder.encode([turn.text])[0]
        return TurnMeaning(
            turn=turn,
            dialogue=dialogue,
            whole=whole,
            parts=parts.mean(axis=0),
            scores=self._heads.examples[turn.speaker](likeness_vector(dialogue, whole)),
            sentences=self._heads.sentences[turn.speaker](parts).max(axis=0),
            cues=cues(turn, len(sentences)),
        )


def _own_dialogue() -> DialogueReader:
    from monitor.dialogue import DialogueEncoder

    return DialogueEncoder()
