"""What a transcript holds, whatever its format was."""

from audio.facts import Fact, Quality, Sound, Span, Turn, Word


class Segment(Span):
    """A stretch of speech as a transcript file cuts it: one cue, utterance or segment."""

    speaker: str | None
    """The speaker's name or label as the file gives it; None where it gives none."""
    text: str
    words: tuple[Word, ...] = ()


class TranscriptCall(Fact):
    """One call as a transcript tells it."""

    call_id: str
    language: str | None
    """ISO 639-1: as the file states it, else as its words tell; None where neither says."""
    turns: tuple[Turn, ...]
    """`speaker` is "agent" or "customer" where the roles are known, else a side: "first", "second"."""
    sounds: tuple[Sound, ...] = ()
    duration_s: float
    roles_known: bool
    quality: Quality = Quality()
