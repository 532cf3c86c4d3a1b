"""The places where a model is plugged in: each Protocol has one real implementation and one scripted fake for tests."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.facts import Fact, Sound, Span, Word

Samples = NDArray[np.float32]
"""Mono audio, shape (n_samples,), 16 kHz, -1 to 1."""


class Transcript(Fact):
    """The words of one channel and the language they are in (ISO 639-1)."""

    language: str
    words: tuple[Word, ...]


class SideSpan(Span):
    """A stretch in which one side ("first", "second", ...) speaks."""

    side: str


class AudioReader(Protocol):
    """One channel that can be read piecewise, so that no stage needs the whole call in memory."""

    duration_s: float

    def read(self, start_s: float, end_s: float) -> Samples:
        """The samples of a span; shorter at the end of the call."""
        ...


class Transcriber(Protocol):
    name: str

    def transcribe(self, channel: AudioReader, speech: Sequence[Span], *, language: str | None) -> Transcript:
        """Words of the speech spans of one channel, in time order, times from the start of the call."""
        ...


class Diarizer(Protocol):
    name: str

    def diarize(self, channel: AudioReader, speech: Sequence[Span], *, speakers: int | None) -> tuple[SideSpan, ...]:
        """Who speaks when, one speaker at a time (exclusive), in time order."""
        ...


class SoundTagger(Protocol):
    name: str

    def tag(self, channel: AudioReader, speech: Sequence[Span]) -> tuple[Sound, ...]:
        """Background sounds of one channel with start, end, label and confidence, in time order."""
        ...
