# ruff: noqa: ARG002  (a script is not interested in what it is asked)
"""Scripted stand-ins for the models: they say what a test tells them to, so that what comes after them can be tested."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from audio.facts import Sound, Span, Word
from audio.ports import AudioReader, Samples, SideSpan, Track, Transcript

RATE_HZ = 16_000


class Tape:
    """A channel held in memory; an `audio.ports.AudioReader`."""

    def __init__(self, samples: Samples) -> None:
        self.samples = np.asarray(samples, dtype=np.float32)
        self.duration_s = len(self.samples) / RATE_HZ

    def read(self, start_s: float, end_s: float) -> Samples:
        return self.samples[max(0, round(start_s * RATE_HZ)) : max(0, round(end_s * RATE_HZ))]


class ScriptedTranscriber:
    """Gives each channel of a call the words that were scripted for it."""

    name = "scripted-words"

    def __init__(self, *channels: Sequence[Word], language: str = "en") -> None:
        self.channels = channels
        self.language = language

    def transcribe(
        self, tracks: Sequence[Track], *, language: str | None, progress: Callable[[float], None] | None = None
    ) -> tuple[Transcript, ...]:
        assert len(tracks) == len(self.channels)
        if progress:
            progress(1.0)
        return tuple(Transcript(language=language or self.language, words=tuple(words)) for words in self.channels)


class ScriptedDiarizer:
    """Tells speakers apart as scripted, and remembers whether it was asked."""

    name = "scripted-speakers"

    def __init__(self, *spans: SideSpan) -> None:
        self.spans = spans
        self.asked = 0

    def prepare(self) -> None:
        """Nothing to load."""

    def diarize(
        self,
        channel: AudioReader,
        speech: Sequence[Span],
        *,
        speakers: int | None,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[SideSpan, ...]:
        self.asked += 1
        if progress:
            progress(1.0)
        return self.spans


class ScriptedTagger:
    """Hears the sounds that were scripted."""

    name = "scripted-sounds"

    def __init__(self, *sounds: Sound) -> None:
        self.sounds = sounds

    def tag(self, channel: AudioReader, speech: Sequence[Span]) -> tuple[Sound, ...]:
        return self.sounds

    def scores(self, channel: AudioReader) -> list[dict[str, float]]:
        return [
            {
                sound.label: sound.confidence * (sound.start_s < second + 1 and second < sound.end_s)
                for sound in self.sounds
            }
            for second in range(math.ceil(channel.duration_s))
        ]


def said(text: str, start_s: float, end_s: float, *, confidence: float = 0.9) -> list[Word]:
    """The words of a text, spread evenly over a time."""
    words = text.split()
    step = (end_s - start_s) / len(words)
    return [
        Word(text=word, start_s=start_s + i * step, end_s=start_s + (i + 1) * step, confidence=confidence)
        for i, word in enumerate(words)
    ]
