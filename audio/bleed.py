"""Takes out of a channel what leaked into it from the other: the same sound at the same time, much softer.

A detector of speech hears a leak as well as it hears a voice. A stretch is a leak if the other side is far louder, this
side is far softer than it is when it speaks itself, and both waveforms are alike up to a short delay.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audio.facts import Span
from audio.ports import AudioReader, Track

_RATE_HZ = 16_000
_FRAME_S = 0.05
_FRAME = 800
_BLOCK_S = 60.0
SOFTER_DB = 10.0
"""A leak is at least so much softer than what it is a leak of, and than this side's own voice."""
LIKENESS = 0.4
"""Peak of the normalised cross-correlation. A leak at -25 dB through a telephone codec reaches 0.6 and more, two people
who speak at once 0.3."""
_LONGEST_DELAY_S = 0.3
_SHORTEST_S = 0.4
"""Shorter softenings are pauses inside words, and too short to compare."""
_PAUSE_FRAMES = 12
_LONGEST_S = 8.0
"""So much of a stretch is compared."""
_LOUD_PERCENTILE = 99

Levels = NDArray[np.float64]


def without_bleed(tracks: Sequence[Track]) -> list[Track]:
    """The two tracks of a stereo call, their speech without what is the other side's leak."""
    if len(tracks) != 2:
        return list(tracks)
    levels = [_levels_db(track.channel) for track in tracks]
    return [
        Track(track.channel, _own(track, other.channel, own_db, other_db))
        for track, other, own_db, other_db in (
            (tracks[0], tracks[1], levels[0], levels[1]),
            (tracks[1], tracks[0], levels[1], levels[0]),
        )
    ]


def _own(track: Track, other: AudioReader, own_db: Levels, other_db: Levels) -> tuple[Span, ...]:
    frames = min(len(own_db), len(other_db))
    own_db, other_db = own_db[:frames], other_db[:frames]
    if not frames:
        return tuple(track.speech)
    loud_db = np.percentile(own_db, _LOUD_PERCENTILE)
    soft = _smooth(own_db) <= loud_db - SOFTER_DB
    softer = _closed(soft & (_smooth(other_db - own_db) >= SOFTER_DB), soft)
    kept: list[Span] = []
    for span in track.speech:
        at = span.start_s
        for start, end in _runs(softer, span):
            if end - start >= _SHORTEST_S and _alike(track.channel, other, start, end):
                kept.append(Span(start_s=at, end_s=start))
                at = end
        kept.append(Span(start_s=at, end_s=span.end_s))
    return tuple(span for span in kept if span.duration_s > 2 * _FRAME_S)


def _levels_db(channel: AudioReader) -> Levels:
    """Level of each 50 ms, dB re full scale."""
    levels = [np.zeros(0)]
    start = 0.0
    while start < channel.duration_s:
        samples = channel.read(start, start + _BLOCK_S)
        frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
        levels.append(10 * np.log10(np.square(frames).mean(axis=1) + 1e-12))
        start += _BLOCK_S
    return np.concatenate(levels)


def _smooth(levels: Levels) -> Levels:
    """Running mean over a quarter of a second, so that one syllable counts as one."""
    padded = np.pad(levels, 2, mode="edge")
    return np.convolve(padded, np.full(5, 0.2), mode="valid")


def _closed(flags: NDArray[np.bool_], allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The flags with short gaps filled where that is allowed: a leak goes on while its source draws breath."""
    closed = flags.copy()
    edges = np.flatnonzero(np.diff(np.concatenate(([True], flags, [True])).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - start <= _PAUSE_FRAMES and allowed[start:end].all():
            closed[start:end] = True
    return closed


def _runs(flags: NDArray[np.bool_], span: Span) -> list[tuple[float, float]]:
    """Runs of set frames inside a span, in seconds."""
    first, last = int(span.start_s / _FRAME_S), int(np.ceil(span.end_s / _FRAME_S))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags[first:last], [False])).astype(np.int8)))
    return [
        (max(span.start_s, (first + start) * _FRAME_S), min(span.end_s, (first + end) * _FRAME_S))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]


def _alike(channel: AudioReader, other: AudioReader, start_s: float, end_s: float) -> bool:
    end_s = min(end_s, start_s + _LONGEST_S)
    own = channel.read(start_s, end_s).astype(np.float64)
    from_s = max(0.0, start_s - _LONGEST_DELAY_S)
    source = other.read(from_s, end_s + _LONGEST_DELAY_S).astype(np.float64)
    if not own.any() or len(source) < len(own):
        return False
    size = 1 << int(np.ceil(np.log2(len(source) + len(own))))
    correlation = np.fft.irfft(np.fft.rfft(source, size) * np.conj(np.fft.rfft(own, size)), size)
    lags = len(source) - len(own) + 1
    total = np.concatenate(([0.0], np.cumsum(np.square(source))))
    energy = total[len(own) :] - total[:lags]
    return bool((np.abs(correlation[:lags]) / np.sqrt(np.square(own).sum() * energy + 1e-12)).max() >= LIKENESS)
