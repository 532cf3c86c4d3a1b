"""The stuff that made-up sounds are made of: contours, coloured noise, a voice, bursts and envelopes at 8 kHz."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

RATE = 8000
Samples = NDArray[np.float64]
Rng = np.random.Generator


def times(seconds: float) -> Samples:
    """The time of each sample, in seconds."""
    return np.arange(round(seconds * RATE)) / RATE


def unit(samples: Samples) -> Samples:
    """Scaled to a peak of 1."""
    return np.asarray(samples / max(float(np.abs(samples).max(initial=0)), 1e-9))


def wander(rng: Rng, count: int, per_second: float) -> Samples:
    """A slow random contour of about unit variance that changes `per_second` times a second."""
    knots = rng.standard_normal(max(4, int(count / RATE * per_second) + 4))
    return np.interp(np.arange(count), np.linspace(0, count, len(knots)), knots)


def coloured(rng: Rng, count: int, exponent: float) -> Samples:
    """Noise with a power spectrum of 1 / f**exponent."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 20)
    return unit(np.fft.irfft(spectrum / hz ** (exponent / 2), count))


def band(samples: Samples, low: float, high: float) -> Samples:
    """What lies between two frequencies."""
    return np.asarray(sosfilt(butter(2, (low, min(high, 3900)), "band", fs=RATE, output="sos"), samples))


def glottal(
    rng: Rng, f0: Samples, *, tilt: float, breath: float, formants: list[float], jitter: float = 0.01
) -> Samples:
    """A voice: harmonics of a moving F0 with k**-tilt, breath noise, then two-pole resonances."""
    jittered = f0 * (1 + jitter * wander(rng, len(f0), 80))
    phase = 2 * np.pi * np.cumsum(jittered) / RATE
    source = np.zeros(len(f0))
    for k in range(1, int(3800 / f0.min()) + 1):
        source += np.where(k * f0 < 3800, k**-tilt, 0) * np.sin(k * phase)
    voiced = source / max(np.abs(source).max(), 1e-9) + breath * rng.standard_normal(len(f0))
    for hz in formants:
        width = rng.uniform(60, 160)
        radius = np.exp(-np.pi * width / RATE)
        poles = [1, -2 * radius * np.cos(2 * np.pi * hz / RATE), radius**2]
        voiced = 0.4 * voiced + unit(np.asarray(lfilter([1 - radius], poles, voiced)))
    return unit(voiced)


def vowel(rng: Rng, size: float = 1.0) -> list[float]:
    """Three formants at random; `size` above 1 for shorter throats."""
    return [size * rng.uniform(350, 900), size * rng.uniform(900, 2300), size * rng.uniform(2300, 3100)]


def bursts(rng: Rng, seconds: float, length: tuple[float, float], gap: tuple[float, float]) -> list[tuple[int, int]]:
    """Start and end samples of bursts that follow each other for the whole length."""
    spans, at = [], float(rng.uniform(0, gap[1]))
    while at < seconds - length[0]:
        end = min(seconds, at + rng.uniform(*length))
        spans.append((round(at * RATE), round(end * RATE)))
        at = end + rng.uniform(*gap)
    return spans


def arch(count: int, attack: float, release: float) -> Samples:
    """An envelope that rises over `attack` and falls over `release` (shares of its length)."""
    place = np.linspace(0, 1, count)
    return np.clip(np.minimum(place / attack, (1 - place) / release), 0, 1)
