"""Personal data: what is found, measured on a list; and that it leaves every part of a report."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import any_report, make_report, turn

from audio.facts import CallFacts, Word
from monitor.digits import luhn, runs
from monitor.personal import find
from monitor.redact import is_placeholder, redact, redact_facts, redact_text

LIST = Path(__file__).parent / "data" / "personal.tsv"
MARK = re.compile(r"\{(\w+)\|([^}]*)\}")


def examples():
    """(language, text, [(start, end, kind)]) of every sentence of the list."""
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            language, marked = line.split("\t")
            text, wanted, position = "", [], 0
            for mark in MARK.finditer(marked):
                text += marked[position : mark.start()]
                wanted.append((len(text), len(text) + len(mark[2]), mark[1]))
                text += mark[2]
                position = mark.end()
            yield language, text + marked[position:], wanted


def test_precision_and_recall_on_the_list():
    right = found = wanted_in_all = kinds_right = 0
    for language, text, wanted in examples():
        spans = find(text, language)
        hits = [w for w in wanted if any(span.start <= w[0] and span.end >= w[1] for span in spans)]
        right += len(hits)
        wanted_in_all += len(wanted)
        found += len(spans)
        kinds_right += sum(
            any(span.kind == kind and span.start <= start < span.end for span in spans) for start, _, kind in hits
        )
    assert wanted_in_all > 60
    assert right / wanted_in_all >= 0.97
    assert right / found >= 0.97
    assert kinds_right / right >= 0.95


def test_placeholders_stand_for_what_was_said():
    text = "Card 4111 1111 1111 1111, mail jane@example.com, phone 555-0142, PIN 4821, and it costs $45.50."
    assert redact_text(text, "en") == "Card [card], mail [email], phone [phone], PIN [code], and it costs $45.50."


def test_the_words_become_one_with_all_of_their_time():
    said = turn(0, "customer", 10.0, 20.0, "It is 4111 1111 1111 1111, thanks.")
    (redacted,) = redact(make_report(turns=(said,), moments=())).turns
    assert redacted.text == "It is [card], thanks."
    assert [word.text for word in redacted.words] == ["It", "is", "[card]", "thanks."]
    card = redacted.words[2]
    assert (card.start_s, card.end_s) == (said.words[2].start_s, said.words[5].end_s)
    assert [is_placeholder(word) for word in redacted.words] == [False, False, True, False]


def test_a_number_in_several_turns_is_one_number():
    turns = (
        turn(0, "agent", 0, 2, "And the card number, please?"),
        turn(1, "customer", 2, 4, "4111 1111"),
        turn(2, "agent", 4, 5, "Mm-hm."),
        turn(3, "customer", 5, 7, "1111 1111."),
        turn(4, "agent", 7, 9, "Thank you very much for that."),
        turn(5, "customer", 9, 11, "It was 1111 days ago."),
    )
    texts = [t.text for t in redact(make_report(turns=turns, moments=())).turns]
    assert texts == [turns[0].text, "[card]", "Mm-hm.", "[card].", turns[4].text, turns[5].text]


def test_the_question_says_what_the_answer_is():
    turns = (turn(0, "agent", 0, 2, "What is your PIN?"), turn(1, "customer", 2, 4, "4821."))
    assert redact(make_report(turns=turns, moments=())).turns[1].text == "[code]."
    turns = (turn(0, "agent", 0, 2, "What does the screen say?"), turn(1, "customer", 2, 4, "4821."))
    assert redact(make_report(turns=turns, moments=())).turns[1].text == "4821."


def test_quotes_and_reasons_are_redacted_even_in_part():
    said = turn(1, "customer", 2, 9, "My PIN is 4821, I told you.")
    moment = make_report().moments[0].model_copy(update={"quote": "4821, I told you.", "why": "She gave 4821 before."})
    redacted = redact(make_report(turns=(said,), moments=(moment,))).moments[0]
    assert redacted.quote == "[code], I told you."
    assert redacted.why == "She gave [code] before."


def test_words_that_do_not_make_up_the_text_are_redacted_by_themselves():
    said = turn(0, "customer", 0, 2, "My mail is jane@example.com").model_copy(
        update={"words": (Word(text="jane@example.com,", start_s=0, end_s=1),)}
    )
    (word,) = redact(make_report(turns=(said,), moments=())).turns[0].words
    assert word.text == "[email],"


def test_facts_are_redacted_too():
    facts = CallFacts(
        source="x.wav", language="zh", duration_s=5, layout="mono",
        turns=(turn(0, "first", 0, 5, "我的手机号是幺三八零零一二三四五六。"),),
    )  # fmt: skip
    assert redact_facts(facts).turns[0].text == "我的手机号是[phone]。"


@settings(max_examples=30)
@given(report=any_report)
def test_redacting_twice_changes_nothing_more(report):
    once = redact(report)
    assert redact(once) == once
    assert len(once.turns) == len(report.turns)


@settings(max_examples=100)
@given(text=st.text(max_size=80), language=st.sampled_from(["en", "es", "fr", "de", "zh", "ja", "ko", "xx"]))
def test_what_is_found_in_any_text_is_in_order_and_apart(text, language):
    spans = find(text, language)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))


@settings(max_examples=100)
@given(
    digits=st.text("0123456789", min_size=12, max_size=18).filter(lambda digits: set(digits) != {"0"}),
    groups=st.lists(st.integers(1, 5), min_size=18, max_size=18),
    spoken=st.booleans(),
)
def test_any_card_in_any_grouping_is_found(digits, groups, spoken):
    digits += next(check for check in "0123456789" if luhn(digits + check))
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    parts, position = [], 0
    for size in groups:
        parts.append(digits[position : position + size])
        position += size
    parts = [part for part in (*parts, digits[position:]) if part]
    text = " ".join(" ".join(names[int(d)] for d in part) if spoken else part for part in parts)
    (span,) = find(f"It is {text}, yes.", "en")
    assert (span.kind, text) == ("card", f"It is {text}, yes."[span.start : span.end])


@pytest.mark.parametrize(
    ("text", "language", "digits"),
    [
        ("double five, triple oh", "en", "55000"),
        ("forty-two nineteen", "en", "4219"),
        ("soixante-dix-huit, quatre-vingt-douze, vingt-et-un", "fr", "789221"),
        ("treinta y cuatro doce", "es", "3412"),
        ("null eins zwo", "de", "012"),
        ("幺三八 零零", "zh", "13800"),
        ("１２３", "ja", "123"),
    ],
)
def test_digits_as_they_are_said(text, language, digits):
    (run,) = runs(text, language)
    assert run.digits == digits


def test_luhn():
    assert luhn("79927398713")
    assert not luhn("79927398710")
