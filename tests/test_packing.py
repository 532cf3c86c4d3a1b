"""Speech is packed into windows, and every word finds its way back to its time in the call."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.edges import Edges
from audio.facts import Span, Word
from audio.packing import WINDOW_S, Window, pack, within_speech
from tests.fakes import RATE_HZ, Tape

CALL_S = 200.0
CALL = Tape(np.sin(np.arange(int(CALL_S * RATE_HZ)) / 20).astype(np.float32))


def speech(*times: tuple[float, float]) -> list[Span]:
    return [Span(start_s=start, end_s=end) for start, end in times]


stretches = st.lists(st.floats(0.1, CALL_S - 0.1), unique=True, max_size=30).map(
    lambda times: [(a, b) for a, b in list(pairwise(sorted(times)))[::2] if b - a > 0.05]
)


@given(stretches)
def test_windows_hold_all_speech_once_and_in_order(times: list[tuple[float, float]]) -> None:
    windows = pack(0, CALL, speech(*times))
    pieces = [piece for window in windows for piece in window.pieces]
    assert all(window.duration_s <= WINDOW_S + 1e-6 for window in windows)
    assert all(earlier.end_s <= later.start_s + 1e-9 for earlier, later in pairwise(pieces))
    for start, end in times:
        held = sum(max(0.0, min(end, piece.end_s) - max(start, piece.start_s)) for piece in pieces)
        assert held == pytest.approx(end - start, abs=1e-6)


@given(stretches.filter(bool), st.floats(0, WINDOW_S), st.floats(0, 2))
def test_a_word_never_reaches_over_a_gap_or_backwards(
    times: list[tuple[float, float]], at: float, length: float
) -> None:
    for window in pack(0, CALL, speech(*times)):
        start, end = window.to_call(at, at + length)
        assert start <= end
        assert any(piece.start_s <= start and end <= piece.end_s for piece in window.pieces)


def test_silence_between_stretches_is_left_out_and_words_after_it_keep_their_time() -> None:
    [window] = pack(0, CALL, speech((10, 12), (100, 103)))
    assert window.duration_s < 10
    assert window.read(CALL).size == pytest.approx(window.duration_s * RATE_HZ, abs=2)
    later = window.pieces[1]
    assert window.to_call(later.offset_s + 1.0, later.offset_s + 1.4) == pytest.approx((100.0, 100.4))


def test_a_word_laid_across_the_joint_goes_to_the_side_that_holds_more_of_it() -> None:
    [window] = pack(0, CALL, speech((10, 12), (100, 103)))
    joint = window.pieces[1].offset_s
    start, end = window.to_call(joint - 0.1, joint + 0.5)
    assert start == window.pieces[1].start_s
    assert end == pytest.approx(start + 0.5)


def test_long_speech_is_cut_where_it_is_quiet() -> None:
    sound = np.ones(int(60 * RATE_HZ), dtype=np.float32)
    sound[int(27.0 * RATE_HZ) : int(27.3 * RATE_HZ)] = 0.001
    first, *_ = pack(0, Tape(sound), speech((0, 60)))
    assert first.end_s == pytest.approx(27.15, abs=0.15)


def test_windows_end_in_a_long_pause_rather_than_full() -> None:
    first, second = pack(0, CALL, speech((0, 10), (12, 22), (40, 44), (47, 53)))
    assert (first.end_s, second.start_s) == (22.5, 39.0)


def test_no_speech_makes_no_window() -> None:
    assert pack(0, CALL, []) == []


def word(start_s: float, end_s: float) -> Word:
    return Word(text="word", start_s=start_s, end_s=end_s)


def times_of(words: list[Word]) -> list[tuple[float, float]]:
    return [(word.start_s, word.end_s) for word in words]


def test_words_are_kept_inside_the_speech_that_they_belong_to() -> None:
    found = within_speech([word(9.2, 10.5), word(11.8, 14), word(13.9, 20.6)], speech((10, 12), (20, 22)))
    assert times_of(found) == [(10, 10.5), (11.8, 12), (20, 20.6)]


def test_a_word_that_the_detector_missed_keeps_its_time() -> None:
    assert times_of(within_speech([word(5, 6)], speech((10, 12)))) == [(5, 6)]
    assert times_of(within_speech([word(5, 6)], [])) == [(5, 6)]


def test_words_are_trimmed_to_what_sounds() -> None:
    sound = np.full(5 * RATE_HZ, 1e-4, dtype=np.float32)
    sound[2 * RATE_HZ : 4 * RATE_HZ] = 0.1
    edges = Edges(sound)
    assert edges.trim(1.2, 2.5) == pytest.approx((2.0, 2.5))
    assert edges.trim(3.5, 4.9) == pytest.approx((3.5, 4.0))
    assert edges.trim(1.2, 1.8) == pytest.approx((2.0, 2.0))  # placed in the pause: it is where the sound begins
    assert edges.trim(4.5, 4.9) == (4.5, 4.9)
    assert Edges(np.zeros(0, dtype=np.float32)).trim(0.0, 1.0) == (0.0, 1.0)


def test_a_window_knows_its_place_in_the_call() -> None:
    window = Window(1, pack(1, CALL, speech((10, 12)))[0].pieces)
    assert (window.track, window.start_s, window.end_s) == (1, 9.0, 12.5)
