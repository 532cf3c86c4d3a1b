"""Amazon Transcribe Call Analytics (post-call output) and Amazon Connect Contact Lens, which share a shape.

`Transcript[]` holds utterances with `ParticipantRole` (or `ParticipantId`, resolved by `Participants`), times in
milliseconds and `Items[]`: words with times and a confidence, punctuation marks without times.
Format: Amazon Transcribe Developer Guide, "Post-call analytics output".
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ConfigDict
from pydantic.alias_generators import to_pascal

from audio.errors import BadTranscript
from audio.facts import Word
from monitor.transcripts.assemble import assemble
from monitor.transcripts.records import Segment, TranscriptCall
from monitor.transcripts.text import Foreign, Seconds, validate


class Amazon(Foreign):
    """Base of the records of Amazon's formats, whose keys are written LikeThis."""

    model_config = ConfigDict(alias_generator=to_pascal)


class Item(Amazon):
    """A word, or a punctuation mark, which has no times."""

    content: str
    begin_offset_millis: Seconds | None = None
    end_offset_millis: Seconds | None = None
    confidence: float | None = None


class Utterance(Amazon):
    """What one participant says in a row."""

    begin_offset_millis: Seconds
    end_offset_millis: Seconds
    content: str
    participant_role: str | None = None
    participant_id: str | None = None
    items: tuple[Item, ...] = ()


class Participant(Amazon):
    """Who a `ParticipantId` is."""

    participant_role: str
    participant_id: str | None = None


class Characteristics(Amazon):
    """Figures about the whole call."""

    total_conversation_duration_millis: Seconds = 0.0


class CallAnalytics(Amazon):
    """One analysed call; sentiment, categories and summaries are Amazon's judgement and are not read."""

    language_code: str | None = None
    participants: tuple[Participant, ...] = ()
    transcript: list[Utterance]
    conversation_characteristics: Characteristics = Characteristics()


def matches(document: dict[str, Any]) -> bool:
    """Whether a JSON document is Call Analytics or Contact Lens output."""
    return isinstance(document.get("Transcript"), list)


def read(document: dict[str, Any], path: Path, warnings: tuple[str, ...]) -> TranscriptCall:
    """The call with roles as Amazon assigned them.

    Raises:
        BadTranscript: the file is incomplete, or is a chat, which has no times.
    """
    if document.get("Channel") == "CHAT":
        raise BadTranscript(f"{path}: is a chat, not a call; only calls can be analysed.")
    call = validate(CallAnalytics, document, path, "Call Analytics transcript")
    roles = {person.participant_id: person.participant_role for person in call.participants if person.participant_id}
    segments = [
        Segment(
            start_s=utterance.begin_offset_millis / 1000,
            end_s=utterance.end_offset_millis / 1000,
            speaker=utterance.participant_role or roles.get(utterance.participant_id or "") or utterance.participant_id,
            text=utterance.content,
            words=words_of(utterance.items),
        )
        for utterance in call.transcript
    ]
    return assemble(
        segments,
        path,
        language=call.language_code,
        duration_s=call.conversation_characteristics.total_conversation_duration_millis / 1000,
        warnings=warnings,
    )


def words_of(items: Sequence[Item]) -> tuple[Word, ...]:
    """Words with the punctuation that follows each, as one writes them."""
    words: list[Word] = []
    for item in items:
        if item.begin_offset_millis is not None and item.end_offset_millis is not None:
            words.append(
                Word(
                    start_s=item.begin_offset_millis / 1000,
                    end_s=item.end_offset_millis / 1000,
                    text=item.content,
                    confidence=1.0 if item.confidence is None else item.confidence,
                )
            )
        elif words:
            words[-1] = words[-1].model_copy(update={"text": words[-1].text + item.content})
    return tuple(words)
