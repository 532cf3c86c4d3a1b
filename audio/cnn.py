"""Runs the small convolutional network of the sound tagger with numpy alone: no framework to load, a few GFLOP an hour."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

BLOCKS = 3
"""Convolutions over time and frequency, each of which halves both: the first by its stride, the others by pooling."""
DILATIONS = (1, 2, 4)
STEP_FRAMES = 2**BLOCKS
CONTEXT_STEPS = 8
"""Steps on either side that an output depends on: the sum of DILATIONS, and a part of one for the blocks below."""


class Network:
    """Log-mel frames to logits, one output step for every STEP_FRAMES frames."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self._weights = {name: array.astype(np.float32) for name, array in weights.items()}

    @classmethod
    def load(cls, path: Path) -> "Network":
        """Read weights from an `.npz` of half-precision arrays."""
        with np.load(path) as arrays:
            return cls({name: arrays[name] for name in arrays.files})

    def __call__(self, frames: Array) -> Array:
        """Logits, shape (steps, classes), of log-mel frames, shape (steps * STEP_FRAMES, bands)."""
        weights = self._weights
        hidden = np.asarray((frames - weights["mean"]) / weights["scale"], np.float32)[:, :, None]
        for n in range(BLOCKS):
            stride = 2 if n == 0 else 1
            hidden = _relu(_conv2d(hidden, weights[f"block{n}.weight"], stride) + weights[f"block{n}.bias"])
            hidden = hidden if n == 0 else _pool(hidden)
        flat = _relu(hidden.reshape(len(hidden), -1) @ weights["squeeze.weight"] + weights["squeeze.bias"])
        for n, dilation in enumerate(DILATIONS):
            flat = flat + _relu(_conv1d(flat, weights[f"time{n}.weight"], dilation) + weights[f"time{n}.bias"])
        return np.asarray(flat @ weights["head.weight"] + weights["head.bias"])


def _relu(values: Array) -> Array:
    return np.maximum(values, 0)


def _conv2d(image: Array, weight: Array, stride: int) -> Array:
    """3 by 3, zero-padded; image (time, bands, channels), weight (9 * channels, outputs)."""
    time, bands, channels = image.shape
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    taps = [padded[t : t + time : stride, f : f + bands : stride] for t in range(3) for f in range(3)]
    patches = np.concatenate(taps, axis=2)
    return np.asarray(patches.reshape(-1, 9 * channels) @ weight).reshape(*patches.shape[:2], -1)


def _pool(image: Array) -> Array:
    """The maximum of each 2 by 2."""
    time, bands, channels = image.shape
    return np.asarray(image.reshape(time // 2, 2, bands // 2, 2, channels).max(axis=(1, 3)))


def _conv1d(steps: Array, weight: Array, dilation: int) -> Array:
    """Three taps `dilation` steps apart, zero-padded; steps (time, channels), weight (3 * channels, outputs)."""
    padded = np.pad(steps, ((dilation, dilation), (0, 0)))
    taps = [padded[n * dilation : n * dilation + len(steps)] for n in range(3)]
    return np.asarray(np.concatenate(taps, axis=1) @ weight)
