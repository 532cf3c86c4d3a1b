"""What leaks from one channel into the other is not taken for speech; what is said at the same time is."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from audio.bleed import without_bleed
from audio.facts import Span
from audio.ports import Track
from audio.speech import find_speech
from tests.fakes import RATE_HZ, Tape
from tests.recordings import real_call

Sound = NDArray[np.float64]
DELAY = int(0.06 * RATE_HZ)


@pytest.fixture(scope="module")
def sides() -> tuple[Sound, Sound]:
    """Both sides of a real call, which do not leak, 16 kHz."""
    agent, customer = (resample_poly(side / 32_768, 2, 1) for side in real_call(length_s=60.0))
    return agent, customer


def track(sound: Sound) -> Track:
    tape = Tape(sound.astype(np.float32))
    return Track(tape, find_speech(tape))


def seconds(spans: tuple[Span, ...] | list[Span]) -> float:
    return sum(span.duration_s for span in spans)


def shared(some: list[Span], others: list[Span]) -> float:
    return sum(max(0.0, min(a.end_s, b.end_s) - max(a.start_s, b.start_s)) for a in some for b in others)


@pytest.mark.parametrize("level_db", [-15, -25])
def test_a_leak_is_not_speech(sides: tuple[Sound, Sound], level_db: float) -> None:
    gain = 10 ** (level_db / 20)
    leaking = [track(own + gain * np.roll(other, DELAY)) for own, other in (sides, sides[::-1])]
    for own, found, heard in zip(sides, without_bleed(leaking), leaking, strict=True):
        spoken = list(track(own).speech)
        assert seconds(heard.speech) > 1.3 * seconds(spoken)  # the leak was heard as speech ...
        assert shared(list(found.speech), spoken) > 0.97 * seconds(spoken)  # ... all that was said is kept
        assert seconds(found.speech) < 1.15 * seconds(spoken)  # ... and little else


def test_channels_that_do_not_leak_are_left_alone(sides: tuple[Sound, Sound]) -> None:
    tracks = [track(side) for side in sides]
    assert [t.speech for t in without_bleed(tracks)] == [t.speech for t in tracks]


def test_a_soft_word_said_at_the_same_time_is_kept(sides: tuple[Sound, Sound]) -> None:
    agent, customer = sides
    soft = customer + 0.0
    soft[3 * RATE_HZ : 4 * RATE_HZ] = 0.2 * customer[24 * RATE_HZ : 25 * RATE_HZ]  # while the agent speaks
    word = Span(start_s=3.0, end_s=4.0)
    tracks = [track(agent), Track(Tape(soft.astype(np.float32)), (word,))]
    assert without_bleed(tracks)[1].speech == (word,)


def test_only_two_channels_can_leak_into_each_other(sides: tuple[Sound, Sound]) -> None:
    mono = [track(sides[0])]
    assert without_bleed(mono) == mono
