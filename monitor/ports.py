"""Where the monitor's one model is plugged in."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class SentenceEncoder(Protocol):
    """Turns sentences into vectors whose cosine says how alike their meanings are."""

    name: str
    dimension: int

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(sentences), dimension); the same for a sentence in whatever batch it comes."""
        ...
