"""Which format a transcript is in is told by its content, never by its name."""

from pathlib import Path
from typing import Any, Protocol

from audio.errors import BadTranscript
from monitor.transcripts import call_analytics, labelled, own, post_call_analytics, subtitles, whisperx
from monitor.transcripts.records import TranscriptCall
from monitor.transcripts.text import BYTE_ORDER_MARKS, decode, parse_json, read_text

SUFFIXES = (".json", ".srt", ".vtt")
HEAD_BYTES = 4096


class Format(Protocol):
    """A JSON format: tells its own documents and reads them."""

    def matches(self, document: dict[str, Any]) -> bool:
        """Whether the document is of this format."""
        ...

    def read(self, document: dict[str, Any], path: Path, warnings: tuple[str, ...]) -> TranscriptCall:
        """The call in the document."""
        ...


FORMATS: tuple[Format, ...] = (own, labelled, call_analytics, post_call_analytics, whisperx)


def is_transcript(path: Path) -> bool:
    """Whether a file is to be read as a transcript rather than decoded as audio.

    By its first bytes; where they do not tell, by its name, so that a broken transcript is reported as one.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return path.suffix.lower() in SUFFIXES
    if b"\0" in head and not head.startswith(tuple(BYTE_ORDER_MARKS)):
        return False
    text = decode(head)[0].lstrip("\ufeff \t\r\n")
    return text.startswith("{") or subtitles.looks_like_subtitles(text) or path.suffix.lower() in SUFFIXES


def read_transcript(path: Path) -> TranscriptCall:
    """The call that a transcript tells.

    Raises:
        BadTranscript: one sentence with the file, the place in it, what is wrong and what to do.
    """
    text, warnings = read_text(path)
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return subtitles.read(text, path, warnings)
    document = parse_json(text.removeprefix("\ufeff"), path)
    if isinstance(document, dict):
        for format_ in FORMATS:
            if format_.matches(document):
                return format_.read(document, path, warnings)
    raise BadTranscript(
        f"{path}: JSON, but no transcript that heard knows; docs/TRANSCRIPTS.md lists the formats it reads."
    )
