"""A decoded recording on disk: 16 kHz, 16 bit, channels interleaved, read back piece by piece.

Two hours of stereo are 460 MB, so no stage holds a call in memory. The file has no name, so it is gone when the
recording is closed or the process ends, however it ends.
"""

import os
import tempfile
from pathlib import Path
from types import TracebackType

import numpy as np

from audio.ports import Samples

RATE_HZ = 16_000
"""Sample rate of everything after decoding, the rate that every model here was trained at."""

FULL_SCALE = 32_768.0
"""Value of an int16 sample that stands for 1.0."""

_BYTES = 2


class Spool:
    """The growing file: samples are appended as they are decoded.

    Parameters
    ----------
    channels:
        How many channels are interleaved.
    """

    def __init__(self, channels: int) -> None:
        self.channels = channels
        self.samples = 0
        self._file = tempfile.TemporaryFile(buffering=1 << 20)  # noqa: SIM115  (lives as long as the recording)

    def write(self, interleaved: bytes | memoryview) -> None:
        """Append 16-bit samples, interleaved by channel."""
        self._file.write(interleaved)
        self.samples += len(interleaved) // (_BYTES * self.channels)

    def write_silence(self, samples: int) -> None:
        """Append digital silence as a hole in the file, which costs neither time nor disk."""
        self._file.seek(samples * _BYTES * self.channels, os.SEEK_CUR)
        self.samples += samples

    def finish(self) -> None:
        """Flush what was written, and make the file as long as what it stands for."""
        self._file.flush()
        self._file.truncate(self.samples * _BYTES * self.channels)

    def read(self, channel: int, first: int, last: int) -> Samples:
        """Samples `first` (inclusive) to `last` (exclusive) of a channel as float32, shape (last - first,), -1 to 1."""
        first = min(max(first, 0), self.samples)
        last = min(max(last, first), self.samples)
        frame_bytes = _BYTES * self.channels
        raw = os.pread(self._file.fileno(), (last - first) * frame_bytes, first * frame_bytes)
        frames = np.frombuffer(raw, dtype=np.int16).reshape(-1, self.channels)
        return frames[:, channel].astype(np.float32) / np.float32(FULL_SCALE)

    def close(self) -> None:
        """Give the disk space back; a second call does nothing."""
        self._file.close()


class Channel:
    """One channel of a recording; an `audio.ports.AudioReader`."""

    def __init__(self, spool: Spool, index: int) -> None:
        self._spool = spool
        self.index = index
        self.duration_s = spool.samples / RATE_HZ

    def read(self, start_s: float, end_s: float) -> Samples:
        """The samples of a span, shape (n_samples,), 16 kHz, -1 to 1; shorter where the span leaves the recording."""
        return self._spool.read(self.index, round(start_s * RATE_HZ), round(end_s * RATE_HZ))


class Recording:
    """A decoded call. Close it, or use it as a context manager, to give its disk space back.

    Attributes
    ----------
    source:
        The file it came from.
    duration_s:
        Length of the decoded sound, with silence where a stretch could not be decoded.
    channels:
        How many channels it has.
    source_rate_hz, codec:
        What the file held ("pcm_mulaw", "mp3", "opus" ...).
    lost_s:
        Seconds that could not be decoded, or that the file's header promises and that are not there.
    warnings:
        What was lost or odd, one plain sentence each.
    """

    def __init__(
        self,
        source: Path,
        spool: Spool,
        *,
        source_rate_hz: int,
        codec: str,
        lost_s: float = 0.0,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self.source = source
        self.source_rate_hz = source_rate_hz
        self.codec = codec
        self.lost_s = lost_s
        self.warnings = warnings
        self.channels = spool.channels
        self.duration_s = spool.samples / RATE_HZ
        self._spool = spool

    def channel(self, index: int) -> Channel:
        """A reader of one channel, counted from 0."""
        if not 0 <= index < self.channels:
            raise IndexError(f"channel {index} of a recording with {self.channels}")
        return Channel(self._spool, index)

    def close(self) -> None:
        """Give the disk space back; the readers are of no use afterwards."""
        self._spool.close()

    def __enter__(self) -> "Recording":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
