"""Packs stretches of speech into the windows that the recogniser reads, and finds its words' times in the call.

Whisper reads windows of 30 s whatever is in them, so a channel that is silent half of the time is packed: its stretches
of speech are laid end to end with a short pause between them. Each word goes back to the one stretch that it overlaps
most, so that no word is stretched over a silence that was left out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from audio.facts import Span, Word
from audio.ports import AudioReader, Samples

SAMPLE_RATE = 16_000
WINDOW_S = 30.0
BEFORE_S = 1.0
AFTER_S = 0.5
"""Sound kept before and after a stretch: soft first words are found late, and a pause must still be heard as one."""
_CUT_SEARCH_S = 8.0
"""A stretch longer than a window is cut at its quietest point among the last so many seconds of the window."""
_BREAK_SEARCH_S = 10.0
"""A window may be closed this much early if that puts its end into a longer pause."""
_CUT_FRAME_S = 0.1
_CERTAIN_S = 0.15
"""A word belongs to a stretch of speech if so much of it, or half of it, lies inside."""


@dataclass(frozen=True)
class Piece:
    """A stretch of the call inside a window: from `start_s` of the call, at `offset_s` of the window."""

    start_s: float
    end_s: float
    offset_s: float

    @property
    def offset_end_s(self) -> float:
        return self.offset_s + self.end_s - self.start_s


@dataclass(frozen=True)
class Window:
    """Up to 30 s of speech of one channel, made of pieces in time order."""

    track: int
    pieces: tuple[Piece, ...]

    @property
    def duration_s(self) -> float:
        return self.pieces[-1].offset_end_s

    @property
    def start_s(self) -> float:
        return self.pieces[0].start_s

    @property
    def end_s(self) -> float:
        return self.pieces[-1].end_s

    def read(self, channel: AudioReader) -> Samples:
        """The window's sound, shape (n_samples,)."""
        return np.concatenate([channel.read(piece.start_s, piece.end_s) for piece in self.pieces])

    def to_call(self, start_s: float, end_s: float) -> tuple[float, float]:
        """Times in the call of a word at these times of the window; never reaches over a gap between pieces."""
        piece = max(
            self.pieces,
            key=lambda p: (
                min(end_s, p.offset_end_s) - max(start_s, p.offset_s),
                -abs(p.offset_s + p.offset_end_s - start_s - end_s),
            ),
        )
        shift = piece.start_s - piece.offset_s
        start = min(max(start_s + shift, piece.start_s), piece.end_s)
        return start, min(max(end_s + shift, start), piece.end_s)


def pack(track: int, channel: AudioReader, speech: Sequence[Span], *, limit_s: float = WINDOW_S) -> list[Window]:
    """Windows of at most `limit_s` that hold all the speech of a channel, in time order."""
    spans = _fit(channel, _widen(speech, channel.duration_s), limit_s)
    windows: list[Window] = []
    while spans:
        count = _how_many(spans, limit_s)
        pieces, offset = [], 0.0
        for span in spans[:count]:
            pieces.append(Piece(span.start_s, span.end_s, offset))
            offset += span.duration_s
        windows.append(Window(track, tuple(pieces)))
        spans = spans[count:]
    return windows


def within_speech(words: Iterable[Word], speech: Sequence[Span]) -> list[Word]:
    """Words with times inside the speech that they belong to.

    Attention gives a pause to the word before or after it; the edges of speech are known better. A word that overlaps
    no stretch of speech keeps its times: it was too soft for the detector, not for the recogniser.
    """
    starts = [span.start_s for span in speech]
    settled = []
    for word in words:
        first = max(0, bisect_right(starts, word.start_s) - 1)
        touched = speech[first : bisect_left(starts, word.end_s)]
        span = max(touched, key=lambda span: _shared_s(span, word), default=None)
        if span is not None and _shared_s(span, word) >= min(_CERTAIN_S, (word.end_s - word.start_s) / 2):
            start, end = max(span.start_s, word.start_s), min(span.end_s, word.end_s)
            word = word.model_copy(update={"start_s": start, "end_s": max(start, end)})
        settled.append(word)
    return settled


def _shared_s(span: Span, word: Word) -> float:
    return min(span.end_s, word.end_s) - max(span.start_s, word.start_s)


def _widen(speech: Sequence[Span], duration_s: float) -> list[Span]:
    """Each stretch with its margins; stretches that then touch are one."""
    widened: list[Span] = []
    for span in speech:
        start, end = max(0.0, span.start_s - BEFORE_S), min(duration_s, span.end_s + AFTER_S)
        if widened and start <= widened[-1].end_s:
            widened[-1] = Span(start_s=widened[-1].start_s, end_s=max(end, widened[-1].end_s))
        elif end > start:
            widened.append(Span(start_s=start, end_s=end))
    return widened


def _fit(channel: AudioReader, spans: Sequence[Span], limit_s: float) -> list[Span]:
    """Stretches that each fit a window, longer ones cut where they are quietest."""
    fitting: list[Span] = []
    for span in spans:
        start = span.start_s
        while span.end_s - start > limit_s:
            cut = _quietest(channel, start + limit_s - min(_CUT_SEARCH_S, limit_s / 2), start + limit_s)
            fitting.append(Span(start_s=start, end_s=cut))
            start = cut
        fitting.append(Span(start_s=start, end_s=span.end_s))
    return fitting


def _quietest(channel: AudioReader, start_s: float, end_s: float) -> float:
    """The middle of the frame with the least energy between two times."""
    samples = channel.read(start_s, end_s)
    frame = int(_CUT_FRAME_S * SAMPLE_RATE)
    count = len(samples) // frame
    if count == 0:
        return end_s
    energy = np.square(samples[: count * frame].reshape(count, frame)).mean(axis=1)
    return start_s + (int(energy.argmin()) + 0.5) * _CUT_FRAME_S


def _how_many(spans: Sequence[Span], limit_s: float) -> int:
    """How many of the next stretches make a window: as many as fit, or fewer to end in the longest late pause."""
    total, count = 0.0, 0
    for span in spans:
        if count and total + span.duration_s > limit_s + 1e-6:
            break
        total += span.duration_s
        count += 1
    if count == len(spans):
        return count
    best, best_gap, left = count, 0.0, total
    for index in range(count, 0, -1):
        if total - left > min(_BREAK_SEARCH_S, limit_s / 3):
            break
        gap = spans[index].start_s - spans[index - 1].end_s
        if gap > best_gap:
            best, best_gap = index, gap
        left -= spans[index - 1].duration_s
    return best
