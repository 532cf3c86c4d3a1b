"""Exact phrases are found whole, in any case, width and script, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rules.phrases import fold, phrase_pattern


def found(phrase: str, text: str) -> bool:
    return phrase_pattern(phrase).search(fold(text)) is not None


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("cancel", "Please CANCEL it."),
        ("cancel my account", "So, cancel  my, account now"),
        ("don't care", "I don’t care."),
        ("thank-you", "thank you"),
        ("cancel", "ｃａｎｃｅｌ it"),
        ("refund*", "two refunds, please"),
        ("cancel ... account", "cancel that wretched old account"),
        ("cancel ... account", "cancel account"),
        ("取消", "我要取消订单"),
        ("取消订单", "我要取消 订单"),
        ("取消…账户", "请取消我的那个账户吧"),
        ("cancel", "我要cancel订单"),
        ("wi-fi", "the Wi-Fi is down"),
        ("解約", "すぐに解約したいんです"),
        ("해지", "해지하고 싶어요"),
        ("24/7", "We are here 24/7, always."),
        ("p.m.", "at five p.m. sharp"),
    ],
)
def test_a_phrase_is_found(phrase: str, text: str) -> None:
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("cancel", "it was cancelled"),
        ("cancel", "uncancel it"),
        ("cancel my account", "cancel your account"),
        ("refund*", "a prerefund"),
        ("cancel ... account", "cancel it, it is not at all clear to me which account"),
        ("取消", "我要取得消息"),
        ("care", "careful"),
        ("éte", "ete"),
    ],
)
def test_another_is_not(phrase: str, text: str) -> None:
    assert not found(phrase, text)


@pytest.mark.parametrize("phrase", ["", "...", "?!", " * "])
def test_a_phrase_without_a_word_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="no word"):
        phrase_pattern(phrase)


WORDS = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0xFF), min_size=1, max_size=8)


@given(st.lists(WORDS, min_size=1, max_size=5), st.lists(WORDS, max_size=3), st.lists(WORDS, max_size=3))
def test_any_words_are_found_among_others(words: list[str], before: list[str], after: list[str]) -> None:
    assert found(" ".join(words), " ".join([*before, *words, *after]).upper())


@given(st.text(max_size=30), st.text(max_size=60))
def test_whatever_is_written_the_search_ends(phrase: str, text: str) -> None:
    try:
        pattern = phrase_pattern(phrase)
    except ValueError:
        return
    match = pattern.search(fold(text))
    assert match is None or match.group()
