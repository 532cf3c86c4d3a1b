"""Subtitles with speaker names: SubRip (.srt) and WebVTT (.vtt).

A speaker is named as `<v Name>`, `[Name]`, `Name:` or `- Name:` at the start of a line; a cue may hold lines of
several speakers, and then its time is shared out by length of text. Cues without a name go on with the last one.
Formats: the W3C's WebVTT; SubRip has no standard, so commas and dots, missing numbers and short times are all taken.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audio.errors import BadTranscript
from audio.spelling import join_words
from monitor.transcripts.assemble import assemble
from monitor.transcripts.names import role_of
from monitor.transcripts.records import Segment, TranscriptCall

TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
TIMING = re.compile(rf"\s*{TIME}\s*-->\s*{TIME}(?:\s.*)?$")
VTT_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.,]*>|\{\\[^{}]*\}")
BRACKETED = re.compile(r"\s*(?:-\s*)?(?:>>\s*)?[\[【(]([^\[\]【】()]{1,40})[\]】)]\s*[::]?\s*(.*)$", re.DOTALL)
PREFIXED = re.compile(r"\s*(?:-\s*)?(?:>>\s*)?([^\W\d_][^:：.,!?。，！？\n]{0,39})[:：](?:\s+|(?<=：))(.*)$", re.DOTALL)
BLOCKS = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True)
class Line:
    """A line of a cue, whose time it shares; `label` is what stands where a speaker's name would."""

    start_s: float
    end_s: float
    label: str | None
    said: str
    whole: str
    certain: bool


def looks_like_subtitles(text: str) -> bool:
    """Whether a text is WebVTT by its first line, or has the timing line of a cue near its beginning."""
    return is_vtt(text) or any(TIMING.match(line) for line in text.splitlines()[:20])


def is_vtt(text: str) -> bool:
    """Whether the text starts as WebVTT must."""
    return re.match(r"\ufeff?WEBVTT(?:[ \t\r\n]|$)", text) is not None


def read(text: str, path: Path, warnings: tuple[str, ...]) -> TranscriptCall:
    """The call of an SRT or WebVTT file.

    Raises:
        BadTranscript: naming the line that cannot be read, or no speaker is named.
    """
    lines = [line for cue in cues(text, path) for line in cue]
    labels = speaker_labels(lines)
    segments = []
    for line in lines:
        named = line.label is not None and (line.certain or line.label in labels)
        said = line.said if named else line.whole
        segments.append(
            Segment(start_s=line.start_s, end_s=line.end_s, speaker=line.label if named else None, text=said)
        )
    return assemble(segments, path, warnings=warnings)


def cues(text: str, path: Path) -> Iterator[list[Line]]:
    """The lines of each cue, in the order of the file."""
    lines = text.removeprefix("\ufeff").splitlines()
    if not is_vtt(text) and not any("-->" in line for line in lines):
        raise BadTranscript(f"{path}: has no cue such as '00:00:01,000 --> 00:00:03,500'; export it as SRT or VTT.")
    at = 0
    while at < len(lines):
        if "-->" not in lines[at]:
            at = skip_block(lines, at)
            continue
        start_s, end_s = times(lines[at], at + 1, path)
        at += 1
        body = []
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            body.append(lines[at])
            at += 1
        if at < len(lines) and "-->" in lines[at] and body and body[-1].strip().isdigit():
            body.pop()  # the number of the next cue, where the empty line between the two is missing
        yield share(body, start_s, end_s)


def skip_block(lines: list[str], at: int) -> int:
    """The next line that may start a cue; notes and styles of WebVTT end at an empty line."""
    if lines[at].split(" ")[0].strip() in BLOCKS:
        while at < len(lines) and lines[at].strip():
            at += 1
    return at + 1


def times(line: str, number: int, path: Path) -> tuple[float, float]:
    """Start and end of a cue in seconds."""
    match = TIMING.match(line)
    if not match:
        raise BadTranscript(
            f"{path}: line {number}: unreadable times {line.strip()[:60]!r}; write them as 00:00:01,000 --> 00:00:03,500."
        )
    start_s, end_s = (seconds(*match.groups()[i : i + 4]) for i in (0, 4))
    if end_s < start_s:
        raise BadTranscript(f"{path}: line {number}: the cue ends before it starts; mend its times.")
    return start_s, end_s


def seconds(hours: str | None, minutes: str, whole: str, fraction: str | None) -> float:
    """A time of day as seconds; ".5" is half a second."""
    thousandths = int((fraction or "0").ljust(3, "0"))
    return ((int(hours or 0) * 60 + int(minutes)) * 60_000 + int(whole) * 1000 + thousandths) / 1000


def share(body: list[str], start_s: float, end_s: float) -> list[Line]:
    """The lines of one cue: joined where only one speaks, else each with its share of the time by length of text."""
    parts: list[tuple[str | None, str, str, bool]] = []
    for raw in voices(body):
        label, said, whole, certain = split_name(raw)
        if label is None and parts:
            label, before, whole_before, certain = parts.pop()
            said, whole = join_words([before, said]), join_words([whole_before, whole])
        parts.append((label, said, whole, certain))
    total = sum(len(whole) for _, _, whole, _ in parts) or 1
    lines = []
    at_s = start_s
    for index, (label, said, whole, certain) in enumerate(parts):
        until_s = end_s if index == len(parts) - 1 else at_s + (end_s - start_s) * len(whole) / total
        lines.append(Line(at_s, max(at_s, until_s), label, said, whole, certain))
        at_s = lines[-1].end_s
    return lines


def voices(body: list[str]) -> Iterator[str]:
    """Lines of a cue, cut also where a `<v Name>` begins inside a line."""
    for line in body:
        yield from (part for part in re.split(r"(?=<v[.\s])", line) if part.strip())


def split_name(raw: str) -> tuple[str | None, str, str, bool]:
    """(label, what is said, the whole without markup, whether the label is a name for certain) of one line."""
    voice = VTT_VOICE.match(raw.lstrip())
    plain = html.unescape(TAG.sub("", raw)).strip()
    if voice:
        return html.unescape(voice.group(1)).strip(), plain, plain, True
    match = BRACKETED.match(plain) or PREFIXED.match(plain)
    if match:
        label = match.group(1).strip()
        return label, match.group(2).strip(), plain, role_of(label) is not None
    return None, plain.removeprefix("- "), plain.removeprefix("- "), False


def speaker_labels(lines: list[Line]) -> set[str]:
    """Which labels are speakers, and not "[laughs]" or "One thing: ..." in passing.

    A name that says a role is one; so is a label that comes twice; so is every label where nearly all lines have one,
    unless both parties are named by their roles already.
    """
    counts = Counter(line.label for line in lines if line.label and line.said)
    roles = {role for label in counts if (role := role_of(label))}
    if len(roles) < 2 and counts.total() >= 0.9 * len(lines):
        return set(counts)
    return {label for label, count in counts.items() if role_of(label) or count >= 2}
