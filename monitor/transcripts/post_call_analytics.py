"""Output of Amazon's Post Call Analytics sample solution: `ConversationAnalytics` and `SpeechSegments`.

Speakers are "spk_0", "spk_1" ...; `SpeakerLabels` gives the names to display ("Agent", "Caller"). Times are seconds.
Format: the solution's document "output_json_structure".
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_pascal

from audio.facts import Word
from monitor.transcripts.assemble import assemble
from monitor.transcripts.records import Segment, TranscriptCall
from monitor.transcripts.text import Foreign, Seconds, validate


class Solution(Foreign):
    """Base of the records of this format, whose keys are written LikeThis."""

    model_config = ConfigDict(alias_generator=to_pascal)


class SpeakerLabel(Solution):
    """How a speaker is shown."""

    speaker: str
    display_text: str


class ConversationAnalytics(Solution):
    """The header of a call."""

    duration: Seconds | None = None
    language_code: str | None = None
    speaker_labels: tuple[SpeakerLabel, ...] = ()


class TimedWord(Solution):
    """A word; its text may carry a leading space and trailing punctuation."""

    text: str
    confidence: float = 1.0
    start_time: Seconds | None = None
    end_time: Seconds | None = None


class SpeechSegment(Solution):
    """One stretch of speech; `display_text` is the text after redaction or editing, where there was any."""

    segment_start_time: Seconds
    segment_end_time: Seconds
    segment_speaker: str
    ivr_segment: bool = Field(default=False, alias="IVRSegment")
    display_text: str | None = None
    original_text: str | None = None
    word_confidence: tuple[TimedWord, ...] = ()


class PostCallAnalytics(Solution):
    """One analysed call; sentiment, categories and entities are the solution's judgement and are not read."""

    conversation_analytics: ConversationAnalytics
    speech_segments: list[SpeechSegment]


def matches(document: dict[str, Any]) -> bool:
    """Whether a JSON document is Post Call Analytics output."""
    return "SpeechSegments" in document or "ConversationAnalytics" in document


def read(document: dict[str, Any], path: Path, warnings: tuple[str, ...]) -> TranscriptCall:
    """The call with roles by the speakers' display names; announcements of the phone system are left out.

    Raises:
        BadTranscript: the file is incomplete.
    """
    call = validate(PostCallAnalytics, document, path, "Post Call Analytics transcript")
    names = {label.speaker: label.display_text for label in call.conversation_analytics.speaker_labels}
    segments = [
        Segment(
            start_s=segment.segment_start_time,
            end_s=segment.segment_end_time,
            speaker=names.get(segment.segment_speaker) or segment.segment_speaker,
            text=segment.display_text or segment.original_text or "",
            words=words_of(segment.word_confidence),
        )
        for segment in call.speech_segments
        if not segment.ivr_segment
    ]
    announcements = len(call.speech_segments) - len(segments)
    if announcements:
        warnings = (*warnings, f"announcements of the phone system are left out: {announcements}")
    header = call.conversation_analytics
    return assemble(segments, path, language=header.language_code, duration_s=header.duration, warnings=warnings)


def words_of(timed: Sequence[TimedWord]) -> tuple[Word, ...]:
    """The words that have times."""
    return tuple(
        Word(start_s=word.start_time, end_s=word.end_time, text=word.text.strip(), confidence=word.confidence)
        for word in timed
        if word.start_time is not None and word.end_time is not None and word.text.strip()
    )
