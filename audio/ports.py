"""The places where a model is plugged in: each Protocol has one real implementation and one scripted fake for tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.facts import Fact, Sound, Span, Word

Samples = NDArray[np.float32]
"""Mono audio, shape (n_samples,), 16 kHz, -1 to 1."""


class Transcript(Fact):
    """The words of one channel and the language they are in (ISO 639-1; "" if there are none)."""

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


@dataclass(frozen=True)
class Track:
    """One channel of a call and where somebody speaks in it."""

    channel: AudioReader
    speech: Sequence[Span]
    opening: tuple[str, ...] = ()
    """The words with which the speech is known to begin: they are not recognised again, and not returned."""


class Transcriber(Protocol):
    """Turns speech into words."""

    name: str

    def transcribe(
        self, tracks: Sequence[Track], *, language: str | None, progress: Callable[[float], None] | None = None
    ) -> tuple[Transcript, ...]:
        """Words of each channel of one call, in time order, times from the start of the call.

        All channels come at once: a call has one language, and two half-empty channels share the work.
        Without a given language it is found; it is "" where nobody speaks. `progress` hears the fraction done.
        """
        ...


class Diarizer(Protocol):
    """Tells the speakers of one channel apart."""

    name: str

    def prepare(self) -> None:
        """Load the models now, so that the first call need not wait for them; may be called from a thread."""
        ...

    def diarize(
        self,
        channel: AudioReader,
        speech: Sequence[Span],
        *,
        speakers: int | None,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[SideSpan, ...]:
        """Who speaks when, one speaker at a time (exclusive), in time order. `progress` hears the fraction done."""
        ...


class SoundTagger(Protocol):
    """Names the sounds behind the speech."""

    name: str

    def tag(self, channel: AudioReader, speech: Sequence[Span]) -> tuple[Sound, ...]:
        """Background sounds of one channel with start, end, label and confidence, in time order."""
        ...

    def scores(self, channel: AudioReader) -> list[dict[str, float]]:
        """How likely each sound is, 0 to 1 by its label, in each second of one channel; `distress` is any of distress."""
        ...
