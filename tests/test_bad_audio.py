"""What cannot be heard is refused in one sentence that says which file, what is wrong and what to do."""

import errno
import os
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from audio.decode import decode
from audio.errors import BadAudio
from tests.recordings import damage, real_call, write


def refusal(path: Path) -> str:
    with pytest.raises(BadAudio) as refused:
        decode(path)
    message = str(refused.value)
    assert str(path) in message
    assert message.endswith(".")
    assert "\n" not in message
    assert refused.value.__cause__ is None
    return message


def test_missing(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "call.wav")


def test_directory(tmp_path: Path) -> None:
    assert "directory" in refusal(tmp_path)


def test_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refusal(tmp_path / "pipe")


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "call.wav").touch()
    assert "empty (0 bytes)" in refusal(tmp_path / "call.wav")


@pytest.mark.parametrize(
    "text",
    [
        "Dear customer,\nthank you for your call.\n" * 50,
        "#EXTM3U\n#EXTINF:10,\nother.wav\n",
        "ffconcat version 1.0\nfile other.wav\n",
    ],
)
@pytest.mark.parametrize("name", ["call.wav", "call.mp3", "call.m3u8"])
def test_text_under_another_name_never_opens_other_files(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path / "other.wav", real_call(length_s=2.0))
    (tmp_path / name).write_text(text)
    assert "not a recording that can be decoded" in refusal(tmp_path / name)


def test_noise_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "call.m4a").write_bytes(np.random.default_rng(0).bytes(20_000))
    refusal(tmp_path / "call.m4a")


def test_an_m4a_cut_off_before_its_index(tmp_path: Path) -> None:
    path = write(
        tmp_path / "call.m4a", real_call(), "aac", rate_hz=16_000, container_options={"movflags": "-faststart"}
    )
    assert "cut off before its index" in refusal(damage(path, at=0.7, cut=True))


def test_video_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "screen.mp4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), dtype=np.uint8))))
        container.mux(stream.encode(None))
    assert "video without sound" in refusal(path)


def test_a_fifth_of_a_second(tmp_path: Path) -> None:
    assert "0.20 s of sound, too short" in refusal(write(tmp_path / "call.wav", real_call(length_s=0.2)))


def test_nothing_decodable(tmp_path: Path) -> None:
    path = write(tmp_path / "call.flac", real_call(), "flac")
    data = path.read_bytes()
    path.write_bytes(data[:86] + bytes(len(data) - 86))
    refusal(path)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "call.wav", real_call(length_s=1.0))

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", denied)
    assert "may not be read" in refusal(path)


class Vanishing:
    """An open file on a share that goes away after the first half."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "rb")  # noqa: PTH123, SIM115  (Path.open is what the test replaces)
        self._left = path.stat().st_size // 2

    def read(self, size: int = -1) -> bytes:
        self._left -= size
        if self._left < 0:
            raise OSError(errno.ESTALE, "Stale file handle")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def __enter__(self) -> "Vanishing":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def test_a_share_that_goes_away_while_the_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "call.wav", real_call())
    file = Vanishing(path)
    monkeypatch.setattr(Path, "open", lambda *_, **__: file)
    assert "could not be read to its end (Stale file handle)" in refusal(path)


def test_ffmpeg_does_not_write_to_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, codec in (("call.mp3", "libmp3lame"), ("call.flac", "flac"), ("call.m4a", "aac")):
        path = damage(write(tmp_path / name, real_call(), codec, rate_hz=16_000), at=0.3, share=0.1)
        try:
            decode(path).close()
        except BadAudio:
            assert name == "call.m4a"
    assert capfd.readouterr() == ("", "")
