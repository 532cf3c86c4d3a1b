"""How loud a channel is over time, measured in one streaming pass."""

import numpy as np
from numpy.typing import NDArray

from audio.ports import AudioReader

RATE_HZ = 16_000
FRAME = 800
"""Samples in a frame: 50 ms, a short syllable."""
SILENT_DB = -120.0
"""Level given to digital silence."""

_BLOCK_S = 60.0
_LOUD_SHARE = 0.005
_LOUD_FRAMES = 100
"""What counts as loud: one frame in 200, but never more than 5 s, so that a side that hardly speaks in a long call is
still measured by its voice."""


def frame_levels_db(reader: AudioReader) -> NDArray[np.float32]:
    """Level of each 50 ms without its mean (RMS, dB re full scale), shape (n_frames,); a part of a frame is left out."""
    levels = [np.zeros(0, dtype=np.float32)]
    start_s = 0.0
    while start_s < reader.duration_s:
        samples = reader.read(start_s, start_s + _BLOCK_S)
        frames = samples[: samples.size - samples.size % FRAME].reshape(-1, FRAME)
        levels.append(20 * np.log10(np.maximum(frames.std(axis=1), 10 ** (SILENT_DB / 20))))
        start_s += _BLOCK_S
    return np.concatenate(levels)


def loud_db(levels_db: NDArray[np.float32]) -> float:
    """Level that the loudest syllables reach, dB re full scale."""
    if not levels_db.size:
        return SILENT_DB
    rank = min(int(_LOUD_SHARE * levels_db.size), _LOUD_FRAMES)
    return float(np.partition(levels_db, -1 - rank)[-1 - rank])
