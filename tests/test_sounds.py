"""The sound tagger: distress is found under speech, look-alikes are let pass, whatever the blocks."""

import json
import math
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio import sounds
from audio.cnn import Network
from audio.facts import Sound
from audio.sounds import BREATH_S, CLASSES, EVIDENCE_S, LEAST_S, STEP_S, DistressTagger, EventTracker

RATE = 16000
FIXTURES = Path(__file__).parent.parent / "fixtures"
DISTRESS_AT = CLASSES.index("distress")


class Channel:
    """An AudioReader over an array."""

    def __init__(self, samples: NDArray[np.float64]) -> None:
        self._samples = samples.astype(np.float32)
        self.duration_s = len(samples) / RATE

    def read(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        return self._samples[round(start_s * RATE) : round(end_s * RATE)]


def times(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * RATE)) / RATE


def hold_music(seconds: float) -> NDArray[np.float64]:
    time = times(seconds)
    notes = np.array([262, 330, 392, 523, 392, 330])[(time / 0.4).astype(int) % 6]
    phase = 2 * np.pi * np.cumsum(notes) / RATE
    return np.asarray(
        0.1 * np.exp(-4 * (time % 0.4)) * (np.sin(phase) + 0.5 * np.sin(2 * phase) + 0.2 * np.sin(3 * phase))
    )


def ringing(seconds: float) -> NDArray[np.float64]:
    time = times(seconds)
    return np.asarray(0.1 * (np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)) * (time % 6 < 2))


def noise(seconds: float) -> NDArray[np.float64]:
    return 0.05 * np.random.default_rng(0).standard_normal(round(seconds * RATE))


def silent(seconds: float) -> NDArray[np.float64]:
    return np.zeros(round(seconds * RATE))


@pytest.mark.parametrize("make", [hold_music, ringing, noise, silent])
def test_what_is_no_distress_is_not_tagged(make) -> None:  # type: ignore[no-untyped-def]
    assert DistressTagger().tag(Channel(make(60)), ()) == ()


@pytest.mark.parametrize(("recording", "side"), [("wifi-missed.opus", 1), ("wifi-handled.mp3", 0)])
def test_a_child_behind_the_caller_is_found_and_the_speech_is_not(recording: str, side: int) -> None:
    staged = json.loads((FIXTURES / "calls" / recording).with_suffix(".json").read_text())["sounds"]
    with av.open(str(FIXTURES / "audio" / recording)) as container:
        resampler = av.AudioResampler("fltp", rate=RATE)
        parts = [part.to_ndarray() for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    found = DistressTagger().tag(Channel(np.concatenate(parts, axis=1)[side]), ())
    assert [sound.label for sound in found] == [sound["label"] for sound in staged]
    for heard, truth in zip(found, staged, strict=True):
        assert heard.start_s == pytest.approx(truth["start"], abs=2.5)
        assert heard.end_s == pytest.approx(truth["end"], abs=2.5)


def test_scores_are_one_row_a_second() -> None:
    rows = DistressTagger().scores(Channel(noise(7.4)))
    assert len(rows) == 8
    assert all(set(row) == set(CLASSES) and all(0 <= value <= 1 for value in row.values()) for row in rows)


def test_the_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel(hold_music(20) + noise(20))
    whole = DistressTagger().scores(channel)
    monkeypatch.setattr(sounds, "BLOCK_STEPS", 7)
    parts = DistressTagger().scores(channel)
    for one, other in zip(whole, parts, strict=True):
        assert one == pytest.approx(other, abs=2e-4)


def test_no_step_looks_further_ahead_than_a_second_and_a_half() -> None:
    samples = noise(10)
    changed = samples.copy()
    at = 40
    changed[round((at * STEP_S + 1.5 + STEP_S) * RATE) :] = 0
    tagger = DistressTagger()
    assert tagger.steps(Channel(samples), 0, at) == pytest.approx(tagger.steps(Channel(changed), 0, at), abs=1e-5)


def test_the_network_is_small_and_its_weights_are_numbers() -> None:
    assert sounds.WEIGHTS.stat().st_size < 2_000_000
    network = Network.load(sounds.WEIGHTS)
    assert np.isfinite(network(np.zeros((80, 40), np.float32))).all()


def events(distress: list[float]) -> list[Sound]:
    tracker = EventTracker()
    rows = np.zeros((len(distress), len(CLASSES)), np.float32)
    rows[:, DISTRESS_AT] = distress
    rows[:, CLASSES.index("screaming")] = distress
    closed = [event for row in rows if (event := tracker.push(row))]
    last = tracker.close()
    return [*closed, last] if last else closed


def test_a_cry_that_pauses_for_breath_is_one_event() -> None:
    cry, breath = [0.9] * 12, [0.0] * math.floor(BREATH_S / STEP_S)
    (one,) = events([0.0] * 5 + cry + breath + cry + [0.0] * 30)
    assert one.label == "screaming"
    assert one.start_s == pytest.approx(5 * STEP_S, abs=0.01)
    assert len(events(cry + breath * 2 + cry)) == 2


def test_a_long_sound_that_is_doubtful_throughout_is_no_event() -> None:
    assert events([0.7] + [0.52] * 40) == []


def test_a_short_sound_is_no_event() -> None:
    assert events([0.0] * 9 + [0.99] * 4 + [0.0] * 40) == []


@settings(max_examples=60)
@given(st.lists(st.floats(0, 1), max_size=200))
def test_events_are_long_enough_apart_enough_and_within_the_call(distress: list[float]) -> None:
    found = events(distress)
    for event in found:
        assert event.duration_s >= LEAST_S - 0.02
        assert 0 <= event.start_s < event.end_s <= len(distress) * STEP_S + 0.01
        assert event.confidence <= 1
        assert event.duration_s * (event.confidence - 0.5) >= EVIDENCE_S["screaming"] - 0.02
    for one, other in pairwise(found):
        assert other.start_s - one.end_s >= BREATH_S - 0.02
