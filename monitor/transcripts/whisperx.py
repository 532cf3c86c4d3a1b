"""WhisperX JSON: `segments[]` with `start`, `end`, `text`, `speaker` ("SPEAKER_00") and `words[]`, in seconds.

Words that could not be aligned (numbers, mostly) have no times: they are placed between their neighbours. A segment
in which the diarization found a change of speaker carries the speaker of each word, and is cut there.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from audio.facts import Word
from monitor.transcripts.assemble import assemble
from monitor.transcripts.records import Segment, TranscriptCall
from monitor.transcripts.text import Foreign, Seconds, validate


class AlignedWord(Foreign):
    """A word; without times where the alignment failed."""

    word: str
    start: Seconds | None = None
    end: Seconds | None = None
    score: float | None = None
    speaker: str | None = None


class AlignedSegment(Foreign):
    """A stretch of speech, about a sentence."""

    start: Seconds
    end: Seconds
    text: str
    speaker: str | None = None
    words: tuple[AlignedWord, ...] = ()


class WhisperX(Foreign):
    """One transcribed recording."""

    language: str | None = None
    segments: list[AlignedSegment]


def matches(document: dict[str, Any]) -> bool:
    """Whether a JSON document is WhisperX output (or plain Whisper's, which then lacks speakers)."""
    return isinstance(document.get("segments"), list)


def read(document: dict[str, Any], path: Path, warnings: tuple[str, ...]) -> TranscriptCall:
    """The call with speakers as WhisperX's diarization told them apart; who is the agent is not known.

    Raises:
        BadTranscript: the file is incomplete, or was made without diarization.
    """
    call = validate(WhisperX, document, path, "WhisperX transcript")
    segments = [part for segment in call.segments for part in cut(segment)]
    return assemble(segments, path, language=call.language, warnings=warnings)


def cut(segment: AlignedSegment) -> Iterator[Segment]:
    """The segment, in parts where its words are of different speakers."""
    words = timed(segment)
    speakers = [word.speaker or segment.speaker for word in segment.words]
    if len(set(speakers)) <= 1:
        speaker = segment.speaker or next(iter(speakers), None)
        yield Segment(start_s=segment.start, end_s=segment.end, speaker=speaker, text=segment.text, words=words)
        return
    for speaker, group in groupby(zip(speakers, words, strict=True), key=lambda pair: pair[0]):
        part = tuple(word for _, word in group)
        text = " ".join(word.text for word in part)
        yield Segment(start_s=part[0].start_s, end_s=part[-1].end_s, speaker=speaker, text=text, words=part)


def timed(segment: AlignedSegment) -> tuple[Word, ...]:
    """The segment's words, each with times: a word without its own lies between its neighbours'."""
    words: list[Word] = []
    for index, word in enumerate(segment.words):
        previous_end = words[-1].end_s if words else segment.start
        start = previous_end if word.start is None else word.start
        end = max(start, next_start(segment.words[index + 1 :], segment.end)) if word.end is None else word.end
        confidence = 0.0 if word.score is None else min(max(word.score, 0.0), 1.0)
        words.append(Word(start_s=start, end_s=max(start, end), text=word.word.strip(), confidence=confidence))
    return tuple(words)


def next_start(words: Sequence[AlignedWord], otherwise: float) -> float:
    """When the next word that has a time starts, in seconds."""
    return next((word.start for word in words if word.start is not None), otherwise)
