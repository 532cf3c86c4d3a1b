"""Words become turns as a listener counts them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from audio.facts import Word
from audio.turns import LONG_SILENCE_S, take_turns
from tests.fakes import said


def counted(words: dict[str, list[Word]]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in take_turns(words)]


def test_sides_alternate() -> None:
    words = {
        "left": said("How can I help?", 0, 2) + said("I am sorry.", 6, 7),
        "right": said("My line is dead again.", 2.5, 5.5),
    }
    assert counted(words) == [
        ("left", "How can I help?"),
        ("right", "My line is dead again."),
        ("left", "I am sorry."),
    ]


def test_a_turn_goes_on_over_a_pause_in_which_nobody_speaks() -> None:
    words = {"left": said("Let me see.", 0, 1) + said("Here it is.", 3.5, 4.5), "right": []}
    assert counted(words) == [("left", "Let me see. Here it is.")]


def test_a_long_silence_ends_a_turn() -> None:
    words = {"left": said("One moment.", 0, 1) + said("Thanks for waiting.", 1 + LONG_SILENCE_S, 7)}
    assert counted(words) == [("left", "One moment."), ("left", "Thanks for waiting.")]


def test_a_back_channel_does_not_break_a_turn_and_is_one_of_its_own() -> None:
    words = {
        "left": said("So I unplugged the router", 0, 2) + said("and I waited for an hour.", 2.6, 5),
        "right": said("Mm-hm.", 2.05, 2.5),
    }
    assert counted(words) == [
        ("left", "So I unplugged the router and I waited for an hour."),
        ("right", "Mm-hm."),
    ]


def test_a_short_answer_to_a_question_breaks_it() -> None:
    words = {
        "left": said("Is the light green?", 0, 2) + said("Then press the button.", 2.9, 5),
        "right": said("Yes.", 2.3, 2.6),
    }
    assert counted(words) == [
        ("left", "Is the light green?"),
        ("right", "Yes."),
        ("left", "Then press the button."),
    ]


def test_a_short_word_breaks_a_turn_that_waited_for_it() -> None:
    words = {
        "left": said("Tell me when it is off.", 0, 2) + said("Good.", 4.5, 5),
        "right": said("It's off.", 3.2, 3.8),
    }
    assert [side for side, _ in counted(words)] == ["left", "right", "left"]


def test_a_long_turn_is_split_where_the_other_side_speaks_for_a_while() -> None:
    words = {
        "left": said("First you open the settings and then", 0, 3) + said("as I was saying press reset.", 5.2, 7),
        "right": said("But I have done all that three times already!", 2.6, 5.1),
    }
    assert [side for side, _ in counted(words)] == ["left", "right", "left"]


def test_overlaps_stay_overlaps() -> None:
    words = {"left": said("I do not think that is right at all", 0, 4), "right": said("but you told me so", 3, 5)}
    first, second = take_turns(words)
    assert (first.speaker, first.end_s) == ("left", 4)
    assert (second.speaker, second.start_s) == ("right", 3)


def test_chinese_words_are_joined_without_spaces() -> None:
    words = {"left": [Word(text=text, start_s=i, end_s=i + 1) for i, text in enumerate(["您", "好,", "WiFi", "断了"])]}
    assert counted(words) == [("left", "您好,WiFi断了")]


def test_nobody_speaks() -> None:
    assert take_turns({}) == ()
    assert take_turns({"left": [], "right": []}) == ()


word_lists = st.lists(st.tuples(st.floats(0, 3), st.floats(0, 2), st.sampled_from(["yes", "no.", "why?", "好"]))).map(
    lambda steps: _chain(steps)
)


def _chain(steps: list[tuple[float, float, str]]) -> list[Word]:
    words, at = [], 0.0
    for gap, length, text in steps:
        words.append(Word(text=text, start_s=at + gap, end_s=at + gap + length))
        at += gap + length
    return words


@given(st.dictionaries(st.sampled_from(["left", "right", "third"]), word_lists))
def test_every_word_is_in_one_turn_of_its_side_and_turns_are_in_order(words: dict[str, list[Word]]) -> None:
    turns = take_turns(words)
    assert [turn.index for turn in turns] == list(range(len(turns)))
    assert [turn.start_s for turn in turns] == sorted(turn.start_s for turn in turns)
    for side, expected in words.items():
        own = [turn for turn in turns if turn.speaker == side]
        assert [word for turn in own for word in turn.words] == expected
        assert all(later.start_s >= earlier.end_s for earlier, later in pairwise(own))
    for turn in turns:
        assert turn.words
        assert turn.start_s == min(word.start_s for word in turn.words)
        assert turn.end_s == max(word.end_s for word in turn.words)
