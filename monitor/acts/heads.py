"""Trained weights as plain arrays: what sentences are like examples of an act, and one head an act."""

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
class Bumps:
    """Regression by a Gaussian kernel: each output is a sum of bumps around the turns that training saw.

    Inputs are first projected to the directions in which turns differ most; there, bumps are 1 wide.

    Attributes:
        projection: shape (rank, n_inputs).
        centre: taken from what is projected, shape (rank,).
        support: where the turns of training lie, shape (n_turns, rank).
        weight: height of the bump of each turn, shape (n_outputs, n_turns).
        bias: shape (n_outputs,).
    """

    projection: Array
    centre: Array
    support: Array
    weight: Array
    bias: Array

    def __call__(self, inputs: Array) -> Array:
        """Maps (..., n_inputs) to (..., n_outputs)."""
        places = inputs @ self.projection.T - self.centre
        return np.asarray(np.exp(-squared_distances(places, self.support)) @ self.weight.T + self.bias, np.float32)


def squared_distances(places: Array, others: Array) -> Array:
    """Between each of `places`, shape (..., rank), and each of `others`, shape (n, rank): shape (..., n)."""
    squares = (places**2).sum(axis=-1)[..., None] + (others**2).sum(axis=-1) - 2 * places @ others.T
    return np.asarray(np.maximum(squares, 0.0), np.float32)


@dataclass(frozen=True)
class Heads:
    """Everything that training found, by role, with acts in the order of `ACTS_OF`.

    `examples` says how like the bank's examples of each act a turn's `likeness_vector` is, `sentences` the same of a sentence's
    vector alone, `acts` turns the features of a turn into log odds (both roles share one projection), and `mean` and `scale`, each of shape (1280,), standardise the dialogue's
    states.
    """

    version: str
    mean: Array
    scale: Array
    examples: Mapping[str, Linear]
    sentences: Mapping[str, Linear]
    acts: Mapping[str, Bumps]

    def standardised(self, dialogue: Array) -> Array:
        """Dialogue states, shape (..., 1280), each dimension centred and scaled so that the norm is about 1."""
        return np.asarray((dialogue - self.mean) * self.scale, np.float32)

    def probabilities(self, role: str, features: Array) -> dict[str, float]:
        """Probability of each act of `role`, given the turn's features, shape (n_features,)."""
        odds = self.acts[role](features).astype(np.float64)
        return dict(zip(ACTS_OF[role], (1 / (1 + np.exp(-odds))).tolist(), strict=True))

    def save(self, path: Path) -> None:
        """Writes all arrays; the large ones as float16, which changes no probability by more than 0.001."""
        shared = next(iter(self.acts.values()))
        arrays: dict[str, NDArray[np.floating]] = {"mean": self.mean, "scale": self.scale}
        arrays |= {"projection": shared.projection.astype(np.float16), "centre": shared.centre}
        for group in ("examples", "sentences"):
            for role, linear in getattr(self, group).items():
                arrays[f"{group}.{role}.weight"] = linear.weight.astype(np.float16)
                arrays[f"{group}.{role}.bias"] = linear.bias
        for role, bumps in self.acts.items():
            arrays[f"acts.{role}.support"] = bumps.support.astype(np.float16)
            arrays[f"acts.{role}.weight"] = bumps.weight.astype(np.float16)
            arrays[f"acts.{role}.bias"] = bumps.bias
        np.savez_compressed(path, allow_pickle=False, version=np.array(self.version), **arrays)

    @classmethod
    def load(cls, path: Path) -> "Heads":
        """Heads from a file written by `save`.

        Raises:
            ModelMissing: there is no such file, or it holds something else.
        """
        try:
            with np.load(path) as arrays:
                examples, sentences = (
                    {
                        role: Linear(_single(arrays, f"{group}.{role}.weight"), arrays[f"{group}.{role}.bias"])
                        for role in ACTS_OF
                    }
                    for group in ("examples", "sentences")
                )
                projection, centre = _single(arrays, "projection"), arrays["centre"]
                acts = {
                    role: Bumps(
                        projection,
                        centre,
                        _single(arrays, f"acts.{role}.support"),
                        _single(arrays, f"acts.{role}.weight"),
                        arrays[f"acts.{role}.bias"],
                    )
                    for role in ACTS_OF
                }
                return cls(str(arrays["version"]), arrays["mean"], arrays["scale"], examples, sentences, acts)
        except (OSError, KeyError, ValueError) as error:
            raise ModelMissing(f"{path} does not hold the weights of the act heads: install heard again") from error


def _single(arrays: Mapping[str, Array], name: str) -> Array:
    """An array in single precision, whatever it was kept in."""
    return arrays[name].astype(np.float32)
