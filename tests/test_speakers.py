"""Who speaks when in one channel, and whose the words are."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.decode import decode
from audio.facts import Span, Word
from audio.ports import SideSpan
from audio.speakers import NEAR_SPEECH_S, Hushed, PyannoteDiarizer, in_order_of_appearance, share_out
from audio.speech import find_speech
from tests.fakes import RATE_HZ, Tape, said

FIXTURES = Path(__file__).parent.parent / "fixtures" / "audio"


def side(name: str, start_s: float, end_s: float) -> SideSpan:
    return SideSpan(side=name, start_s=start_s, end_s=end_s)


def texts(words: dict[str, tuple[Word, ...]]) -> dict[str, str]:
    return {name: " ".join(word.text for word in own) for name, own in words.items()}


def test_speakers_are_named_in_the_order_in_which_they_first_speak() -> None:
    spans = in_order_of_appearance([side("1", 4, 5), side("0", 0, 3), side("1", 6, 7)])
    assert [(span.side, span.start_s) for span in spans] == [("first", 0), ("second", 4), ("second", 6)]


def test_words_go_to_whoever_speaks() -> None:
    words = said("How can I help?", 0, 2) + said("It is broken.", 2.5, 4)
    shared = share_out(words, [side("first", 0, 2.2), side("second", 2.4, 4.1)])
    assert texts(shared) == {"first": "How can I help?", "second": "It is broken."}


def test_a_change_of_speaker_is_put_at_the_end_of_the_sentence() -> None:
    words = said("May I have your number please?", 0, 3) + said("Of course.", 3, 4)
    shared = share_out(words, [side("first", 0, 2.3), side("second", 2.3, 4)])
    assert texts(shared) == {"first": "May I have your number please?", "second": "Of course."}


def test_a_sentence_that_two_share_stays_shared() -> None:
    words = said("so it was the blue yes the blue one.", 0, 4.5)
    shared = share_out(words, [side("first", 0, 2.5), side("second", 2.5, 4.5)])
    assert texts(shared) == {"first": "so it was the blue", "second": "yes the blue one."}


def test_a_word_outside_all_speech_goes_to_the_nearest() -> None:
    words = said("Right.", 2.0, 2.3)
    assert texts(share_out(words, [side("first", 0, 1), side("second", 2.5, 4)])) == {"second": "Right."}


def test_without_speakers_there_is_one() -> None:
    assert texts(share_out(said("Hello there.", 0, 1), [])) == {"first": "Hello there."}
    assert share_out([], []) == {}


spans_in_order = st.lists(st.tuples(st.floats(0, 5), st.floats(0.01, 5), st.sampled_from(["a", "b"]))).map(
    lambda steps: _spans(steps)
)


def _spans(steps: list[tuple[float, float, str]]) -> list[SideSpan]:
    spans, at = [], 0.0
    for gap, length, name in steps:
        spans.append(side(name, at + gap, at + gap + length))
        at += gap + length
    return spans


@given(spans_in_order, st.lists(st.tuples(st.floats(0, 60), st.floats(0, 2))))
def test_every_word_goes_to_exactly_one_speaker_in_order(
    spans: list[SideSpan], times: list[tuple[float, float]]
) -> None:
    words = [Word(text=f"w{i}", start_s=at, end_s=at + length) for i, (at, length) in enumerate(sorted(times))]
    shared = share_out(words, spans)
    assert sorted((word for own in shared.values() for word in own), key=words.index) == words
    for own in shared.values():
        assert list(own) == sorted(own, key=words.index)


@pytest.mark.models
def test_two_voices_of_a_mono_call_are_told_apart() -> None:
    with decode(FIXTURES / "wifi-handled.mp3") as recording:
        channel = recording.channel(0)
        spans = PyannoteDiarizer().diarize(channel, find_speech(channel), speakers=2)
    assert {span.side for span in spans} == {"first", "second"}
    assert all(later.start_s >= earlier.end_s - 1e-6 for earlier, later in pairwise(spans))


@pytest.mark.models
def test_speakers_put_together_section_by_section_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_tenths() -> list[str]:
        spans = diarizer.diarize(channel, find_speech(channel), speakers=2)
        assert all(later.start_s >= earlier.end_s - 1e-6 for earlier, later in pairwise(spans))
        middles = np.arange(0.05, channel.duration_s, 0.1)
        return [next((span.side for span in spans if span.start_s <= at < span.end_s), "") for at in middles]

    diarizer = PyannoteDiarizer()
    with decode(FIXTURES / "wifi-handled.mp3") as recording:
        channel = recording.channel(0)
        whole = by_tenths()
        monkeypatch.setattr("audio.diarization.SECTION", 11)
        parts = by_tenths()
    differing = sum(one != other for one, other in zip(whole, parts, strict=True))
    assert differing < 0.01 * len(whole)


@pytest.mark.models
def test_one_voice_is_one_speaker_even_where_two_are_expected() -> None:
    with decode(FIXTURES / "repair-excerpt.flac") as recording:
        channel = recording.channel(1)
        spans = PyannoteDiarizer().diarize(channel, find_speech(channel), speakers=2)
    assert {span.side for span in spans} == {"first"}


def test_what_is_far_from_all_speech_is_not_heard_by_the_diarizer() -> None:
    rng = np.random.default_rng(0)
    sound = rng.uniform(0.1, 0.2, 60 * RATE_HZ).astype(np.float32)
    hushed = Hushed(Tape(sound), [Span(start_s=10, end_s=12), Span(start_s=14, end_s=15), Span(start_s=40, end_s=41)])
    heard = hushed.read(0, 60)
    audible = np.zeros(len(sound), dtype=bool)
    for start_s, end_s in ((10, 15), (40, 41)):
        near = slice(round((start_s - NEAR_SPEECH_S) * RATE_HZ), round((end_s + NEAR_SPEECH_S) * RATE_HZ))
        audible[near] = True
    np.testing.assert_array_equal(heard, np.where(audible, sound, 0))
    for start_s, end_s in ((0, 10), (3.3, 13.3), (16, 26), (20.5, 30.5), (35.2, 45.2), (55, 65)):
        cut = slice(round(start_s * RATE_HZ), round(end_s * RATE_HZ))
        np.testing.assert_array_equal(hushed.read(start_s, end_s), heard[cut])
