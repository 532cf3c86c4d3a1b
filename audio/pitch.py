"""Fundamental frequency by YIN, in numpy, with the aperiodicity that tells voiced frames from the rest.

De Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music", JASA 111 (2002). librosa has
the same estimator, but returns no aperiodicity and compiles itself for many seconds before its first answer, which a
short call would spend most of its time on.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
HOP_S = 0.010
WINDOW_S = 0.032
"""Length over which two stretches are compared: two periods of the lowest voice."""
FLOOR_HZ = 65.0
CEILING_HZ = 600.0
SMOOTH_HZ = 1200.0
"""Harmonics above this only blur where the dip lies between two samples, and cause octave errors."""
DIP = 0.15
"""A lag is a period where the normalised difference dips below this (YIN, step 4)."""

Array = NDArray[np.float64]


class Pitch(NamedTuple):
    """One value a frame, a frame each HOP_S."""

    f0_hz: Array
    """Shape (frames,); meaningful only where `aperiodicity` is small."""
    aperiodicity: Array
    """Shape (frames,), 0 for a perfectly periodic frame, about 1 for noise."""


def frames_of(samples: Array, length: int, hop: int) -> Array:
    """Overlapping frames as a read-only view, shape (frames, length); no frame where the sound is shorter than one."""
    if len(samples) < length:
        return np.zeros((0, length))
    return np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]


def yin(samples: Array) -> Pitch:
    """F0 and aperiodicity of speech at 8 kHz, shape (n_samples,)."""
    window = round(WINDOW_S * RATE_HZ)
    shortest, longest = int(RATE_HZ / CEILING_HZ), int(RATE_HZ / FLOOR_HZ) + 1
    frames = frames_of(_smooth(samples), window + longest + 1, round(HOP_S * RATE_HZ))
    if not len(frames):
        return Pitch(np.zeros(0), np.zeros(0))
    normalised = _normalised_difference(frames, window, longest + 1)
    lag = _first_dip(normalised, shortest, longest)
    rows = np.arange(len(frames))
    before, at, after = (normalised[rows, lag + step] for step in (-1, 0, 1))
    curvature = before - 2 * at + after
    shift = np.where(curvature > 1e-9, 0.5 * (before - after) / np.maximum(curvature, 1e-9), 0.0)
    return Pitch(RATE_HZ / (lag + np.clip(shift, -0.5, 0.5)), at)


def _smooth(samples: Array) -> Array:
    """The sound below SMOOTH_HZ, by a windowed-sinc filter of 4 ms that delays nothing."""
    half = round(0.002 * RATE_HZ)
    taps = np.sinc(2 * SMOOTH_HZ / RATE_HZ * np.arange(-half, half + 1)) * np.hamming(2 * half + 1)
    return np.convolve(samples, taps / taps.sum(), mode="same") if len(samples) > len(taps) else samples


def _normalised_difference(frames: Array, window: int, longest: int) -> Array:
    """YIN's cumulative mean normalised difference, shape (frames, longest + 1)."""
    size = 1 << (frames.shape[1] + window - 1).bit_length()
    spectrum = np.fft.rfft(frames, size)
    head = np.fft.rfft(frames[:, :window], size)
    correlation = np.fft.irfft(spectrum * head.conj(), size)[:, : longest + 1]
    energy = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    moved = energy[:, window : window + longest + 1] - energy[:, : longest + 1]
    difference = np.maximum(moved[:, :1] + moved - 2 * correlation, 0.0)
    lags = np.arange(1, longest + 1)
    mean = np.cumsum(difference[:, 1:], axis=1) / lags
    result = np.ones_like(difference)
    np.divide(difference[:, 1:], mean, out=result[:, 1:], where=mean > 1e-12)
    return result


def _first_dip(normalised: Array, shortest: int, longest: int) -> NDArray[np.intp]:
    """The first local minimum below DIP, else the global one: the smallest lag that repeats well is the period."""
    inner = normalised[:, shortest : longest + 1]
    falling = inner < normalised[:, shortest - 1 : longest]
    rising = inner <= normalised[:, shortest + 1 : longest + 2]
    dips = falling & rising & (inner < DIP)
    return np.asarray(shortest + np.where(dips.any(axis=1), dips.argmax(axis=1), inner.argmin(axis=1)))
