"""Live calls in the store: as they stand now, lost with their server, seen by their team alone; messages sent once."""

from datetime import UTC, datetime, timedelta

import pytest

from audio.errors import StoreError
from monitor.store import Delivery, LiveCall, LiveMoment, LiveServer, deliveries, live_calls, live_view, revive
from monitor.store.deliveries import claim, put_attempt, put_delivery
from monitor.store.live import LiveItem, beat, get_live, leave, put_live, tidy
from tests.reports import make_report

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REPORT = make_report()


def call(call_id="CA1", **changes):
    values = {"server": "one", "protocol": "pcm", "started_at": NOON, "updated_at": NOON, "heard_at": NOON} | changes
    return LiveCall(call_id=call_id, **values)


def server(name="one", seen=NOON):
    return LiveServer(server=name, address="ws://127.0.0.1:8600", started_at=NOON, seen_at=seen)


def item(sort, name, fact, call_id="CA1"):
    return LiveItem(call_id=call_id, sort=sort, name=name, json_=fact.model_dump_json())


def test_a_call_is_kept_as_it_was_last_told(store):
    beat(store, server())
    put_live(store, [call()], [item("turn", str(turn.index), turn) for turn in REPORT.turns])
    later = REPORT.turns[1].model_copy(update={"text": "It still leaks."})
    found = LiveMoment(id="repeat_contact:1", moment=REPORT.moments[1], found_at=NOON, found_s=25.0)
    moment = item("moment", found.id, found)
    put_live(store, [call(heard_s=30.0, newest=found)], [item("turn", "1", later), moment, moment])
    view = live_view(store, "CA1", now=NOON)
    assert [turn.text for turn in view.turns] == [
        *(turn.text for turn in REPORT.turns[:1]), "It still leaks.", *(turn.text for turn in REPORT.turns[2:])
    ]  # fmt: skip
    assert (view.call.heard_s, view.call.newest, view.moments) == (30.0, found, (found,))
    put_live(store, [], [LiveItem(call_id="CA1", sort="moment", name=found.id)])
    assert live_view(store, "CA1", now=NOON).moments == ()
    put_live(store, [call()], cleared=["CA1"])
    assert live_view(store, "CA1", now=NOON).turns == ()
    assert live_view(store, "CA2") is None
    assert get_live(store, "CA2") is None


def test_a_call_is_lost_when_its_server_is_not_seen_any_more(store):
    beat(store, server())
    put_live(store, [call(), call("CA2", state="ended"), call("CA3", state="failed")])

    def states(now):
        return {one.call_id: one.state for one in live_calls(store, now=now)}

    assert states(NOON + timedelta(seconds=10)) == {"CA1": "live", "CA2": "ended", "CA3": "failed"}
    gone = NOON + timedelta(seconds=16)
    assert states(gone) == {"CA1": "lost", "CA2": "lost", "CA3": "failed"}
    beat(store, server("two", gone))
    put_live(store, [call(server="two")])
    assert states(gone) == {"CA1": "live", "CA2": "lost", "CA3": "failed"}
    leave(store, "two")
    assert states(gone)["CA1"] == "lost"


def test_calls_that_need_an_ear_come_first(store):
    beat(store, server())
    put_live(
        store,
        [
            call("calm", curve=((1.0, 0.1),)),
            call("angry", curve=((1.0, 0.9),)),
            call("missed", critical_missed=1),
            call("over", state="ended", critical_missed=3),
            call("new", curve=((1.0, 0.1),), started_at=NOON + timedelta(seconds=5)),
        ],
    )
    assert [one.call_id for one in live_calls(store, now=NOON)] == ["missed", "angry", "new", "calm", "over"]


def test_calls_are_seen_by_their_teams_alone(store):
    beat(store, server())
    put_live(store, [call("ours", team="North"), call("theirs", team="South"), call("nobodys")])
    assert [one.call_id for one in live_calls(store, limited_to=("North",), now=NOON)] == ["ours"]
    assert live_view(store, "theirs", limited_to=("North",)) is None
    assert live_view(store, "nobodys", limited_to=("North",)) is None
    assert live_view(store, "ours", limited_to=("North",)) is not None


def test_an_analysed_call_is_forgotten_after_a_while(store):
    put_live(store, [call(state="analysed"), call("CA2", state="failed")], [item("turn", "0", REPORT.turns[0])])
    tidy(store, NOON + timedelta(minutes=14))
    assert len(live_calls(store, now=NOON + timedelta(minutes=14))) == 2
    late = NOON + timedelta(minutes=16)
    assert [one.call_id for one in live_calls(store, now=late)] == ["CA2"]
    tidy(store, late)
    assert live_view(store, "CA1") is None


def message(message_id="m1", **changes):
    values = {
        "endpoint": "desk",
        "call_id": "CA1",
        "kind": "repeat_contact",
        "start_s": 3.5,
        "body": "{}",
        "next_at": NOON,
    }
    return Delivery(message_id=message_id, created_at=NOON, **(values | changes))


def test_a_moment_is_told_to_a_webhook_once(store):
    assert put_delivery(store, message())
    assert not put_delivery(store, message("m2", start_s=3.9)), "the same moment, heard again after a restart"
    assert put_delivery(store, message("m3", start_s=60.0))
    assert put_delivery(store, message("m4", kind="interrogation"))
    assert put_delivery(store, message("m5", endpoint="wall"))
    assert put_delivery(store, message("m6", call_id="CA2"))


def test_a_message_is_given_to_one_sender_at_a_time(store):
    put_delivery(store, message())
    put_delivery(store, message("m2", start_s=60.0, next_at=NOON + timedelta(seconds=90)))
    minute = NOON + timedelta(minutes=1)
    assert [one.message_id for one in claim(store, "desk", now=NOON, until=minute)] == ["m1"]
    assert claim(store, "desk", now=NOON, until=minute) == ()
    # A sender that died in the attempt never said what came of it.
    assert [one.message_id for one in claim(store, "desk", now=minute, until=minute + timedelta(minutes=1))] == ["m1"]


def test_what_was_given_up_can_be_sent_anew(store):
    put_delivery(store, message(team="North"))
    put_attempt(store, message(state="dead", attempts=8, error="It answered 500."))
    assert claim(store, "desk", now=NOON, until=NOON) == ()
    assert [one.error for one in deliveries(store, state="dead", limited_to=("North",))] == ["It answered 500."]
    assert deliveries(store, state="dead", limited_to=("South",)) == ()
    with pytest.raises(StoreError, match="m9 is no message that waits or was given up"):
        revive(store, ["m1", "m9"])
    assert [one.attempts for one in revive(store, ["m1"])] == [0]
    now = datetime.now(UTC)
    assert [one.message_id for one in claim(store, "desk", now=now, until=now)] == ["m1"]
    put_attempt(store, message(state="delivered", attempts=1))
    assert revive(store) == ()
