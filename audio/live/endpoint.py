"""Where somebody speaks in a channel that is still growing: the same detector and thresholds as for recordings, window by window.

A recording's loudest syllables are known before it is scored; here they are learned as the call goes on, from a level that speech
on the telephone usually reaches.
"""

import heapq

import numpy as np

from audio.facts import Span
from audio.levels import FRAME, SILENT_DB
from audio.ports import Samples
from audio.speech import (
    LOUD_DB,
    MOST_GAIN_DB,
    OFF,
    ON,
    PAD_S,
    PAUSE_S,
    SHORTEST_WINDOWS,
    SURE,
    WINDOW_S,
    Detector,
)

WINDOW = 512
"""Samples that are scored at a time: push a multiple of this."""
USUAL_DB = -20.0
"""The loudest syllables are taken to be this loud until louder or softer ones have been heard for `LEARNED_S`."""
LEARNED_S = 10.0
BREATH_WINDOWS = 3
"""Windows without speech, 0.1 s, after which a pause may have begun. In the bundled calls every second of these becomes one."""
_LOUD_SHARE, _LOUD_FRAMES = 0.005, 100
"""What counts as loud, as for recordings (see `audio.levels`)."""


class Loudness:
    """The level that the loudest syllables so far reach, dB re full scale."""

    def __init__(self) -> None:
        self._loudest: list[float] = []
        self._frames = 0

    def push(self, samples: Samples) -> None:
        """Take in samples; those that do not fill a frame of 50 ms are left out."""
        frames = samples[: samples.size - samples.size % FRAME].reshape(-1, FRAME)
        levels = 20 * np.log10(np.maximum(frames.std(axis=1), 10 ** (SILENT_DB / 20)))
        for level in levels.tolist():
            self._frames += 1
            if len(self._loudest) <= _LOUD_FRAMES:
                heapq.heappush(self._loudest, level)
            elif level > self._loudest[0]:
                heapq.heapreplace(self._loudest, level)

    @property
    def loud_db(self) -> float:
        """The level; what is usual while too little has been heard."""
        rank = min(int(_LOUD_SHARE * self._frames), _LOUD_FRAMES)
        if not self._loudest or self._frames * FRAME < LEARNED_S * 16_000:
            return max(USUAL_DB, max(self._loudest, default=USUAL_DB))
        return heapq.nlargest(rank + 1, self._loudest)[-1]


class Endpointer:
    """Finds stretches of speech in one channel as it grows.

    Attributes
    ----------
    time_s:
        Up to where it has listened.
    spans:
        Stretches that have ended, since they were last taken.
    """

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._windows = 0
        self._detector = Detector(gain=1.0)
        self._loudness = Loudness()
        self._start: int | None = None
        self._below: int | None = None
        self._high = 0
        self._most = 0.0

    @property
    def time_s(self) -> float:
        return self._windows * WINDOW_S

    @property
    def speaking_since_s(self) -> float | None:
        """Where the speech that goes on began; None while nobody speaks."""
        if self._start is None or not self._is_speech:
            return None
        return max(0.0, self._start * WINDOW_S - PAD_S)

    @property
    def breath(self) -> Span | None:
        """The speech that goes on, as it ends if the breath that is being drawn becomes a pause; None if none is being drawn."""
        if self._start is None or self._below is None or not self._is_speech:
            return None
        return self._span(self._start, self._below) if self._windows - self._below >= BREATH_WINDOWS else None

    def push(self, samples: Samples) -> None:
        """Listen on: samples at 16 kHz, a multiple of `WINDOW` of them."""
        self._loudness.push(samples)
        gain_db = LOUD_DB - self._loudness.loud_db
        self._detector.gain = float(10 ** (min(gain_db, MOST_GAIN_DB) / 20))
        for probability in self._detector.score(samples).tolist():
            self._take(probability)

    def cut(self, at_s: float) -> None:
        """End the speech that goes on at a time, and go on from there: a speaker without a pause."""
        if self._start is not None:
            self.spans.append(Span(start_s=max(0.0, self._start * WINDOW_S - PAD_S), end_s=at_s))
            self._start = int(np.ceil((at_s + PAD_S) / WINDOW_S))

    def finish(self) -> None:
        """Nothing more will come: speech that goes on ends here."""
        if self._start is not None and self._is_speech:
            self.spans.append(Span(start_s=max(0.0, self._start * WINDOW_S - PAD_S), end_s=self.time_s))
        self._start = None

    def take(self) -> list[Span]:
        """The stretches that have ended since the last time."""
        spans, self.spans = self.spans, []
        return spans

    @property
    def _is_speech(self) -> bool:
        return self._most >= SURE and self._high >= SHORTEST_WINDOWS

    def _take(self, probability: float) -> None:
        """One more window; the same rule as `audio.speech.spans_of`."""
        index = self._windows
        self._windows += 1
        if self._start is None:
            if probability >= ON:
                self._start, self._below, self._high, self._most = index, None, 1, probability
            return
        self._high += probability >= ON
        self._most = max(self._most, probability)
        if probability >= OFF:
            self._below = None
            return
        self._below = index if self._below is None else self._below
        if index - self._below + 1 >= round(PAUSE_S / WINDOW_S):
            if self._is_speech:
                self.spans.append(self._span(self._start, self._below))
            self._start = self._below = None

    def _span(self, first: int, behind: int) -> Span:
        """The stretch from one window up to another, with what belongs to it at both ends."""
        return Span(start_s=max(0.0, first * WINDOW_S - PAD_S), end_s=behind * WINDOW_S + PAD_S)
