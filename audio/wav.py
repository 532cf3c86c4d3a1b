"""What a wav file's header promises, and whether to believe it.

Recorders that stream write the header before they know the length, and leave 0 or 0xFFFFFFFF in it; copies that broke
off hold less than the header says; some writers never update a placeholder. FFmpeg trusts the size in the header, so
it has to be checked first.

Layout of the header: Microsoft and IBM, *Multimedia Programming Interface and Data Specifications 1.0* (1991), and
EBU Tech 3306 for RF64.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

_PLACEHOLDER_BYTES = 0x7FFF_0000
"""Sizes from here on are what streaming writers leave behind (0x7FFFFFFF, 0x80000000, 0xFFFFFFFF and neighbours)."""


@dataclass(frozen=True)
class WavHeader:
    """The sizes a wav file states, and the size it has."""

    data_start: int
    stated_bytes: int
    bytes_per_s: int
    file_bytes: int
    chunk_follows: bool
    """Whether another chunk, or the end of the file, stands where the stated data ends."""

    @property
    def is_placeholder(self) -> bool:
        """The size was never filled in."""
        fits = self.data_start + self.stated_bytes <= self.file_bytes
        return self.stated_bytes == 0 or (self.stated_bytes >= _PLACEHOLDER_BYTES and not fits)

    @property
    def ignore_size(self) -> bool:
        """The data go on to the end of the file, whatever the header says."""
        return self.is_placeholder or not self.chunk_follows

    @property
    def stated_s(self) -> float | None:
        """The length that the header promises, None where it is not to be believed."""
        if self.ignore_size or self.bytes_per_s <= 0:
            return None
        return self.stated_bytes / self.bytes_per_s


def read_wav_header(file: BinaryIO) -> WavHeader | None:
    """Read the header of an open file and go back to its start; None where it is no wav file."""
    try:
        return _parse(file)
    except struct.error:
        return None
    finally:
        file.seek(0)


def _parse(file: BinaryIO) -> WavHeader | None:
    file_bytes = file.seek(0, 2)
    file.seek(0)
    riff, _, wave = struct.unpack("<4sI4s", file.read(12))
    if riff not in (b"RIFF", b"RF64") or wave != b"WAVE":
        return None
    bytes_per_s = 0
    size_64: int | None = None
    while True:
        name, size = struct.unpack("<4sI", file.read(8))
        start = file.tell()
        if name == b"fmt ":
            bytes_per_s = struct.unpack("<8xI", file.read(12))[0]
        elif name == b"ds64":
            size_64 = struct.unpack("<8xQ", file.read(16))[0]
        elif name == b"data":
            stated = size_64 if size_64 is not None and size == 0xFFFF_FFFF else size
            follows = _chunk_follows(file, start + stated, file_bytes)
            return WavHeader(start, stated, bytes_per_s, file_bytes, follows)
        file.seek(start + size + size % 2)


def _chunk_follows(file: BinaryIO, end: int, file_bytes: int) -> bool:
    """Whether the bytes at `end` look like a chunk: four printable characters and a size that fits in the file."""
    end += end % 2
    if end >= file_bytes - 8:
        return True
    file.seek(end)
    name, size = struct.unpack("<4sI", file.read(8))
    printable = all(32 <= byte < 127 for byte in name)
    return printable and end + 8 + size <= file_bytes + 1
