"""Log-mel frames of the telephone band: what the sound tagger sees, in training and in use alike."""

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
FRAME = 256
"""Samples in a frame, 32 ms."""
HOP = 160
"""Samples from one frame to the next, 20 ms."""
BANDS = 40
LOW_HZ, HIGH_HZ = 120.0, 3500.0
FLOOR = 1e-8
"""Power added before the logarithm, below the noise of G.711."""


def log_mel(samples: NDArray[np.floating]) -> NDArray[np.float32]:
    """Natural log of mel band power at 8 kHz, shape (frames, BANDS); frame n starts at sample n * HOP."""
    if len(samples) < FRAME:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    power = np.abs(np.fft.rfft(frames * _WINDOW, axis=1)) ** 2 / (FRAME * (_WINDOW**2).sum())
    return np.asarray(np.log(power @ _FILTERS + FLOOR), np.float32)


def silence(frames: int) -> NDArray[np.float32]:
    """The log-mel of digital silence, shape (frames, BANDS)."""
    return np.full((frames, BANDS), np.log(FLOOR), np.float32)


def _filters() -> NDArray[np.float64]:
    """Triangles equally wide on the mel scale (HTK's), shape (FRAME // 2 + 1, BANDS)."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (LOW_HZ, HIGH_HZ))
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    hz = np.fft.rfftfreq(FRAME, 1 / RATE_HZ)[:, None]
    rising = (hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz) / (edges[2:] - edges[1:-1])
    triangles = np.clip(np.minimum(rising, falling), 0, None)
    nearest = np.argmin(np.abs(hz - edges[1:-1]), axis=0)
    triangles[nearest, np.arange(BANDS)] = np.maximum(triangles[nearest, np.arange(BANDS)], 0.5)
    return np.asarray(triangles)


_WINDOW = np.hanning(FRAME)
_FILTERS = _filters()
