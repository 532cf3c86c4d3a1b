"""Trained heads: one logistic regression an act, as plain arrays."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.errors import ModelMissing
from monitor.acts.names import ACTS_OF

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """Weights of one role's acts: shapes (n_acts, n_features) and (n_acts,)."""

    weight: Array
    bias: Array


@dataclass(frozen=True)
class Heads:
    """The heads of both roles, in the order of `ACTS_OF`."""

    version: str
    heads: dict[str, Head]

    def acts(self, role: str) -> tuple[str, ...]:
        """Names of the acts that a role can perform."""
        return ACTS_OF[role]

    def probabilities(self, role: str, features: Array) -> dict[str, float]:
        """Probability of each act of `role`, given the turn's features, shape (n_features,)."""
        head = self.heads[role]
        scores = head.weight @ features + head.bias
        return dict(zip(ACTS_OF[role], (1 / (1 + np.exp(-scores))).tolist(), strict=True))

    def save(self, path: Path) -> None:
        arrays = {
            f"{role}_{name}": getattr(head, name) for role, head in self.heads.items() for name in ("weight", "bias")
        }
        np.savez_compressed(path, allow_pickle=False, version=np.array(self.version), **arrays)

    @classmethod
    def load(cls, path: Path) -> "Heads":
        """Heads from a file written by `save`.

        Raises:
            ModelMissing: there is no such file, or it holds something else.
        """
        try:
            with np.load(path) as arrays:
                heads = {role: Head(arrays[f"{role}_weight"], arrays[f"{role}_bias"]) for role in ACTS_OF}
                return cls(str(arrays["version"]), heads)
        except (OSError, KeyError, ValueError) as error:
            raise ModelMissing(f"{path} does not hold the weights of the act heads: install heard again") from error
