"""A report in the formats of other programs: JSON, CSV of moments, SRT and WebVTT subtitles, RTTM speaker turns."""

import csv
import html
import io
from collections.abc import Callable

from monitor.records import CallReport, Moment

MOMENT_COLUMNS = (
    "call_id", "kind", "verdict", "severity", "start_s", "end_s", "confidence", "turn", "opening_turn",
    "response_turn", "latency_s", "quote", "why",
)  # fmt: skip


def to_json(report: CallReport) -> str:
    """The whole report, schema heard.call/1, indented."""
    return report.to_json(indent=2) + "\n"


def to_csv(report: CallReport) -> str:
    """One line a moment (RFC 4180), columns as in MOMENT_COLUMNS.

    A cell that a spreadsheet would run as a formula gets an apostrophe before it: what a caller says is not trusted.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, MOMENT_COLUMNS)
    writer.writeheader()
    for moment in report.moments:
        row = moment.model_dump(exclude={"response"})
        response = moment.response
        row |= {"response_turn": response and response.turn, "latency_s": response and response.latency_s}
        writer.writerow({"call_id": _cell(report.call_id)} | {name: _cell(value) for name, value in row.items()})
    return text.getvalue()


def to_srt(report: CallReport) -> str:
    """SubRip subtitles, one cue a turn, the speaker's role before the text."""
    cues = (
        f"{number}\n{_clock(turn.start_s, ',')} --> {_clock(turn.end_s, ',')}\n{_role(turn.speaker)}: {_line(turn.text)}\n"
        for number, turn in enumerate(report.turns, 1)
    )
    return "\n".join(cues)


def to_vtt(report: CallReport) -> str:
    """WebVTT with voices (`<v Customer>`); a moment is a note before the cue of its turn."""
    flags: dict[int | None, list[Moment]] = {}
    for moment in report.moments:
        flags.setdefault(moment.turn, []).append(moment)
    blocks = ["WEBVTT\n"]
    for turn in report.turns:
        blocks += [f"NOTE {m.verdict} {m.severity} {m.kind}: {_note(m.why)}\n" for m in flags.get(turn.index, ())]
        times = f"{_clock(turn.start_s, '.')} --> {_clock(turn.end_s, '.')}"
        blocks.append(f"{times}\n<v {_role(turn.speaker)}>{html.escape(_line(turn.text), quote=False)}\n")
    return "\n".join(blocks)


def to_rttm(report: CallReport) -> str:
    """NIST Rich Transcription Time Marked: who spoke when. Blanks in the call id become underscores, as RTTM has none."""
    name = "_".join(report.call_id.split())
    return "".join(
        f"SPEAKER {name} 1 {turn.start_s:.3f} {turn.duration_s:.3f} <NA> <NA> {turn.speaker} <NA> <NA>\n"
        for turn in report.turns
    )


FORMATS: dict[str, Callable[[CallReport], str]] = {
    "json": to_json,
    "csv": to_csv,
    "srt": to_srt,
    "vtt": to_vtt,
    "rttm": to_rttm,
}


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _clock(seconds: float, mark: str) -> str:
    """hh:mm:ss and milliseconds after the format's mark."""
    total, milliseconds = divmod(round(max(0.0, seconds) * 1000), 1000)
    return f"{total // 3600:02}:{total // 60 % 60:02}:{total % 60:02}{mark}{milliseconds:03}"


def _role(speaker: str) -> str:
    return speaker.capitalize()


def _line(text: str) -> str:
    """The text on one line: a blank line would end the cue."""
    return " ".join(text.split()) or "…"


def _note(text: str) -> str:
    return _line(text).replace("-->", "→")
