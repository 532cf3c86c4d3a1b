"""Local speakers of overlapping windows become the speakers of a call."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audio.stitching import (
    CLOSE_STEP_S,
    INACTIVE,
    SHORT_S,
    WIDE_STEP_S,
    WINDOW_S,
    Activity,
    Assignment,
    carried,
    chosen_windows,
    step_of,
    stitched,
    window_starts,
)

FRAMES = 100
LOCAL = 3


def windows_of(truth: np.ndarray, order: np.random.Generator) -> tuple[Activity, Assignment]:
    """What a perfect segmentation would see of a call: each window numbers its speakers in an order of its own.

    truth: who speaks in each frame, shape (frames of the call, speakers)
    """
    shift = int(WIDE_STEP_S / WINDOW_S * FRAMES)
    starts = range(0, len(truth) - FRAMES + 1, shift)
    activity = np.zeros((len(starts), FRAMES, LOCAL), dtype=np.float32)
    names = np.full((len(starts), LOCAL), INACTIVE)
    for window, start in enumerate(starts):
        seen = truth[start : start + FRAMES]
        slots = order.permutation(LOCAL)
        for speaker in range(truth.shape[1]):
            if seen[:, speaker].any():
                activity[window, :, slots[speaker]] = seen[:, speaker]
                names[window, slots[speaker]] = speaker
    return activity, names


@given(st.integers(0, 2**32 - 1), st.integers(200, 400))
def test_speakers_are_carried_to_the_windows_in_between(seed: int, seconds: int) -> None:
    order = np.random.default_rng(seed)
    speaking = order.integers(0, 2, size=seconds)  # each second one of two people speaks
    truth = np.repeat(np.eye(2)[speaking], int(FRAMES / WINDOW_S), axis=0)
    activity, names = windows_of(truth, order)
    chosen = chosen_windows(len(activity), WIDE_STEP_S)
    assert len(chosen) < len(activity) / 2
    np.testing.assert_array_equal(carried(activity, chosen, names[chosen], WIDE_STEP_S), names)


def test_short_recordings_have_no_window_to_spare() -> None:
    count = len(window_starts(SHORT_S))
    np.testing.assert_array_equal(chosen_windows(count, step_of(SHORT_S)), np.arange(count))
    assert len(window_starts(SHORT_S + 1)) < count
    assert chosen_windows(1, CLOSE_STEP_S).tolist() == [0]


@given(st.floats(0.3, 40_000))
def test_windows_cover_the_whole_call(duration_s: float) -> None:
    starts = window_starts(duration_s)
    assert starts[0] == 0
    assert starts[-1] + WINDOW_S >= duration_s
    assert len(starts) == 1 or starts[-1] + WINDOW_S - step_of(duration_s) < duration_s


def test_somebody_absent_from_a_window_is_unknown_there_not_silent() -> None:
    truth = np.zeros((int(FRAMES * 2.5), 2))
    truth[:FRAMES, 0] = 1
    truth[FRAMES:, 1] = 1
    activity, names = windows_of(truth, np.random.default_rng(1))
    by_speaker = stitched(activity, names)
    assert np.isnan(by_speaker[0, :, 1]).all()
    assert (by_speaker[0, :, 0] == 1).all()
    assert np.isnan(by_speaker[-1, :, 0]).all()
