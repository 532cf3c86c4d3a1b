"""Two parties, one voice twice, a dead side, or too many channels: told from the sound."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.channels import ChannelPlan, find_layout
from audio.decode import decode
from audio.errors import BadAudio
from tests.recordings import RATE_HZ, real_call, write

Sound = NDArray[np.float64]
Plan = Callable[..., ChannelPlan]


@pytest.fixture
def sides() -> tuple[Sound, Sound]:
    left, right = real_call(length_s=40.0).astype(np.float64)
    return left, right


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Write channels to a file, and find the layout of what comes back."""

    def made(
        *channels: Sound, name: str = "call.wav", codec: str = "pcm_s16le", choice: str | None = None, **options: Any
    ) -> ChannelPlan:
        with decode(write(tmp_path / name, np.stack(channels), codec, **options)) as recording:
            return find_layout(recording, channels=choice)

    return made


def noise(length: int, level: float) -> Sound:
    return np.random.default_rng(0).normal(0, level, length)


def test_two_parties(plan: Plan, sides: tuple[Sound, Sound]) -> None:
    found = plan(*sides)
    assert found.layout == "stereo"
    assert list(found.tracks) == ["left", "right"]
    assert found.warnings == ()


@pytest.mark.parametrize("leak_db", [-35, -25, -15, -8])
def test_two_parties_that_leak_into_each_other(plan: Plan, sides: tuple[Sound, Sound], leak_db: float) -> None:
    left, right = sides
    leak = 10 ** (leak_db / 20)
    assert plan(left + leak * right, right + leak * np.roll(left, 40)).layout == "stereo"


def test_a_party_far_quieter_than_the_other(plan: Plan, sides: tuple[Sound, Sound]) -> None:
    left, right = sides
    assert plan(left, right * 0.02 + left * 0.001).layout == "stereo"


def test_a_party_that_says_one_word(plan: Plan, sides: tuple[Sound, Sound]) -> None:
    left, right = sides
    level = np.abs(right).reshape(-1, RATE_HZ).mean(axis=1)
    word = np.repeat(np.arange(40) == level.argmax(), RATE_HZ)
    assert plan(left, right * word).layout == "stereo"


def test_mono(plan: Plan, sides: tuple[Sound, Sound]) -> None:
    found = plan(sides[0])
    assert (found.layout, list(found.tracks)) == ("mono", ["mono"])


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("call.wav", "pcm_mulaw", {}),
        ("call.mp3", "libmp3lame", {"bit_rate": 16_000}),
        ("call.opus", "libopus", {"rate_hz": 48_000, "bit_rate": 16_000}),
        ("call.m4a", "aac", {"rate_hz": 16_000, "bit_rate": 32_000}),
    ],
)
def test_one_voice_on_both_channels_through_a_codec(
    plan: Plan, sides: tuple[Sound, Sound], name: str, codec: str, options: dict[str, int]
) -> None:
    both = sum(sides) / 2
    found = plan(both, both * 0.5, name=name, codec=codec, **options)
    assert found.layout == "dual_mono"
    assert list(found.tracks) == ["mono"]
    assert found.warnings == ("Both channels hold the same sound; it is heard once.",)


def delayed(sound: Sound) -> Sound:
    return 0.3 * np.roll(sound, round(0.04 * RATE_HZ))


def inverted(sound: Sound) -> Sound:
    return -sound


def muffled(sound: Sound) -> Sound:
    return np.convolve(sound, [0.25, 0.5, 0.25], "same")


def noisy(sound: Sound) -> Sound:
    return sound + noise(sound.size, sound.std() * 10 ** (-15 / 20))


def tiny(sound: Sound) -> Sound:
    return sound * 0.05 + noise(sound.size, 5)


@pytest.mark.parametrize("change", [delayed, inverted, muffled, noisy, tiny])
def test_one_voice_that_differs_between_the_channels(
    plan: Plan, sides: tuple[Sound, Sound], change: Callable[[Sound], Sound]
) -> None:
    both = sum(sides) / 2
    assert plan(both, change(both)).layout == "dual_mono"


def hum(length: int) -> Sound:
    return 300 * np.sin(2 * np.pi * 50 * np.arange(length) / RATE_HZ)


def clicks(length: int) -> Sound:
    return noise(length, 20) + 8_000 * (np.random.default_rng(1).random(length) < 2e-4)


@pytest.mark.parametrize(
    "nothing", [np.zeros, hum, clicks, lambda length: noise(length, 100), lambda length: np.full(length, 500.0)]
)
@pytest.mark.parametrize("dead", ["left", "right"])
def test_a_dead_side(plan: Plan, sides: tuple[Sound, Sound], nothing: Callable[[int], Sound], dead: str) -> None:
    voice = sides[0]
    silent = nothing(voice.size)
    found = plan(silent, voice) if dead == "left" else plan(voice, silent)
    assert found.layout == "mono"
    assert found.warnings[0].startswith(f"The {dead} channel is silent")


def test_no_voice_at_all(plan: Plan) -> None:
    found = plan(np.zeros(RATE_HZ * 5), np.zeros(RATE_HZ * 5))
    assert (found.layout, found.warnings) == ("mono", ("Neither channel holds a voice.",))


def test_more_than_two_channels_need_a_choice(plan: Plan, sides: tuple[Sound, Sound]) -> None:
    empty = np.zeros_like(sides[0])
    six = (empty, sides[0], empty, empty, sides[1], empty)
    with pytest.raises(BadAudio, match=r"has 6 channels; say which two are the two parties with --channels 0,1"):
        plan(*six)
    assert plan(*six, choice="4,1").layout == "stereo"
    assert plan(*six, choice="mix").layout == "mono"


def test_the_choice_names_left_and_right(tmp_path: Path, sides: tuple[Sound, Sound]) -> None:
    with decode(write(tmp_path / "call.wav", np.stack(sides))) as recording:
        swapped = find_layout(recording, channels="1,0").tracks
        one = find_layout(recording, channels="1").tracks["mono"].read(0, 40)
        mixed = find_layout(recording, channels="mix").tracks["mono"].read(0, 40)
        left, right = (recording.channel(index).read(0, 40) for index in (0, 1))
        np.testing.assert_array_equal(swapped["left"].read(0, 40), right)
        np.testing.assert_array_equal(one, right)
        np.testing.assert_allclose(mixed, (left + right) / 2, atol=1e-6)


@pytest.mark.parametrize("choice", ["", "left", "0,0", "0,1,2", "0;1", "-1", "2", "0,2"])
def test_a_choice_that_cannot_be(plan: Plan, sides: tuple[Sound, Sound], choice: str) -> None:
    with pytest.raises(BadAudio, match="--channels"):
        plan(*sides, choice=choice)
