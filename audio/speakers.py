"""One channel, several speakers: who speaks when, and which words are whose."""

from __future__ import annotations

import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from audio import models
from audio.facts import Span, Word
from audio.ports import AudioReader, Samples, SideSpan
from audio.spool import RATE_HZ

if TYPE_CHECKING:
    from audio.diarization import CallDiarization

NAMES = ("first", "second", "third", "fourth", "fifth", "sixth")
"""Sides of one channel, in the order in which they first speak."""
MAJORITY = 0.7
"""A sentence is the one speaker's who says at least this share of it: people change at the ends of sentences."""
NEAR_SPEECH_S = 5.0
"""The diarizer hears so much around speech: half of one of its windows."""
SENTENCE_GAP_S = 0.8
"""A pause after which a new sentence begins, whatever the punctuation."""
_ENDS = (".", "?", "!", "。", "？", "！", "…")


class PyannoteDiarizer:
    """Who speaks when, by pyannote.audio; the models load on first use."""

    name = "pyannote-segmentation-3.0+campplus"

    def __init__(self, *, threads: int | None = None) -> None:
        self._threads = threads or models.cores()
        self._loaded: CallDiarization | None = None
        self._loading = Lock()
        models.find_packaged(models.SEGMENTATION)
        models.find_packaged(models.SPEAKER_EMBEDDING)

    def prepare(self) -> None:
        """Import torch and pyannote, and load the models: some ten seconds on one core."""
        self._load()

    def diarize(
        self,
        channel: AudioReader,
        speech: Sequence[Span],
        *,
        speakers: int | None,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[SideSpan, ...]:
        """Who speaks when, one speaker at a time, in time order; sides are "first", "second" ... as they appear."""
        if not speech:
            return ()
        hushed = Hushed(channel, speech)
        return in_order_of_appearance(self._load().diarize(hushed, speakers=speakers, progress=progress))

    def _load(self) -> CallDiarization:
        with self._loading:
            if self._loaded is None:
                models.stay_offline()
                with warnings.catch_warnings():
                    # pyannote warns at import that its own audio decoder is missing; sound is read by ours.
                    warnings.simplefilter("ignore")
                    from audio.diarization import CallDiarization

                    self._loaded = CallDiarization(threads=self._threads)
            return self._loaded


class Hushed:
    """A channel with digital silence far from all speech, which the diarizer passes over.

    Hold music then costs nothing, and is never taken for one of the two who speak.
    """

    def __init__(self, channel: AudioReader, speech: Sequence[Span]) -> None:
        self._channel = channel
        self._speech = speech
        self._starts = [span.start_s for span in speech]
        self._ends = [span.end_s for span in speech]
        self.duration_s = channel.duration_s

    def read(self, start_s: float, end_s: float) -> Samples:
        """The samples of a span, shape (n_samples,), 0 where nobody speaks within `NEAR_SPEECH_S`."""
        first = bisect_left(self._ends, start_s - NEAR_SPEECH_S)
        last = bisect_right(self._starts, end_s + NEAR_SPEECH_S)
        samples = self._channel.read(start_s, end_s)
        kept = np.zeros_like(samples)
        for span in self._speech[first:last]:
            begin = max(0, round((span.start_s - NEAR_SPEECH_S - start_s) * RATE_HZ))
            end = max(0, round((span.end_s + NEAR_SPEECH_S - start_s) * RATE_HZ))
            kept[begin:end] = samples[begin:end]
        return kept


def in_order_of_appearance(spans: Sequence[SideSpan]) -> tuple[SideSpan, ...]:
    """The same spans in time order, their sides renamed "first", "second" ... as they appear."""
    ordered = sorted(spans, key=lambda span: span.start_s)
    labels = list(dict.fromkeys(span.side for span in ordered))
    names = {label: NAMES[i] if i < len(NAMES) else f"{i + 1}th" for i, label in enumerate(labels)}
    return tuple(span.model_copy(update={"side": names[span.side]}) for span in ordered)


def share_out(words: Sequence[Word], spans: Sequence[SideSpan]) -> dict[str, tuple[Word, ...]]:
    """The words of each speaker, in time order; sides that say nothing are left out.

    A word is whoever's speech it overlaps most, or is nearest to. Then each sentence of which one speaker says nearly
    all goes to that speaker, since a diarization's edges are less sure than the ends of sentences.
    """
    if not spans:
        return {NAMES[0]: tuple(words)} if words else {}
    spoken_by = _Timeline(spans)
    sides: dict[str, list[Word]] = {}
    for sentence in _sentences(words):
        for word, side in zip(sentence, _settled(sentence, [spoken_by(word) for word in sentence]), strict=True):
            sides.setdefault(side, []).append(word)
    return {side: tuple(said) for side, said in sides.items()}


class _Timeline:
    """Whose speech a word falls into."""

    def __init__(self, spans: Sequence[SideSpan]) -> None:
        self._spans = spans
        self._starts = [span.start_s for span in spans]

    def __call__(self, word: Word) -> str:
        # The spans do not overlap, so those that touch the word stand together, between its two nearest neighbours.
        first = max(0, bisect_right(self._starts, word.start_s) - 1)
        last = bisect_left(self._starts, word.end_s) + 1
        return max(
            self._spans[first:last],
            key=lambda span: min(span.end_s, word.end_s) - max(span.start_s, word.start_s),
        ).side


def _sentences(words: Sequence[Word]) -> list[list[Word]]:
    sentences: list[list[Word]] = []
    for word in words:
        last = sentences[-1][-1] if sentences else None
        if last is None or last.text.endswith(_ENDS) or word.start_s - last.end_s > SENTENCE_GAP_S:
            sentences.append([])
        sentences[-1].append(word)
    return sentences


def _settled(sentence: Sequence[Word], sides: Sequence[str]) -> list[str]:
    """One side for the whole sentence where that is clear; else the sides as they are, without islands of one word."""
    seconds: dict[str, float] = {}
    for word, side in zip(sentence, sides, strict=True):
        seconds[side] = seconds.get(side, 0.0) + max(word.end_s - word.start_s, 0.01)
    leading = max(seconds, key=lambda side: seconds[side])
    if seconds[leading] >= MAJORITY * sum(seconds.values()):
        return [leading] * len(sides)
    return [
        sides[i - 1] if 0 < i < len(sides) - 1 and sides[i - 1] == sides[i + 1] else side
        for i, side in enumerate(sides)
    ]
