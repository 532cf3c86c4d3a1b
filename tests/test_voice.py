"""The customer's voice: pitch through a telephone, effort apart from gain, causal baseline."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.facts import Turn
from audio.pitch import yin
from audio.voice import measure

RATE = 16000
SYLLABLE_S = 0.25


class Sound:
    """An AudioReader over an array."""

    def __init__(self, samples: NDArray[np.float64]) -> None:
        self._samples = samples.astype(np.float32)
        self.duration_s = len(samples) / RATE

    def read(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        return self._samples[round(start_s * RATE) : round(end_s * RATE)]


def voice(f0_hz: float, *, seconds: float = 2.5, slope: float = 1.5, accents: float = 0.05) -> NDArray[np.float64]:
    """Syllables of a glottal tone within 300 to 3400 Hz; harmonic k has amplitude k**-slope."""
    time = np.arange(round(seconds * RATE)) / RATE
    contour = f0_hz * (1 + accents * np.sin(2 * np.pi * 1.3 * time))
    phase = 2 * np.pi * np.cumsum(contour) / RATE
    harmonics = [k for k in range(1, 40) if 300 <= k * f0_hz <= 3400]
    tone = sum(k**-slope * np.sin(k * phase + k) for k in harmonics)
    envelope = np.clip(1.3 * np.sin(np.pi * time / SYLLABLE_S) ** 2 - 0.1, 0, 1)
    hiss = 1e-4 * np.random.default_rng(1).standard_normal(len(time))
    return np.asarray(0.05 * tone * envelope) + hiss


def heard(parts: list[NDArray[np.float64]]) -> list[float]:
    """The arousal of each part, as consecutive turns of one speaker."""
    ends = np.cumsum([0, *(len(part) / RATE for part in parts)])
    turns = [
        Turn(index=n, speaker="right", text="", start_s=start, end_s=end)
        for n, (start, end) in enumerate(pairwise(ends))
    ]
    voices = measure(Sound(np.concatenate(parts)), turns)
    return [found.arousal for found in voices if found is not None]


@pytest.mark.parametrize("f0_hz", [75, 110, 160, 230, 330, 470, 580])
def test_pitch_is_found_without_its_fundamental(f0_hz: float) -> None:
    tone = voice(f0_hz, accents=0.0)[::2]
    pitch = yin(tone)
    voiced = pitch.aperiodicity < 0.2
    assert voiced.mean() > 0.5
    assert np.median(pitch.f0_hz[voiced]) == pytest.approx(f0_hz, rel=0.02)


def test_noise_is_not_periodic() -> None:
    noise = np.random.default_rng(0).standard_normal(16000)
    assert np.percentile(yin(noise).aperiodicity, 5) > 0.4


@pytest.mark.parametrize(
    "samples", [np.zeros(2 * RATE), 0.1 * np.random.default_rng(0).standard_normal(2 * RATE), np.zeros(10)]
)
def test_without_voiced_speech_there_is_no_voice(samples: NDArray[np.float64]) -> None:
    turn = Turn(index=0, speaker="right", text="", start_s=0, end_s=2)
    assert measure(Sound(samples), [turn]) == [None]


def test_a_raised_voice_is_aroused_and_the_usual_one_is_not() -> None:
    usual = [voice(180 + 2 * n) for n in range(5)]
    raised = voice(250, slope=0.7, accents=0.25)
    *before, angry, after = heard([*usual, raised, voice(181)])
    assert angry > 0.8
    assert max(before[2:]) < 0.65
    assert after < 0.6


def test_a_change_of_gain_alone_hardly_counts() -> None:
    usual = [voice(180 + 2 * n) for n in range(5)]
    same, louder = heard([*usual, voice(182)])[-1], heard([*usual, 2 * voice(182)])[-1]
    assert abs(louder - same) < 0.15


def test_later_turns_do_not_change_what_was_heard_of_earlier_ones() -> None:
    turns = [voice(150), voice(170), voice(220, slope=0.8), voice(150)]
    assert heard(turns)[:2] == heard(turns[:2])


def test_rate_pauses_and_level_are_in_their_units() -> None:
    speech = voice(140)
    samples = np.concatenate([speech, 1e-4 * np.ones(RATE), speech])
    (found,) = measure(Sound(samples), [Turn(index=0, speaker="right", text="", start_s=0, end_s=6)])
    assert found is not None
    assert found.rate_sps == pytest.approx(1 / SYLLABLE_S, rel=0.15)
    assert found.pause_ratio == pytest.approx(1 / 6, abs=0.03)
    assert found.f0_hz == pytest.approx(140, rel=0.05)
    assert found.level_db == pytest.approx(10 * np.log10(np.mean(speech**2)), abs=1.5)


def test_a_long_turn_is_measured_as_its_parts_are() -> None:
    whole = voice(200, seconds=50)
    (found,) = measure(Sound(whole), [Turn(index=0, speaker="right", text="", start_s=0, end_s=50)])
    assert found is not None
    assert found.f0_hz == pytest.approx(200, rel=0.03)
    assert found.rate_sps == pytest.approx(1 / SYLLABLE_S, rel=0.15)
