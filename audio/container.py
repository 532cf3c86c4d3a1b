"""Opening a recording: the file, the container in it, its sound track, and the length that its header states."""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from audio.errors import BadAudio
from audio.wav import WavHeader, read_wav_header

_FORMATS = "wav,w64,aiff,au,caf,mp3,mov,mp4,m4a,3gp,matroska,webm,ogg,flac,aac,amr,asf,avi,mpegts,mpeg,flv,gsm"
"""Containers that are opened. Playlists are not among them: one could name other files of this machine."""

_STATES_LENGTH = {"wav", "w64", "aiff", "caf", "flac", "mov", "matroska"}
"""Containers whose header states the length; elsewhere FFmpeg guesses it from the bit rate."""


@dataclass(frozen=True)
class Container:
    """An open recording (PyAV), the sound track to hear, and what the header promises.

    `stated_s` is None where the header states no length that can be trusted.
    """

    av: Any
    stream: Any
    stated_s: float | None

    @property
    def formats(self) -> set[str]:
        """FFmpeg's names of the format: {"mov", "mp4", "m4a", ...}."""
        return set(self.av.format.name.split(","))


@contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    """The file, open; what the disk says against it, now or while it is read, becomes `BadAudio`."""
    try:
        if path.is_dir():
            raise BadAudio(f"{path} is a directory, not a recording; name the files in it.")
        if path.exists() and not path.is_file():
            raise BadAudio(f"{path} is not a regular file; copy the recording to one first.")
        file = path.open("rb")
    except FileNotFoundError:
        raise BadAudio(f"{path} does not exist, or has just vanished; check the name.") from None
    except PermissionError:
        raise BadAudio(f"{path} may not be read by this user; change its permissions.") from None
    except OSError as error:
        raise BadAudio(f"{path} cannot be opened ({error.strerror}); check the name and the disk.") from None
    with file:
        try:
            if file.seek(0, 2) == 0:
                raise BadAudio(f"{path} is empty (0 bytes); copy or export it again.")
            file.seek(0)
            yield file
        except OSError as error:
            raise BadAudio(_describe(path, error)) from None


def _describe(path: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"{path} cannot be decoded: {tempfile.gettempdir()} is full; free some space or set TMPDIR."
    return f"{path} could not be read to its end ({error.strerror or error}); check the disk or the network."


def open_container(path: Path, file: BinaryIO) -> Container:
    """Find out what an open file holds.

    Raises
    ------
    BadAudio
        It is no recording, or has no sound in it.
    """
    import av

    header = read_wav_header(file)
    options = {"format_whitelist": _FORMATS}
    if header is not None and header.ignore_size:
        options["ignore_length"] = "1"
    try:
        opened = av.open(file, options=options)
    except av.error.FFmpegError as error:
        reraise_os(error)
        raise BadAudio(
            f"{path} is not a recording that can be decoded, or it is cut off before its index; export it again."
        ) from None
    tracks = opened.streams.audio
    if not tracks:
        kind = "video without sound" if opened.streams.video else "a file without sound"
        opened.close()
        raise BadAudio(f"{path} is {kind}; export the call with its audio track.")
    stream = opened.streams.best("audio") or tracks[0]
    return Container(opened, stream, _stated_s(path, opened, stream, header))


def states_one_channel(path: Path) -> bool:
    """Whether a recording's header states one channel; False for what cannot be read, which is told when it is heard."""
    with suppress(BadAudio), open_file(path) as file:
        opened = open_container(path, file)
        with opened.av:
            return bool(opened.stream.codec_context.channels == 1)
    return False


def _stated_s(path: Path, opened: Any, stream: Any, header: WavHeader | None) -> float | None:
    """Length by the header, None where it states none that can be trusted."""
    if header is not None:
        return header.stated_s
    names = set(opened.format.name.split(","))
    if names.isdisjoint(_STATES_LENGTH) and not ("mp3" in names and _has_mp3_length(path)):
        return None
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return opened.duration / 1e6 if opened.duration else None


def _has_mp3_length(path: Path) -> bool:
    """Whether an mp3 begins with a frame that states its length (Xing, Info or VBRI)."""
    with path.open("rb") as file:
        head = file.read(10)
        if head[:3] == b"ID3":
            size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
            file.seek(10 + size)
        else:
            file.seek(0)
        start = file.read(4096)
    return any(mark in start for mark in (b"Xing", b"Info", b"VBRI"))


def reraise_os(error: Exception) -> None:
    """Hand on what the disk said; FFmpeg's own complaints about the data are for the caller to judge."""
    import av

    if isinstance(error, OSError) and not isinstance(error, av.error.InvalidDataError | av.error.EOFError):
        code = error.errno or 0
        if code in (errno.EIO, errno.ESTALE, errno.ENOSPC, errno.EACCES, errno.ENOENT):
            raise error
