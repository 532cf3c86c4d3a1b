"""Any recording becomes 16 kHz samples on the call's own timeline, and what is lost is accounted for."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.container import states_one_channel
from audio.decode import decode
from audio.spool import RATE_HZ, Recording
from tests.recordings import damage, lag_s, real_call, write

FORMATS = [
    ("pcm.wav", "pcm_s16le", 8_000, None),
    ("pcm8.wav", "pcm_u8", 8_000, None),
    ("pcm24.wav", "pcm_s24le", 16_000, None),
    ("float.wav", "pcm_f32le", 44_100, None),
    ("mulaw.wav", "pcm_mulaw", 8_000, None),
    ("alaw.wav", "pcm_alaw", 8_000, None),
    ("call.mp3", "libmp3lame", 16_000, 64_000),
    ("call.m4a", "aac", 16_000, 64_000),
    ("call.mp4", "aac", 44_100, 96_000),
    ("call.opus", "libopus", 48_000, 48_000),
    ("call.ogg", "libopus", 48_000, 48_000),
    ("call.webm", "libopus", 48_000, 48_000),
    ("call.flac", "flac", 8_000, None),
    ("call48.flac", "flac", 48_000, None),
]
Samples = NDArray[np.float32]


def channel_of(path: Path, index: int) -> Samples:
    with decode(path) as recording:
        return recording.channel(index).read(0, recording.duration_s)


AAC_DELAY_S = 0.07
"""The AAC encoder's priming, one frame of 1024 samples, which the muxer used here does not declare."""


@pytest.mark.parametrize(("name", "codec", "rate_hz", "bit_rate"), FORMATS)
def test_every_format_is_heard_on_the_same_timeline(
    tmp_path: Path, name: str, codec: str, rate_hz: int, bit_rate: int | None
) -> None:
    call = real_call(length_s=10.0)
    expected = channel_of(write(tmp_path / "reference.wav", call), 1)
    with decode(write(tmp_path / name, call, codec, rate_hz=rate_hz, bit_rate=bit_rate)) as recording:
        assert recording.channels == 2
        assert recording.source_rate_hz == rate_hz
        assert recording.lost_s == 0
        assert recording.warnings == ()
        assert recording.duration_s == pytest.approx(10.0, abs=0.15)
        late_s, likeness = lag_s(expected, recording.channel(1).read(0, 99), RATE_HZ)
    assert likeness > 0.95
    assert -0.001 <= late_s <= (AAC_DELAY_S if codec == "aac" else 0.001)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    path = write(tmp_path_factory.mktemp("short") / "call.wav", real_call(length_s=3.0))
    with decode(path) as recording:
        yield recording


@given(start_s=st.floats(-1, 4), length_s=st.floats(0, 4))
def test_a_piece_is_a_slice_of_the_whole(short: Recording, start_s: float, length_s: float) -> None:
    channel = short.channel(0)
    whole = channel.read(0, channel.duration_s)
    first, last = (max(0, round(time_s * RATE_HZ)) for time_s in (start_s, start_s + length_s))
    np.testing.assert_array_equal(channel.read(start_s, start_s + length_s), whole[first:last])
    assert whole.dtype == np.float32
    assert np.abs(whole).max() <= 1.0


DAMAGED = [
    ("call.mp3", "libmp3lame", 16_000, 48_000),
    ("call.m4a", "aac", 16_000, 48_000),
    ("call.opus", "libopus", 48_000, 32_000),
    ("call.webm", "libopus", 48_000, 32_000),
    ("call.flac", "flac", 8_000, None),
]


@pytest.mark.parametrize(("name", "codec", "rate_hz", "bit_rate"), DAMAGED)
def test_a_corrupt_middle_becomes_silence_and_nothing_after_it_shifts(
    tmp_path: Path, name: str, codec: str, rate_hz: int, bit_rate: int | None
) -> None:
    options = {"movflags": "+faststart"} if name.endswith("m4a") else None
    path = write(tmp_path / name, real_call(), codec, rate_hz=rate_hz, bit_rate=bit_rate, container_options=options)
    whole = channel_of(path, 0)
    with decode(damage(path, share=0.05)) as recording:
        assert 0.3 < recording.lost_s < 6.0  # webm finds its way again at the next cluster, after up to 5 s
        assert recording.duration_s == pytest.approx(len(whole) / RATE_HZ, abs=0.1)
        assert "silence stands in" in recording.warnings[0]
        early = np.abs(recording.channel(0).read(0, 8) - whole[: 8 * RATE_HZ]).max()
        late_s, likeness = lag_s(whole[16 * RATE_HZ : 20 * RATE_HZ], recording.channel(0).read(16, 20), RATE_HZ)
    assert early < 0.01
    assert abs(late_s) < 0.04
    assert likeness > 0.9


def test_raw_samples_cannot_tell_damage(tmp_path: Path) -> None:
    with decode(damage(write(tmp_path / "call.wav", real_call()))) as recording:
        assert recording.lost_s == 0
        assert recording.duration_s == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz", "bit_rate"), [entry for entry in DAMAGED if "opus" not in entry[0]]
)
def test_a_file_that_breaks_off_says_how_much_is_missing(
    tmp_path: Path, name: str, codec: str, rate_hz: int, bit_rate: int | None
) -> None:
    options = {"movflags": "+faststart"} if name.endswith("m4a") else None
    path = write(tmp_path / name, real_call(), codec, rate_hz=rate_hz, bit_rate=bit_rate, container_options=options)
    with decode(damage(path, at=0.6, cut=True)) as recording:
        assert recording.duration_s == pytest.approx(12.0, abs=2.0)
        assert recording.lost_s == pytest.approx(20.0 - recording.duration_s, abs=0.1)
        assert "breaks off" in recording.warnings[-1]


def test_an_mp3_without_a_stated_length_is_not_said_to_break_off(tmp_path: Path) -> None:
    path = write(
        tmp_path / "call.mp3", real_call(), "libmp3lame", bit_rate=24_000, container_options={"write_xing": "0"}
    )
    with decode(damage(path, at=0.5, cut=True)) as recording:
        assert recording.duration_s == pytest.approx(10.0, abs=0.2)
        assert recording.lost_s == 0


def state_size(path: Path, size: int) -> Path:
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", size)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF, 0x7FFF_FFFF, 4_000])
def test_a_wav_header_that_states_too_little_or_nothing_is_not_believed(tmp_path: Path, size: int) -> None:
    with decode(state_size(write(tmp_path / "call.wav", real_call()), size)) as recording:
        assert recording.duration_s == pytest.approx(20.0, abs=0.01)
        assert recording.lost_s == 0


def test_a_wav_header_that_states_too_much_means_a_loss(tmp_path: Path) -> None:
    with decode(state_size(write(tmp_path / "call.wav", real_call()), 30 * 8_000 * 4)) as recording:
        assert recording.duration_s == pytest.approx(20.0, abs=0.01)
        assert recording.lost_s == pytest.approx(10.0, abs=0.01)
        assert recording.warnings == ("The recording breaks off at 20.0 s; 10.0 s after that are missing.",)


def test_a_chunk_after_the_samples_is_not_sound(tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", real_call())
    path.write_bytes(path.read_bytes() + b"LIST" + struct.pack("<I", 400) + bytes(400))
    with decode(path) as recording:
        assert recording.duration_s == pytest.approx(20.0, abs=0.001)


def test_six_channels_stay_apart(tmp_path: Path) -> None:
    call = np.zeros((6, 8_000), dtype=np.int16)
    call[4] = 1_000
    with decode(write(tmp_path / "six.wav", call)) as recording:
        assert recording.channels == 6
        assert [round(float(recording.channel(i).read(0.2, 0.8).mean()), 3) for i in range(6)] == [0, 0, 0, 0, 0.031, 0]


def test_progress_runs_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[float, float]] = []
    with decode(
        write(tmp_path / "call.flac", real_call(), "flac"), progress=lambda done, total: told.append((done, total))
    ):
        pass
    assert told == sorted(told)
    assert told[-1] == (20.0, 20.0)
    assert all(total == pytest.approx(20.0) for _, total in told)


def test_a_header_tells_how_many_channels_there_are(tmp_path: Path) -> None:
    fixtures = Path(__file__).parent.parent / "fixtures" / "audio"
    assert states_one_channel(fixtures / "wifi-handled.mp3")
    assert not states_one_channel(fixtures / "wifi-missed.opus")
    (tmp_path / "text.wav").write_text("no recording")
    assert not states_one_channel(tmp_path / "text.wav")
    assert not states_one_channel(tmp_path / "missing.wav")
