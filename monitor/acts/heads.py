"""Trained weights as plain arrays: what sentences are like examples of an act, and one logistic head an act."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.errors import ModelMissing
from monitor.acts.names import ACTS_OF

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Linear:
    """A linear map: weight of shape (n_outputs, n_inputs), bias of shape (n_outputs,)."""

    weight: Array
    bias: Array

    def __call__(self, inputs: Array) -> Array:
        """Maps (..., n_inputs) to (..., n_outputs)."""
        return np.asarray(inputs @ self.weight.T + self.bias, np.float32)


@dataclass(frozen=True)
class Heads:
    """Everything that training found, by role, with acts in the order of `ACTS_OF`.

    `examples` says how like the bank's examples of each act a turn's `likeness_vector` is, `acts` turns the features of a turn
    into log odds, and `mean` and `scale`, each of shape (1280,), standardise the dialogue's states.
    """

    version: str
    mean: Array
    scale: Array
    examples: Mapping[str, Linear]
    acts: Mapping[str, Linear]

    def standardised(self, dialogue: Array) -> Array:
        """Dialogue states, shape (..., 1280), each dimension centred and scaled so that the norm is about 1."""
        return np.asarray((dialogue - self.mean) * self.scale, np.float32)

    def probabilities(self, role: str, features: Array) -> dict[str, float]:
        """Probability of each act of `role`, given the turn's features, shape (n_features,)."""
        odds = self.acts[role](features).astype(np.float64)
        return dict(zip(ACTS_OF[role], (1 / (1 + np.exp(-odds))).tolist(), strict=True))

    def save(self, path: Path) -> None:
        """Writes all arrays; the large ones as float16, which changes no probability by more than 0.001."""
        arrays: dict[str, NDArray[np.floating]] = {"mean": self.mean, "scale": self.scale}
        for group in ("examples", "acts"):
            for role, linear in getattr(self, group).items():
                arrays[f"{group}.{role}.weight"] = linear.weight.astype(np.float16)
                arrays[f"{group}.{role}.bias"] = linear.bias
        np.savez_compressed(path, allow_pickle=False, version=np.array(self.version), **arrays)

    @classmethod
    def load(cls, path: Path) -> "Heads":
        """Heads from a file written by `save`.

        Raises:
            ModelMissing: there is no such file, or it holds something else.
        """
        try:
            with np.load(path) as arrays:
                groups = {
                    group: {
                        role: Linear(
                            arrays[f"{group}.{role}.weight"].astype(np.float32), arrays[f"{group}.{role}.bias"]
                        )
                        for role in ACTS_OF
                    }
                    for group in ("examples", "acts")
                }
                return cls(str(arrays["version"]), arrays["mean"], arrays["scale"], **groups)
        except (OSError, KeyError, ValueError) as error:
            raise ModelMissing(f"{path} does not hold the weights of the act heads: install heard again") from error
