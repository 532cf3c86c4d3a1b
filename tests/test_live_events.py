"""Events of live calls: written and read back, and told to everyone whatever one of them does."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.facts import Sound
from monitor.live.broadcast import Broadcast
from monitor.live.events import (
    CallStarted,
    MomentFound,
    MomentWithdrawn,
    SoundHeard,
    TroubleCounted,
    TurnSettled,
    parse_event,
)
from tests.reports import make_report

REPORT = make_report()


@pytest.mark.parametrize(
    "event",
    [
        CallStarted(call_id="CA1", protocol="twilio", roles={"inbound": "customer"}, metadata={"from": "web"}),
        TurnSettled(call_id="CA1", time_s=9.2, turn=REPORT.turns[1]),
        SoundHeard(call_id="CA1", sound=Sound(label="child_crying", start_s=1.0, end_s=2.5, confidence=0.8)),
        MomentFound(call_id="CA1", id="repeat_contact:1", moment=REPORT.moments[1]),
        MomentWithdrawn(call_id="CA1", id="repeat_contact:1"),
    ],
)
def test_an_event_is_read_back_as_it_was_written(event):
    written = event.to_json()
    assert parse_event(written) == event
    told = json.loads(written)
    assert (told["schema"], told["call_id"]) == ("heard.live/1", "CA1")
    assert told["at"].endswith("Z"), "the wall clock is told in UTC"


@given(text=st.text() | st.binary())
@settings(max_examples=50)
def test_what_is_no_event_is_refused(text):
    with pytest.raises(ValueError, match="validation error"):
        parse_event(text)


class Lines:
    """An outlet that remembers."""

    def __init__(self):
        self.told, self.closed = [], False

    def tell(self, event):
        self.told.append(event)

    def close(self):
        self.closed = True


class Broken(Lines):
    """An outlet that can do nothing."""

    def tell(self, event):
        raise OSError(f"no {event.type}")

    def close(self):
        raise OSError("no")


def test_a_failing_outlet_reaches_neither_the_call_nor_the_others(caplog):
    lines = Lines()
    broadcast = Broadcast([Broken(), lines])
    event = TroubleCounted(call_id="CA1", gaps=2)
    broadcast.tell(event)
    broadcast.close()
    assert lines.told == [event]
    assert lines.closed
    assert "Broken could not take an event of CA1" in caplog.text
