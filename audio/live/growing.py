"""A recording that grows while it is heard: a wav file that every sample is written to as it comes.

The header keeps the size that streaming writers leave there until the call has ended, so the file can be read at any moment,
also after its writer was killed (see `audio.wav`). Where nothing was written there is a hole in the file, which reads as silence.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.errors import HeardError
from audio.g711 import Pcm
from audio.ports import Samples
from audio.spool import FULL_SCALE, RATE_HZ

RATES_HZ = (8_000, 16_000)
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_UNKNOWN = 0xFFFF_FFFF
_MARGIN = 16
"""Samples of the source on each side that its neighbours at twice the rate are made of."""


class GrowingRecording:
    """The wav file of a call: 16 bit, its tracks interleaved.

    One thread may write while others read. A file that is there already is continued.

    Raises HeardError where the file cannot be made or written.
    """

    def __init__(self, path: Path, *, rate_hz: int, tracks: int) -> None:
        if rate_hz not in RATES_HZ:
            raise ValueError(f"{rate_hz} Hz; there are {RATES_HZ}")
        self.path = path
        self.rate_hz = rate_hz
        self.tracks = tracks
        self._frame_bytes = 2 * tracks
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            size = os.fstat(self._file).st_size
            if size < _HEADER.size:
                os.pwrite(self._file, self._header(_UNKNOWN), 0)
        except OSError as error:
            raise HeardError(f"{path} cannot be written: {error.strerror}.") from error
        self.frames = max(0, size - _HEADER.size) // self._frame_bytes
        """How many frames (one sample of each track) the file holds."""

    @property
    def duration_s(self) -> float:
        """Length of the call so far."""
        return self.frames / self.rate_hz

    def write(self, track: int, first: int, samples: Pcm) -> None:
        """Put the samples of one track in their place, from frame `first` on; the other tracks stay as they are."""
        place = _HEADER.size + first * self._frame_bytes
        count = len(samples)
        try:
            old = os.pread(self._file, count * self._frame_bytes, place)
            frames = np.zeros((count, self.tracks), np.int16)
            frames.reshape(-1)[: len(old) // 2] = np.frombuffer(old[: len(old) // 2 * 2], np.int16)
            frames[:, track] = samples
            os.pwrite(self._file, frames.tobytes(), place)
        except OSError as error:
            raise HeardError(f"{self.path} cannot be written: {error.strerror}; make room on the disk.") from error
        self.frames = max(self.frames, first + count)

    def lengthen(self, frames: int) -> None:
        """Make the call at least this long, with silence."""
        if frames > self.frames:
            os.truncate(self._file, _HEADER.size + frames * self._frame_bytes)
            self.frames = frames

    def read(self, track: int, first: int, last: int) -> Pcm:
        """Samples of one track, frames `first` (inclusive) to `last` (exclusive); silence where there are none."""
        begin = max(0, first)
        raw = os.pread(self._file, max(0, last - begin) * self._frame_bytes, _HEADER.size + begin * self._frame_bytes)
        frames = np.frombuffer(raw[: len(raw) // self._frame_bytes * self._frame_bytes], np.int16)
        heard = frames.reshape(-1, self.tracks)[:, track]
        return np.pad(heard, (begin - first, max(0, last - begin) - len(heard)))

    def excerpt(self, track: int, start_s: float, end_s: float) -> "Excerpt":
        """One track as if nothing had been said before and after the stretch; an `audio.ports.AudioReader`."""
        return Excerpt(self, track, start_s, end_s)

    def finish(self) -> None:
        """The call has ended: write its length into the header, so that any program can play it."""
        os.pwrite(self._file, self._header(self.frames * self._frame_bytes), 0)

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _header(self, data_bytes: int) -> bytes:
        """RIFF header of 16-bit PCM; source as in `audio.wav`."""
        second = self.rate_hz * self._frame_bytes
        whole = _UNKNOWN if data_bytes == _UNKNOWN else data_bytes + _HEADER.size - 8
        form = (16, 1, self.tracks, self.rate_hz, second, self._frame_bytes, 16)
        return _HEADER.pack(b"RIFF", whole, b"WAVE", b"fmt ", *form, b"data", data_bytes)


@dataclass
class Excerpt:
    """A stretch of one track at 16 kHz, silence around it."""

    recording: GrowingRecording
    track: int
    start_s: float
    duration_s: float
    """Where the stretch ends, in seconds from the start of the call."""

    def read(self, start_s: float, end_s: float) -> Samples:
        """The samples of a span, shape (n_samples,), 16 kHz, -1 to 1; shorter at the end of the stretch."""
        first, last = round(start_s * RATE_HZ), round(min(end_s, self.duration_s) * RATE_HZ)
        begin = min(max(first, round(self.start_s * RATE_HZ)), max(first, last))
        return np.pad(self._at_16_khz(begin, max(begin, last)), (begin - first, 0))

    def _at_16_khz(self, first: int, last: int) -> Samples:
        if self.recording.rate_hz == RATE_HZ:
            heard = self.recording.read(self.track, first, last).astype(np.float32)
            return np.asarray(heard / np.float32(FULL_SCALE), np.float32)
        begin, end = first // 2 - _MARGIN, -(-last // 2) + _MARGIN
        source = self.recording.read(self.track, begin, end).astype(np.float32) / np.float32(FULL_SCALE)
        doubled = np.zeros(2 * len(source), np.float32)
        doubled[::2] = source
        skip = first - 2 * begin
        return np.asarray(np.convolve(doubled, _HALF_BAND, mode="same")[skip : skip + last - first], np.float32)


_HALF_BAND = (np.sinc(np.arange(-31, 32) / 2) * np.blackman(63)).astype(np.float32)
"""Interpolates between the samples of half the rate and leaves those as they are."""
