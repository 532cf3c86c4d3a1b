"""A copy of a call's recording to listen to in a browser: small, both sides kept apart, personal data silenced."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audio.errors import HeardError
from monitor.clips import read_samples, recording_of, silence_personal
from monitor.records import CallReport

if TYPE_CHECKING:
    from audio.spool import Recording

BLOCK_S = 30.0

Progress = Callable[[float, float], None]
"""Told the seconds done and the seconds there are."""


def write_copy(
    report: CallReport,
    path: Path,
    *,
    span: tuple[float, float] | None = None,
    recording: Path | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the call, or a span of it in seconds, as AAC in MP4; the first two channels of the recording.

    `recording` says where the recording is now, if not where it was.
    Raises BadAudio where it is gone or is not sound, HeardError where the span is empty or the file cannot be written.
    """
    source = recording_of(report, recording)
    from audio.decode import decode
    from audio.encode import write_m4a

    with decode(source) as decoded:
        start_s, end_s = span or (0.0, decoded.duration_s)
        start_s, end_s = max(0.0, start_s), min(end_s, decoded.duration_s)
        if start_s >= end_s:
            raise HeardError(
                f"{report.call_id} lasts {decoded.duration_s:.1f} s: nothing lies between the times given."
            )
        blocks = _blocks(decoded, report, start_s, end_s, progress)
        # Written under another name first: who finds the file may play it.
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            write_m4a(part, blocks, min(2, decoded.channels))
            part.replace(path)
        except OSError as error:
            raise HeardError(f"The copy cannot be written to {path}: {error.strerror}.") from error
        finally:
            part.unlink(missing_ok=True)


def _blocks(
    decoded: "Recording", report: CallReport, start_s: float, end_s: float, progress: Progress | None
) -> Iterator[NDArray[np.int16]]:
    at_s = start_s
    while at_s < end_s:
        until_s = min(at_s + BLOCK_S, end_s)
        samples = read_samples(decoded, at_s, until_s)[:, :2]
        silence_personal(samples, report, at_s)
        yield samples
        at_s = until_s
        if progress:
            progress(at_s - start_s, end_s - start_s)
