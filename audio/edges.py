"""Where in a window of speech something sounds: attention is unsure at pauses, the level is not."""

import numpy as np

from audio.ports import Samples

_FRAME_S = 0.02
_FRAME = 320
_BELOW_LOUD_DB = 25.0
"""Weak consonants of telephone speech lie up to so much below its loud vowels."""
_ABOVE_FLOOR_DB = 8.0
_AT_LEAST_BELOW_LOUD_DB = 12.0
"""In a window without a pause the floor cannot be seen; then only what is this far below the loud parts is a pause."""
_LOOK_AHEAD_S = 1.2
"""A word placed in a pause belongs to the sound that begins within this time."""


class Edges:
    """The audible frames of one window."""

    def __init__(self, sound: Samples) -> None:
        frames = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME)
        levels = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-12)
        loud, floor = np.percentile(levels, (95, 5)) if levels.size else (0.0, 0.0)
        threshold = min(loud - _AT_LEAST_BELOW_LOUD_DB, max(loud - _BELOW_LOUD_DB, floor + _ABOVE_FLOOR_DB))
        self._audible = levels > threshold

    def trim(self, start_s: float, end_s: float) -> tuple[float, float]:
        """The audible part of a stretch of the window; where nothing of it is, the moment when the next sound begins."""
        first, last = int(start_s / _FRAME_S), max(int(np.ceil(end_s / _FRAME_S)), int(start_s / _FRAME_S) + 1)
        inside = np.flatnonzero(self._audible[first:last])
        if inside.size:
            onset, end = (first + int(inside[0])) * _FRAME_S, (first + int(inside[-1]) + 1) * _FRAME_S
            return max(start_s, onset), min(end_s, end)
        ahead = np.flatnonzero(self._audible[last : last + int(_LOOK_AHEAD_S / _FRAME_S)])
        if ahead.size:
            onset = (last + int(ahead[0])) * _FRAME_S
            return onset, onset
        return start_s, end_s
