"""What a recogniser makes up is taken out; what people say stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.facts import Word
from audio.hygiene import cut_loops, without_phantoms
from audio.spelling import bare, join_words, whole_words
from tests.fakes import said


def text_of(words: list[Word]) -> str:
    return join_words(word.text for word in words)


@pytest.mark.parametrize(
    ("looped", "kept"),
    [
        ("Thank you. " * 20, "Thank you. Thank you."),
        ("no " * 30, "no no"),
        ("I'll call you back, okay? " * 6 + "Bye.", "I'll call you back, okay? I'll call you back, okay? Bye."),
        ("So " + "the number is the " * 9, "So the number is the the number is the"),
    ],
)
def test_loops_are_cut_to_two_rounds(looped: str, kept: str) -> None:
    assert text_of(cut_loops(said(looped, 0, 30))) == kept


def test_a_loop_inside_a_word_is_cut() -> None:
    assert text_of(cut_loops(said("A" * 200, 0, 5))) == "AA"
    chinese = [Word(text="谢谢", start_s=i, end_s=i + 1) for i in range(20)]
    assert text_of(cut_loops(chinese)) == "谢谢谢谢"


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, no, no, that is not what I said.",
        "Bye bye. Bye bye. Bye.",
        "It is one one one, one two two two two.",
        "Thank you. Thank you. Thank you so much.",
        "对对对对对，是的。",
    ],
)
def test_what_people_repeat_stays(text: str) -> None:
    assert text_of(cut_loops(said(text, 0, 10))) == text


@given(st.lists(st.sampled_from(["yes", "no.", "why?", "好"]), max_size=60))
def test_cutting_takes_words_out_and_changes_no_order(texts: list[str]) -> None:
    words = [Word(text=text, start_s=i, end_s=i + 1) for i, text in enumerate(texts)]
    kept = cut_loops(words)
    assert [word for word in words if word in kept] == kept
    assert cut_loops(kept) == kept


def test_runs_that_the_recogniser_hardly_believed_are_dropped() -> None:
    believed = said("I have no idea", 0, 2)
    doubted = said("thanks for watching", 5, 6, confidence=0.15)
    assert without_phantoms(believed + doubted) == believed


def test_one_doubtful_word_in_a_sentence_stays() -> None:
    words = said("my name is", 0, 1) + said("Szczepan", 1, 1.5, confidence=0.02) + said("by the way", 1.5, 2.5)
    assert without_phantoms(words) == words


def piece(text: str, at: float, confidence: float = 0.9) -> Word:
    return Word(text=text, start_s=at, end_s=at + 0.5, confidence=confidence)


def test_pieces_without_a_leading_space_belong_to_the_word_before() -> None:
    words = whole_words([piece(" check", 0), piece("-in", 0.5, 0.4), piece(" at", 1), piece(" 8", 1.5), piece("?", 2)])
    assert [word.text for word in words] == ["check-in", "at", "8?"]
    assert (words[0].start_s, words[0].end_s, words[0].confidence) == (0, 1.0, 0.4)
    assert words[2].end_s == 2.0  # punctuation takes no time


def test_scripts_without_spaces_keep_their_pieces() -> None:
    pieces = [piece(text, i) for i, text in enumerate(["您", "的", "Wi", "-Fi", "断", "了。"])]
    assert [word.text for word in whole_words(pieces)] == ["您", "的", "Wi-Fi", "断", "了。"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["Hello", "there."], "Hello there."),
        (["您", "好,", "WiFi", "断了"], "您好,WiFi断了"),
        (["안녕", "하세요?"], "안녕 하세요?"),
        (["สวัสดี", "ครับ"], "สวัสดีครับ"),
        ([], ""),
    ],
)
def test_words_are_joined_as_their_script_is_written(words: list[str], text: str) -> None:
    assert join_words(words) == text


def test_words_are_compared_without_case_and_punctuation() -> None:
    assert bare("“Thanks,”") == "thanks"
    assert bare("...") == ""
