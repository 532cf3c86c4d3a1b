"""What a customer's words alone say about her frustration: a ridge regression on the features that the acts are read by."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.errors import ModelMissing

Array = NDArray[np.float32]
WEIGHTS = Path(__file__).with_name("words.npz")


@dataclass(frozen=True)
class WordsModel:
    """Linear estimate of the level: weight of shape (n_features,), and a bias."""

    weight: Array
    bias: float

    def level(self, features: Array) -> float:
        """The level that a turn's words suggest, given its features, shape (n_features,).

        About 0 (calm) to 1 (angry); an estimate may lie outside, the filter keeps the level itself inside.
        """
        return float(self.weight @ features + self.bias)

    def save(self, path: Path) -> None:
        np.savez_compressed(path, allow_pickle=False, weight=self.weight, bias=np.float32(self.bias))

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> "WordsModel":
        """The model from a file written by `save`.

        Raises:
            ModelMissing: there is no such file, or it holds something else.
        """
        try:
            with np.load(path) as arrays:
                return cls(arrays["weight"], float(arrays["bias"]))
        except (OSError, KeyError, ValueError) as error:
            raise ModelMissing(
                f"{path} does not hold the weights of the frustration model: install heard again"
            ) from error
