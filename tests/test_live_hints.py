"""Hints for the agent: from data, about the customer, once, and in the language of the call."""

import re

import pytest

from audio.facts import Sound
from monitor.live.broadcast import Broadcast
from monitor.live.events import (
    CallStarted,
    HintGiven,
    HoldBegan,
    HoldEnded,
    LagMeasured,
    MomentFound,
    SoundHeard,
    TurnSettled,
)
from monitor.live.hints import Hinter, sentences
from monitor.rules import default_rules
from tests.reports import make_report, turn

MISSED = make_report().moments[0]


def after(*events):
    """The texts of the hints that a call's events give rise to."""
    hinter = Hinter()
    return [hint.text for event in events for hint in hinter.hear(event)]


def started(language="en"):
    return CallStarted(call_id="CA1", protocol="pcm", language=language)


def crying(start_s, end_s, label="child_crying"):
    sound = Sound(label=label, start_s=start_s, end_s=end_s, confidence=0.9)
    return SoundHeard(call_id="CA1", time_s=end_s, sound=sound)


def says(index, text, *acts, speaker="customer"):
    said = turn(index, speaker, 10.0 * index, 10.0 * index + 4.0, text)
    return TurnSettled(
        call_id="CA1", time_s=said.end_s, turn=said.model_copy(update={"acts": dict.fromkeys(acts, 0.8)})
    )


def test_a_crying_child_is_told_once_while_it_cries():
    events = [started(), crying(30.0, 31.0), crying(30.0, 32.0), crying(30.0, 38.0), crying(70.0, 75.0)]
    assert after(*events) == ["A child is crying. Offer to wait?"] * 2


def test_what_was_done_already_is_told_with_its_time():
    events = [
        started(),
        says(7, "I've restarted it three times.", "already_done", "voices_frustration"),
        says(7, "I've restarted it three times.", "already_done"),
        says(8, "Please unplug it.", "instructs", "voices_frustration", speaker="agent"),
        MomentFound(
            call_id="CA1", time_s=85.0, id="x", moment=MISSED.model_copy(update={"kind": "repeated_instruction"})
        ),
    ]
    assert after(*events) == [
        "This is done already (1:10): “I've restarted it three times.”",
        "The customer has already done it (1:10): “I've restarted it three times.” Say why it is needed again?",
    ]


def test_a_turn_that_grows_gives_no_second_hint_of_the_same():
    short, long = "Hold on.", "Hold on. I've been told that before, three times."
    events = [
        says(1, short, "asks_to_wait"),
        says(1, long, "asks_to_wait"),
        says(1, long, "repeat_contact", "asks_to_wait"),
    ]
    again = says(1, long, "repeat_contact").model_copy(update={"time_s": 90.0})
    assert after(started(), *events, again) == [
        "The customer asks for a moment (0:10).",
        f"The customer has been through this before (0:10): “{long}”",
    ]


def test_hints_are_in_the_language_of_the_call():
    assert after(started("zh"), crying(3.0, 6.0)) == ["有孩子在哭。要不要主动说可以等一等？"]
    assert after(started("pl"), crying(3.0, 6.0)) == ["A child is crying. Offer to wait?"]


def test_a_long_wait_is_told_once():
    ticks = [LagMeasured(call_id="CA1", time_s=float(second), lag_s=0.1) for second in (20, 39, 41, 80)]
    assert after(started(), HoldBegan(call_id="CA1", time_s=10.0, start_s=10.0), *ticks) == [
        "The customer has been waiting for 31 seconds. Say what is happening?"
    ]
    ended = HoldEnded(call_id="CA1", time_s=12.0, start_s=10.0, end_s=12.0)
    assert after(started(), HoldBegan(call_id="CA1", time_s=10.0, start_s=10.0), ended, *ticks) == []


def test_nothing_is_said_of_what_an_agent_does():
    assert after(started(), says(0, "Great, awesome, sorry!", *sentences()["act"], speaker="agent")) == []


def test_every_sound_of_distress_has_its_sentence():
    assert set(default_rules().of("background_distress").labels) == set(sentences()["sound"])


@pytest.mark.parametrize("group", ["sound", "act", "again", "wait"])
def test_every_sentence_has_both_languages(group):
    for cause, sentence in sentences()[group].items():
        assert set(sentence) == {"en", "zh"}, cause
        fields = {language: set(re.findall(r"{(\w+)}", text)) for language, text in sentence.items()}
        assert fields["en"] == fields["zh"], cause


def test_hints_reach_everyone_and_quote_nothing_personal():
    told = []

    class Lines:
        tell = staticmethod(told.append)

    broadcast = Broadcast([Lines()])
    broadcast.tell(started())
    broadcast.tell(says(1, "I gave you my card 4111 1111 1111 1111 twice already!", "already_done"))
    (hint,) = [event for event in told if isinstance(event, HintGiven)]
    assert "[card]" in hint.text
    assert "4111" not in hint.text
