"""Our own output read back: a report (`heard.call/1`) or the facts of a call, to be judged anew."""

from pathlib import Path
from typing import Any

from audio.errors import BadTranscript
from audio.facts import Quality, Sound, Turn, Voice, Word
from monitor.transcripts.language import find_language, language_code
from monitor.transcripts.records import TranscriptCall
from monitor.transcripts.text import Foreign, Seconds, validate


class OwnTurn(Foreign):
    """A turn of ours; what was judged about it (acts, frustration) is not read."""

    speaker: str
    start_s: Seconds
    end_s: Seconds
    text: str
    words: tuple[Word, ...] = ()
    voice: Voice | None = None


class OwnQuality(Foreign):
    """How well the recording could be heard."""

    partial: bool = False
    lost_s: float = 0.0
    warnings: tuple[str, ...] = ()


class OwnCall(Foreign):
    """The facts in a report of ours; its findings are not read."""

    call_id: str | None = None
    language: str | None = None
    duration_s: float = 0.0
    turns: list[OwnTurn]
    sounds: tuple[Sound, ...] = ()
    quality: OwnQuality = OwnQuality()


def matches(document: dict[str, Any]) -> bool:
    """Whether a JSON document is a report or the facts of a call."""
    turns = document.get("turns")
    if str(document.get("schema", "")).startswith("heard."):
        return True
    return isinstance(turns, list) and bool(turns) and isinstance(turns[0], dict) and "start_s" in turns[0]


def read(document: dict[str, Any], path: Path, warnings: tuple[str, ...]) -> TranscriptCall:
    """The call that the report was made of: turns, words, the customer's voice and the sounds."""
    schema = document.get("schema", "heard.call/1")
    if schema != "heard.call/1":
        raise BadTranscript(f"{path}: written in the format {schema!r}, which this version cannot read; update heard.")
    call = validate(OwnCall, document, path, "report of ours")
    for index, turn in enumerate(call.turns):
        if turn.end_s < turn.start_s:
            raise BadTranscript(f"{path}: turns[{index}] ends at {turn.end_s:g} s, before it starts; mend its times.")
    speakers = {turn.speaker for turn in call.turns}
    turns = tuple(
        Turn(
            index=index,
            speaker=turn.speaker,
            start_s=turn.start_s,
            end_s=turn.end_s,
            text=turn.text,
            words=tuple(turn.words),
            # Nothing is ever inferred from an agent's voice, so none is taken over either.
            voice=turn.voice if turn.speaker == "customer" else None,
        )
        for index, turn in enumerate(call.turns)
    )
    return TranscriptCall(
        call_id=call.call_id or path.stem,
        language=language_code(call.language) or find_language(turn.text for turn in turns),
        turns=turns,
        sounds=tuple(call.sounds),
        duration_s=max([call.duration_s, *(span.end_s for span in (*turns, *call.sounds))]),
        roles_known=speakers <= {"agent", "customer"},
        quality=Quality(
            partial=call.quality.partial, lost_s=call.quality.lost_s, warnings=(*call.quality.warnings, *warnings)
        ),
    )
