"""The frustration filter: bounded, causal, with a band; and each kind of evidence moves it the way that it should."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.facts import Sound, Turn, Voice
from monitor.frustration.filter import Dynamics, FrustrationFilter
from monitor.frustration.words import WordsModel

WORDS = WordsModel(np.ones(1, np.float32), 0.0)


class Scripted:
    """Gives the level that the words of a turn suggest: the turn's text is a number."""

    def features(self, turn: Turn) -> np.ndarray:
        return np.array([float(turn.text)], np.float32)


def turn(index, level, *, speaker="customer", start_s=None, length_s=4.0, arousal=None):
    start_s = 5.0 * index if start_s is None else start_s
    voice = None if arousal is None else Voice(level_db=-20, tilt_db=-10, arousal=arousal)
    return Turn(index=index, speaker=speaker, start_s=start_s, end_s=start_s + length_s, text=str(level), voice=voice)


def new_filter(**dynamics) -> FrustrationFilter:
    return FrustrationFilter(Scripted(), words=WORDS, dynamics=Dynamics(**dynamics))


def points(turns, **dynamics):
    heard = new_filter(**dynamics)
    return [point for point in (heard.hear(t, {}) for t in turns) if point]


def test_the_agent_has_no_level():
    assert new_filter().hear(turn(0, 1.0, speaker="agent"), {}) is None


def test_angry_words_raise_the_level_step_by_step_and_calm_ones_lower_it():
    levels = [point.level for point in points([turn(i, 1.0) for i in range(6)] + [turn(6 + i, 0.0) for i in range(6)])]
    assert levels[:6] == sorted(levels[:6])
    assert levels[5] > 0.7
    assert levels[6:] == sorted(levels[6:], reverse=True)
    assert levels[-1] < 0.4


def test_one_angry_word_moves_the_level_only_part_of_the_way():
    first, second = points([turn(0, 0.0), turn(1, 1.0)])
    assert first.level < second.level < 0.7


def test_a_long_silence_lets_the_level_fall_and_the_band_widen():
    soon, late = (points([turn(0, 1.0), turn(1, 1.0), turn(2, 0.5, start_s=at)])[-1] for at in (12.0, 1200.0))
    assert late.level < soon.level


@pytest.mark.parametrize(
    ("cause", "moved"),
    [
        ("voice", lambda heard: heard.hear(turn(1, 0.4, arousal=0.95), {})),
        ("turn_taking", lambda heard: (heard.hear(turn(1, 0.4, speaker="agent"), {}), heard.hear(turn(2, 0.4, start_s=7.0), {}))[1]),
        ("background", lambda heard: (heard.hear_sound(Sound(start_s=5.5, end_s=8, label="child_crying", confidence=0.9)), heard.hear(turn(1, 0.4), {}))[1]),
    ],
)  # fmt: skip
def test_other_evidence_raises_the_level_a_little_and_is_named(cause, moved):
    plain = new_filter()
    plain.hear(turn(0, 0.4), {})
    before = plain.hear(turn(1, 0.4), {})
    heard = new_filter()
    heard.hear(turn(0, 0.4), {})
    point = moved(heard)
    assert getattr(before.causes, cause) == 0
    assert 0 < getattr(point.causes, cause) < 0.2
    assert point.level > before.level


def test_a_voice_below_its_usual_activation_lowers_the_level():
    (point,) = points([turn(0, 0.4, arousal=0.1)])
    assert point.causes.voice < 0


def test_acknowledging_the_feeling_soothes():
    levels = []
    for probability in (0.0, 1.0):
        heard = new_filter()
        heard.hear(turn(0, 1.0), {})
        heard.hear(turn(1, 0, speaker="agent"), {"acknowledges_feeling": probability})
        levels.append(heard.hear(turn(2, 0.5), {}).level)
    assert levels[1] < levels[0]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["agent", "customer"]),
        st.floats(-3, 3),
        st.floats(0, 600),
        st.floats(0, 60),
        st.none() | st.floats(0, 1),
    ),
    max_size=30,
)


@given(EVENTS)
def test_levels_and_bands_stay_in_their_bounds_and_depend_on_the_past_alone(events):
    turns, clock = [], 0.0
    for i, (speaker, level, gap, length, arousal) in enumerate(events):
        clock += gap
        turns.append(turn(i, level, speaker=speaker, start_s=clock, length_s=length, arousal=arousal))
    whole = points(turns)
    assert all(0 <= p.low <= p.level <= p.high <= 1 for p in whole)
    assert [p.time_s for p in whole] == [t.end_s for t in turns if t.speaker == "customer"]
    assert points(turns[: len(turns) // 2]) == whole[: len(points(turns[: len(turns) // 2]))]
