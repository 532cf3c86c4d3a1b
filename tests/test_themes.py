"""Sentences worth counting are picked from a call, and those that mean the same come together across calls."""

import pytest
from fake_encoder import FakeEncoder
from hypothesis import given, settings
from reports import any_report, make_report, turn

from monitor.records import Moment
from monitor.store import Filters, themes
from monitor.themes import mentions

TURNS = (
    turn(0, "agent", 0, 2, "Good morning, how can I help you today?"),
    turn(1, "customer", 2, 6, "Hello. My kettle has been leaking since it came. I have already filled it to the line."),
    turn(2, "agent", 6, 9, "I see. Please fill the kettle to the line."),
    turn(3, "customer", 9, 12, "Yes, please. Can you send me a new kettle?"),
    turn(4, "agent", 12, 15, "Our policy is that we send no new kettle."),
    turn(5, "customer", 15, 18, "I wish there was a kettle without a cord."),
    turn(6, "agent", 18, 20, "Goodbye."),
)


def moment(kind, verdict, flag, opening=None):
    return Moment(
        kind=kind, verdict=verdict, severity="minor", turn=flag, opening_turn=opening, start_s=1.0, end_s=2.0, confidence=0.9,
        quote="", why="",
    )  # fmt: skip


MOMENTS = (
    moment("repeated_instruction", "missed", 2, 1),
    moment("policy_shield", "missed", 4, 4),
    moment("unmet_need", "missed", 6, 5),
)


def said(report):
    return {(one.topic, one.text) for one in mentions(report, FakeEncoder())}


def test_what_is_picked_from_a_call():
    assert said(make_report(turns=TURNS, moments=MOMENTS)) == {
        ("reason", "My kettle has been leaking since it came."),
        ("instruction", "Please fill the kettle to the line."),
        ("refusal", "Can you send me a new kettle?"),
        ("need", "I wish there was a kettle without a cord."),
    }


def test_an_instruction_that_was_explained_annoys_nobody():
    explained = (moment("repeated_instruction", "handled", 2, 1),)
    assert {topic for topic, _ in said(make_report(turns=TURNS, moments=explained))} == {"reason"}


@settings(max_examples=50)
@given(any_report)
def test_any_report_has_its_mentions(report):
    for one in mentions(report, FakeEncoder()):
        assert len(one.vector) == 4 * FakeEncoder.dimension
        assert one.text


def test_sentences_that_mean_the_same_are_one_theme(store):
    wordings = ("Please unplug the router now", "now unplug the router please", "Read me your account number again")
    for number, wording in enumerate(wordings):
        turns = (*TURNS[:2], turn(2, "agent", 6, 9, wording))
        report = make_report(f"call-{number}", turns=turns, moments=(moment("repeated_instruction", "missed", 2),))
        store.save(report, content_sha256=str(number), mentions=mentions(report, FakeEncoder()))
    found = themes(store, Filters(), "instruction")
    assert [(theme.text, theme.calls) for theme in found] == [(wordings[0], 2), (wordings[2], 1)]
    assert [theme.calls for theme in themes(store, Filters(), "reason")] == [3]


def test_another_analysis_counts_a_call_once(store):
    report = make_report(turns=TURNS, moments=MOMENTS)
    for _ in range(2):
        store.save(report, content_sha256="a", mentions=mentions(report, FakeEncoder()))
    assert [theme.calls for theme in themes(store, Filters(), "need")] == [1]
    store.save(report, content_sha256="a")
    assert themes(store, Filters(), "need") == ()


@pytest.mark.models
def test_wordings_and_languages_come_together_with_the_real_encoder(store):
    from monitor.encoder import UseEncoder

    encoder = UseEncoder()
    wordings = (
        "Please unplug the router for thirty seconds.",
        "请您把路由器的电源拔掉三十秒。",
        "Can you read me your account number?",
    )
    for number, wording in enumerate(wordings):
        turns = (*TURNS[:2], turn(2, "agent", 6, 9, wording))
        report = make_report(f"call-{number}", turns=turns, moments=(moment("repeated_instruction", "missed", 2),))
        store.save(report, content_sha256=str(number), mentions=mentions(report, encoder))
    assert [theme.calls for theme in themes(store, Filters(), "instruction")] == [2, 1]
