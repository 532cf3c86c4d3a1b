"""Speech is found where it is, and nowhere else; how a call is cut up makes no difference."""

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import resample_poly

from audio.facts import Span
from audio.speech import SURE, WINDOW_S, find_speech, spans_of, speech_probabilities
from tests.fakes import RATE_HZ, Tape
from tests.recordings import real_call

Sound = NDArray[np.float64]
MINUTE = np.arange(60 * RATE_HZ) / RATE_HZ


def tape(sound: NDArray[np.float64]) -> Tape:
    return Tape(np.clip(sound, -1, 1).astype(np.float32))


def customer() -> Sound:
    """The customer's side of a real call, 16 kHz."""
    return np.asarray(resample_poly(real_call(length_s=60.0)[1] / 32_768, 2, 1))


def tone(*hz: float) -> Sound:
    return 0.2 * sum((np.sin(2 * np.pi * f * MINUTE) for f in hz), start=np.zeros(MINUTE.size))


def noise(colour: float, level: float) -> Sound:
    spectrum = np.fft.rfft(np.random.default_rng(4).normal(size=MINUTE.size))
    shaped = np.fft.irfft(spectrum / np.arange(1, spectrum.size + 1) ** colour)
    return np.asarray(level * shaped / shaped.std())


def hold_music(seed: int, level: float) -> Sound:
    """A plucked melody over soft chords, two notes a second, in a major scale."""
    random = np.random.default_rng(seed)
    music = np.zeros(MINUTE.size + 4 * RATE_HZ)
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12])
    for beat in range(120):
        first = beat * RATE_HZ // 2
        second = np.arange(RATE_HZ) / RATE_HZ
        pitch = 220 * 2 ** (random.choice(scale) / 12)
        for harmonic in range(1, 6):
            wave = np.sin(2 * np.pi * pitch * harmonic * second) / harmonic**1.5 * np.exp(-3 * second)
            music[first : first + RATE_HZ] += 0.1 * wave
        if beat % 4 == 0:
            bar = np.arange(2 * RATE_HZ) / RATE_HZ
            root = 110 * 2 ** (random.choice(scale[:5]) / 12)
            for step in (0, 4, 7):
                chord = np.sin(2 * np.pi * root * 2 ** (step / 12) * bar) * np.minimum(1, 10 * bar)
                music[first : first + 2 * RATE_HZ] += 0.05 * chord
    return level * music[: MINUTE.size]


NO_SPEECH = {
    "silence": lambda: np.zeros(MINUTE.size),
    "white noise": lambda: noise(0, 0.05),
    "loud white noise": lambda: noise(0, 0.3),
    "pink noise": lambda: noise(0.5, 0.1),
    "brown noise": lambda: noise(1, 0.1),
    "ringing, America": lambda: tone(440, 480) * (MINUTE % 6 < 2),
    "ringing, Britain": lambda: tone(400, 450) * ((MINUTE % 3 < 0.4) | ((MINUTE % 3 > 0.6) & (MINUTE % 3 < 1))),
    "ringing, Germany": lambda: tone(425) * (MINUTE % 5 < 1),
    "busy": lambda: tone(425) * (MINUTE % 1 < 0.5),
    "keys": lambda: tone(770, 1336) * (MINUTE % 0.4 < 0.2),
    "hum": lambda: tone(50, 150, 250),
    "hold music": lambda: hold_music(0, 1.0),
    "other hold music": lambda: hold_music(8, 0.5),
    "soft hold music": lambda: hold_music(9, 0.03),
}


@pytest.mark.parametrize("name", NO_SPEECH)
def test_a_minute_without_speech(name: str) -> None:
    assert find_speech(tape(NO_SPEECH[name]())) == ()


def test_speech_is_found_and_the_pauses_are_not() -> None:
    sound = customer()
    level = np.sqrt((sound.reshape(-1, RATE_HZ // 10) ** 2).mean(axis=1))
    spans = find_speech(tape(sound))
    inside = np.array([any(span.start_s <= 0.1 * i + 0.05 < span.end_s for span in spans) for i in range(level.size)])
    assert inside[level > 0.1 * level.max()].mean() > 0.95
    assert inside[level < 0.003 * level.max()].mean() < 0.1


@pytest.mark.parametrize("gain_db", [-40, -20, 0])
def test_how_loud_the_line_is_hardly_matters(gain_db: float) -> None:
    sound = customer()
    usual = sum(span.duration_s for span in find_speech(tape(sound)))
    assert sum(span.duration_s for span in find_speech(tape(sound * 10 ** (gain_db / 20)))) == pytest.approx(
        usual, rel=0.1
    )


def test_a_short_word_alone_is_kept() -> None:
    sound = customer()
    spans = find_speech(tape(sound))
    longest = max(spans, key=lambda span: span.duration_s)
    middle = round((longest.start_s + longest.end_s) / 2 * RATE_HZ)
    alone = np.zeros(5 * RATE_HZ)
    alone[2 * RATE_HZ : 2 * RATE_HZ + 4_800] = sound[middle : middle + 4_800]
    assert [round(span.start_s) for span in find_speech(tape(alone))] == [2]


@pytest.mark.parametrize("block_windows", [1, 13, 400])
def test_the_size_of_the_blocks_makes_no_difference(block_windows: int) -> None:
    sound = tape(customer()[: 20 * RATE_HZ])
    whole = np.concatenate([block for _, block in speech_probabilities(sound)])
    pieces = np.concatenate([block for _, block in speech_probabilities(sound, block_windows=block_windows)])
    np.testing.assert_allclose(pieces, whole, atol=1e-5)


class HoursOfSilence:
    """Three hours in which nothing was recorded, but for two words' worth of speech in the last minute."""

    duration_s = 3 * 3_600.0

    def __init__(self, speech: Sound) -> None:
        self.speech = speech.astype(np.float32)
        self.speech_start_s = self.duration_s - 60.0

    def read(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        end_s = min(end_s, self.duration_s)
        samples = np.zeros(round((end_s - start_s) * RATE_HZ), dtype=np.float32)
        if end_s > self.speech_start_s:
            first = max(0, round((self.speech_start_s - start_s) * RATE_HZ))
            skip = max(0, round((start_s - self.speech_start_s) * RATE_HZ))
            part = self.speech[skip : skip + samples.size - first]
            samples[first : first + part.size] = part
        return samples


def test_three_hours_of_silence_cost_next_to_nothing() -> None:
    speech = customer()[: 20 * RATE_HZ]
    before = time.process_time()
    spans = find_speech(HoursOfSilence(speech))
    assert time.process_time() - before < 10.0
    alone = find_speech(tape(speech))
    assert sum(span.duration_s for span in spans) == pytest.approx(sum(span.duration_s for span in alone), rel=0.05)
    assert min(span.start_s for span in spans) >= HoursOfSilence.duration_s - 60.0


def test_progress_runs_to_the_end() -> None:
    told: list[tuple[float, float]] = []
    find_speech(tape(np.zeros(100 * RATE_HZ)), progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert len(told) > 2
    assert told[-1] == (100.0, 100.0)


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=400))
def test_spans_are_ordered_apart_and_inside_the_call(values: list[float]) -> None:
    probabilities = np.array(values, dtype=np.float32)
    duration_s = len(values) * WINDOW_S
    spans = spans_of(probabilities, duration_s=duration_s)
    assert all(0 <= span.start_s < span.end_s <= duration_s for span in spans)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(spans))
    centres = (np.arange(len(values)) + 0.5) * WINDOW_S
    for span in spans:
        inside = (centres > span.start_s) & (centres < span.end_s)
        assert probabilities[inside].max() >= SURE


@given(st.integers(4, 60), st.integers(20, 60), st.integers(4, 60))
def test_stretches_apart_by_a_long_pause_stay_apart(first: int, pause: int, second: int) -> None:
    values = [0.0] * 20 + [0.9] * first + [0.0] * pause + [0.9] * second + [0.0] * 20
    spans = spans_of(np.array(values, dtype=np.float32), duration_s=len(values) * WINDOW_S)
    pad_s = 0.1
    assert spans == (
        Span(start_s=20 * WINDOW_S - pad_s, end_s=(20 + first) * WINDOW_S + pad_s),
        Span(start_s=(20 + first + pause) * WINDOW_S - pad_s, end_s=(20 + first + pause + second) * WINDOW_S + pad_s),
    )
