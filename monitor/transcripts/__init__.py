"""Transcripts made elsewhere, read as if they had been heard: `read_transcript(path) -> TranscriptCall`."""

from monitor.transcripts.read import is_transcript, read_transcript
from monitor.transcripts.records import TranscriptCall

__all__ = ["TranscriptCall", "is_transcript", "read_transcript"]
