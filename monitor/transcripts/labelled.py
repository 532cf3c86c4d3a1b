"""Labelled calls: `{"call_id", "language", "turns": [{"speaker", "start", "end", "text"}], "sounds": [...]}`.

Whatever else is there (the labels, above all) is not read: a labelled call is judged like any other.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from audio.errors import BadTranscript
from audio.facts import Quality, Sound, Turn
from monitor.records import Role
from monitor.transcripts.language import find_language, language_code
from monitor.transcripts.records import TranscriptCall
from monitor.transcripts.text import Foreign, Seconds, validate


class LabelledSpan(Foreign):
    """A stretch of time, in seconds from the start of the call."""

    start: Seconds
    end: Seconds


class LabelledTurn(LabelledSpan):
    """A turn of one party."""

    speaker: Role
    text: str


class LabelledSound(LabelledSpan):
    """A background sound on the customer's side."""

    label: str


class LabelledCall(Foreign):
    """The parts of a labelled call that an analysis may see."""

    call_id: str = Field(min_length=1)
    language: str | None = None
    turns: list[LabelledTurn]
    sounds: tuple[LabelledSound, ...] = ()


def matches(document: dict[str, Any]) -> bool:
    """Whether a JSON document is a labelled call."""
    turns = document.get("turns")
    return (
        isinstance(turns, list) and "schema" not in document and all("start_s" not in _keys(turn) for turn in turns[:1])
    )


def read(document: dict[str, Any], path: Path, warnings: tuple[str, ...]) -> TranscriptCall:
    """The call as it stands: turns are kept exactly, none joined or moved."""
    call = validate(LabelledCall, document, path, "labelled call")
    for kind, spans in (("turns", call.turns), ("sounds", call.sounds)):
        for index, span in enumerate(spans):
            if span.end < span.start:
                raise BadTranscript(
                    f"{path}: {kind}[{index}] ends at {span.end:g} s, before it starts; mend its times."
                )
    turns = tuple(
        Turn(index=index, speaker=turn.speaker, start_s=turn.start, end_s=turn.end, text=turn.text)
        for index, turn in enumerate(call.turns)
    )
    sounds = tuple(Sound(label=s.label, start_s=s.start, end_s=s.end, confidence=1.0) for s in call.sounds)
    return TranscriptCall(
        call_id=call.call_id,
        language=language_code(call.language) or find_language(turn.text for turn in turns),
        turns=turns,
        sounds=sounds,
        duration_s=max((span.end_s for span in (*turns, *sounds)), default=0.0),
        roles_known=True,
        quality=Quality(warnings=warnings),
    )


def check_times(kind: str, spans: Sequence[LabelledSpan], path: Path) -> None:
    """That no span ends before it starts."""
    for index, span in enumerate(spans):
        if span.end < span.start:
            raise BadTranscript(f"{path}: {kind}[{index}] ends at {span.end:g} s, before it starts; mend its times.")


def _keys(item: object) -> set[str]:
    return set(item) if isinstance(item, dict) else set()
