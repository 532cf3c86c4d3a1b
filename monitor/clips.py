"""Each moment as an audio file of its own, for training sessions; personal data is silenced."""

import wave
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audio.errors import BadAudio, HeardError
from monitor.files import written_whole
from monitor.records import CallReport, Moment
from monitor.redact import is_placeholder

if TYPE_CHECKING:
    from audio.spool import Recording

CONTEXT_S = 1.0
"""Heard before and after the moment, so that a listener knows where he is."""
SILENCE_MARGIN_S = 0.15
"""Silenced on both sides of a word of personal data: word times are good to about a tenth of a second."""
RATE_HZ = 16_000


def write_clips(
    report: CallReport,
    folder: Path,
    *,
    recording: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Path, ...]:
    """Write every moment of a call as 16-bit PCM, all channels, to `<call_id>_<mm-ss>_<kind>_<verdict>.wav`.

    `recording` says where the recording is now, if not where it was. `progress` is told how many clips are done, of how many. A clip that is there already is replaced.
    Raises BadAudio where the recording is gone or is not sound, HeardError where the folder cannot be written.
    """
    source = recording_of(report, recording)
    if not report.moments:
        return ()
    from audio.decode import decode

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with decode(source) as decoded:
            return tuple(_cut(report, decoded, folder, progress))
    except OSError as error:
        raise HeardError(f"Clips cannot be written to {folder}: {error.strerror}.") from error


def recording_of(report: CallReport, moved: Path | None = None) -> Path:
    """Where the recording of a call is: where it was, unless it has `moved`. Raises BadAudio where there is none."""
    if report.channels.layout == "transcript":
        raise BadAudio(f"{report.call_id} was read from a transcript, {report.source}: there is no sound to cut.")
    source = moved or Path(report.source)
    if not source.exists():
        raise BadAudio(f"The recording of {report.call_id} is not at {source}; say where it is with --recording.")
    return source


def clip_name(report: CallReport, moment: Moment) -> str:
    """The file name of a moment's clip; characters that file systems refuse become underscores."""
    safe = "".join(character if character.isalnum() or character in "-." else "_" for character in report.call_id)
    minutes, seconds = divmod(int(moment.start_s), 60)
    return f"{safe}_{minutes:02}-{seconds:02}_{moment.kind}_{moment.verdict}.wav"


def _cut(
    report: CallReport, recording: "Recording", folder: Path, progress: Callable[[int, int], None] | None
) -> list[Path]:
    paths: list[Path] = []
    for number, moment in enumerate(report.moments, 1):
        start_s = max(0.0, moment.start_s - CONTEXT_S)
        end_s = min(recording.duration_s, moment.end_s + CONTEXT_S)
        samples = read_samples(recording, start_s, end_s)
        silence_personal(samples, report, start_s)
        path = _free(folder / clip_name(report, moment), paths)
        _write(path, samples)
        paths.append(path)
        if progress:
            progress(number, len(report.moments))
    return paths


def read_samples(recording: "Recording", start_s: float, end_s: float) -> NDArray[np.int16]:
    """All channels of a span, shape (n_samples, n_channels)."""
    channels = [recording.channel(index).read(start_s, end_s) for index in range(recording.channels)]
    return np.clip(np.round(np.stack(channels, axis=1) * 32_768), -32_768, 32_767).astype(np.int16)


def silence_personal(samples: NDArray[np.int16], report: CallReport, start_s: float) -> None:
    """Silence the spoken personal data on all channels: telephone lines leak each side into the other."""
    for turn in report.turns:
        for word in turn.words:
            if is_placeholder(word):
                first = round((word.start_s - SILENCE_MARGIN_S - start_s) * RATE_HZ)
                last = round((word.end_s + SILENCE_MARGIN_S - start_s) * RATE_HZ)
                samples[max(0, first) : max(0, last)] = 0


def _free(path: Path, taken: list[Path]) -> Path:
    """The path, or with a number where another moment of this call has the same name."""
    number, free = 2, path
    while free in taken:
        free = path.with_stem(f"{path.stem}_{number}")
        number += 1
    return free


def _write(path: Path, samples: NDArray[np.int16]) -> None:
    with written_whole(path) as file, wave.open(file, "wb") as clip:
        clip.setnchannels(samples.shape[1])
        clip.setsampwidth(2)
        clip.setframerate(RATE_HZ)
        clip.writeframes(samples.tobytes())
