"""The outline of a recording: what its waveform is drawn from. And what can be seen in the turns alone: overlaps, silences."""

import zlib

from sqlalchemy import Connection, delete, insert, select

from audio.facts import Span, Waveform
from monitor.records import CallReport
from monitor.store.more_tables import WaveformRow


def put_waveform(connection: Connection, call_id: str, waveform: Waveform) -> None:
    """Keep a call's waveform in place of the one it had."""
    connection.execute(delete(WaveformRow).where(WaveformRow.call_id == call_id))
    row = {
        "call_id": call_id,
        "peaks_hz": waveform.peaks_hz,
        "sides": list(waveform.sides),
        "peaks": zlib.compress(b"".join(waveform.peaks)),
    }
    connection.execute(insert(WaveformRow), [row])


def get_waveform(connection: Connection, call_id: str) -> Waveform | None:
    """A call's waveform, None where there is none (it was read from a transcript, or by an earlier version)."""
    query = select(WaveformRow.peaks_hz, WaveformRow.sides, WaveformRow.peaks).where(WaveformRow.call_id == call_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    packed = zlib.decompress(row.peaks)
    each = len(packed) // len(row.sides)
    peaks = tuple(packed[i * each : (i + 1) * each] for i in range(len(row.sides)))
    return Waveform(peaks_hz=row.peaks_hz, sides=tuple(row.sides), peaks=peaks)


def overlaps(report: CallReport) -> tuple[Span, ...]:
    """Where both sides speak at once, in order."""
    found = []
    reach: dict[str, float] = {}
    for turn in sorted(report.turns, key=lambda turn: turn.start_s):
        others = max((end for speaker, end in reach.items() if speaker != turn.speaker), default=0.0)
        if others > turn.start_s:
            found.append(Span(start_s=turn.start_s, end_s=min(others, turn.end_s)))
        reach[turn.speaker] = max(reach.get(turn.speaker, 0.0), turn.end_s)
    return tuple(found)


def silences(report: CallReport, at_least_s: float = 10.0) -> tuple[Span, ...]:
    """Where neither side speaks for so long, in order; holds are among them."""
    spoken = sorted((turn.start_s, turn.end_s) for turn in report.turns)
    ends = [0.0]
    for _, end in spoken:
        ends.append(max(ends[-1], end))
    starts = [*(start for start, _ in spoken), report.duration_s]
    gaps = zip(ends, starts, strict=True)
    return tuple(Span(start_s=end, end_s=start) for end, start in gaps if start - end >= at_least_s)
