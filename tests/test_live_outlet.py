"""What a live call tells reaches the store: written soon, kept over a restart, replaced by the report."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.errors import StoreError
from audio.facts import Sound
from monitor.live import events as told
from monitor.live.outlets import open_outlets
from monitor.live.outlets.folding import CURVE_POINTS, Folded, thinned
from monitor.live.outlets.store import StoreOutlet
from monitor.records import FrustrationPoint
from monitor.settings import LiveSettings
from monitor.store import LiveCall, LiveServer, live_calls, live_servers, live_view
from tests.reports import make_report

REPORT = make_report()
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def server(name="one"):
    now = datetime.now(UTC)
    return LiveServer(server=name, address="ws://127.0.0.1:8600", started_at=now, seen_at=now)


def started(**changes):
    return told.CallStarted(call_id="CA1", protocol="twilio", language="en", agent_name="Kim", team="North", **changes)


def found(moment, name, at=NOON):
    return told.MomentFound(call_id="CA1", at=at, time_s=moment.end_s, id=name, moment=moment)


def a_call():
    yield started()
    yield told.PartialWords(call_id="CA1", speaker="customer", start_s=3.5, end_s=4.0, text="I have called")
    for turn in REPORT.turns[:2]:
        yield told.TurnSettled(call_id="CA1", time_s=turn.end_s, turn=turn)
    yield told.FrustrationMoved(call_id="CA1", time_s=9.0, point=REPORT.frustration[0])
    yield told.SoundHeard(call_id="CA1", time_s=12.0, sound=REPORT.sounds[0].model_copy(update={"end_s": 12.0}))
    yield told.SoundHeard(call_id="CA1", time_s=16.0, sound=REPORT.sounds[0])
    yield found(REPORT.moments[0], "unacknowledged_frustration:1")
    yield told.HoldBegan(call_id="CA1", time_s=16.0, start_s=16.0)


def wait_for(holds, what, patience_s=90.0):
    until = time.monotonic() + patience_s
    while not (found := holds()):
        assert time.monotonic() < until, what
        time.sleep(0.02)
    return found


def test_what_is_told_is_in_the_store(store):
    outlet = StoreOutlet(store, server())
    for event in a_call():
        outlet.tell(event)
    view = wait_for(lambda: (v := live_view(store, "CA1")) and v.holds and v, "the last event is written")
    call = view.call
    assert (call.state, call.protocol, call.language, call.agent_name, call.team) == (
        "live",
        "twilio",
        "en",
        "Kim",
        "North",
    )
    assert (call.heard_s, call.level, call.holding_since_s, call.critical_missed) == (16.0, 0.8, 16.0, 1)
    assert call.newest.moment == REPORT.moments[0]
    assert [turn.text for turn in view.turns] == [turn.text for turn in REPORT.turns[:2]]
    assert view.partials == (), "the turn stands for what was just being said"
    assert [sound.end_s for sound in view.sounds] == [16.0], "a sound that goes on is one sound"
    assert view.points == REPORT.frustration[:1]
    assert [one.server for one in live_servers(store)] == ["one"]
    outlet.close()
    assert live_servers(store) == ()
    assert [one.state for one in live_calls(store)] == ["lost"], "its server is gone"


def test_a_call_goes_on_where_another_server_lost_it(store):
    first = StoreOutlet(store, server())
    for event in a_call():
        first.tell(event)
    first.close()
    second = StoreOutlet(store, server("two"))
    second.tell(started(resumed=True, time_s=20.0))
    again = REPORT.moments[0].model_copy(update={"start_s": REPORT.moments[0].start_s + 0.2})
    second.tell(found(again, "unacknowledged_frustration:other", NOON.replace(minute=1)))
    second.tell(told.FrustrationMoved(call_id="CA1", time_s=9.0, point=REPORT.frustration[0]))
    second.tell(found(REPORT.moments[2], "ownership:4", NOON.replace(minute=1)))
    call = wait_for(lambda: (v := live_view(store, "CA1")) and v.call.handled and v.call, "the call goes on")
    assert (call.state, call.server, call.critical_missed, call.handled) == ("live", "two", 1, 1)
    assert call.curve == ((9.0, 0.8),), "told anew, and known once"
    assert [one.found_at for one in live_view(store, "CA1").moments] == [NOON, NOON.replace(minute=1)]
    assert len(live_view(store, "CA1").turns) == 2
    second.tell(started())
    wait_for(lambda: live_view(store, "CA1").turns == (), "a call that begins anew begins with nothing")
    assert live_view(store, "CA1").call.critical_missed == 0
    second.close()


def test_the_report_stands_for_what_was_live(store):
    outlet = StoreOutlet(store, server())
    for event in a_call():
        outlet.tell(event)
    outlet.tell(told.CallEnded(call_id="CA1", time_s=28.0, duration_s=28.0, reason="the customer hung up"))
    wait_for(lambda: (v := live_view(store, "CA1")) and v.call.state == "ended", "the call has ended")
    outlet.tell(told.CallAnalysed(call_id="CA1", time_s=28.0, summary=REPORT.summary))
    view = wait_for(lambda: (v := live_view(store, "CA1")) and v.call.state == "analysed" and v, "it is analysed")
    assert (view.turns, view.moments, view.call.handled) == ((), (), REPORT.summary.handled)
    outlet.tell(told.CallAnalysed(call_id="CA2", error="The recording cannot be read."))
    outlet.close()
    assert live_view(store, "CA2").call.reason == "The recording cannot be read."


def test_a_call_whose_end_is_odd_is_let_go_and_harms_no_other(store, monkeypatch, caplog):
    def hear(folded, event):
        if isinstance(event, told.CallAnalysed):
            raise ValueError("odd")
        return heard(folded, event)

    heard = Folded.hear
    monkeypatch.setattr(Folded, "hear", hear)
    outlet = StoreOutlet(store, server())
    for event in a_call():
        outlet.tell(event)
    wait_for(lambda: (v := live_view(store, "CA1")) and v.holds, "the call is live")
    outlet.tell(told.CallAnalysed(call_id="CA1", time_s=28.0, summary=REPORT.summary))
    outlet.tell(told.CallStarted(call_id="CA2", protocol="pcm"))
    wait_for(lambda: live_view(store, "CA2"), "another call begins")
    assert live_view(store, "CA1").turns == (), "its report stands for it"
    assert "An event of CA1 could not be kept." in caplog.text
    outlet.close()


def test_what_cannot_be_written_is_written_later(store, monkeypatch, caplog):
    monkeypatch.setattr("monitor.live.outlets.store.AGAIN_S", 0.05)
    outlet = StoreOutlet(store, server())

    def busy(*_):
        raise StoreError("The store is busy.")

    with monkeypatch.context() as failing:
        failing.setattr("monitor.live.outlets.store.put_live", busy)
        for event in a_call():
            outlet.tell(event)
        wait_for(lambda: "cannot be written: The store is busy." in caplog.text, "the failure is in the log")
    wait_for(lambda: (v := live_view(store, "CA1")) and v.holds, "nothing was lost")
    outlet.close()


def test_a_moment_may_be_revised_and_withdrawn():
    folded = Folded(LiveCall(call_id="CA1", protocol="pcm", started_at=NOON, updated_at=NOON, heard_at=NOON))
    missed = REPORT.moments[0]
    for event in (
        found(missed, "a"),
        found(REPORT.moments[2], "b", NOON.replace(second=9)),
        told.MomentRevised(
            call_id="CA1", at=NOON.replace(second=20), time_s=40.0, id="a", moment=missed.model_copy(update={"verdict": "late"})
        ),
    ):  # fmt: skip
        folded.hear(event)
    assert (folded.call.newest.id, folded.call.critical_missed, folded.call.handled) == ("b", 0, 1)
    (item,) = folded.hear(told.MomentWithdrawn(call_id="CA1", id="b"))
    assert item.json_ is None
    assert (folded.call.newest.id, folded.call.newest.moment.verdict, folded.call.handled) == ("a", "late", 0)
    assert folded.call.newest.found_at == NOON, "it was found when it was first told"


def test_a_turn_that_grows_moves_its_point():
    folded = Folded(LiveCall(call_id="CA1", protocol="pcm", started_at=NOON, updated_at=NOON, heard_at=NOON))
    for turn, point in (
        (REPORT.turns[1], REPORT.frustration[0]),
        (REPORT.turns[1].model_copy(update={"end_s": 9.6}), REPORT.frustration[0].model_copy(update={"time_s": 9.6})),
    ):
        items = folded.hear(told.TurnSettled(call_id="CA1", time_s=10.0, turn=turn))
        folded.hear(told.FrustrationMoved(call_id="CA1", time_s=10.0, point=point))
    assert [(item.name, item.json_) for item in items if item.sort == "point"] == [("9.000", None)]
    assert folded.call.curve == ((9.6, 0.8),)


@given(levels=st.lists(st.floats(0, 1), max_size=400))
def test_a_curve_keeps_its_ends_and_stays_small(levels):
    curve = ()
    for second, level in enumerate(levels):
        curve = thinned((*curve, (float(second), level)))
    assert len(curve) <= CURVE_POINTS
    if levels:
        assert (curve[0], curve[-1]) == ((0.0, levels[0]), (len(levels) - 1.0, levels[-1]))
    assert list(curve) == sorted(curve)


@pytest.mark.parametrize("label", ["child_crying", "siren"])
def test_a_sound_is_known_by_its_label_and_start(label):
    folded = Folded(LiveCall(call_id="CA1", protocol="pcm", started_at=NOON, updated_at=NOON, heard_at=NOON))
    items = [
        folded.hear(told.SoundHeard(call_id="CA1", sound=Sound(label=label, start_s=2.0, end_s=end, confidence=0.9)))[0]
        for end in (3.0, 4.0)
    ]
    assert items[0].name == items[1].name == f"{label}@2.0"


def test_a_point_moves_the_level():
    folded = Folded(LiveCall(call_id="CA1", protocol="pcm", started_at=NOON, updated_at=NOON, heard_at=NOON))
    assert folded.call.level is None
    folded.hear(told.FrustrationMoved(call_id="CA1", point=FrustrationPoint(time_s=1.0, level=0.4, low=0.3, high=0.5)))
    assert folded.call.level == 0.4


def test_a_server_opens_all_outlets_at_once(store):
    outlets = open_outlets(store, LiveSettings(), address="ws://127.0.0.1:8600")
    outlets.broadcast.tell(started())
    wait_for(lambda: live_calls(store), "the call is in the store")
    assert [server.address for server in live_servers(store)] == ["ws://127.0.0.1:8600"]
    assert [route.path for route in outlets.routes] == ["/events"]
    outlets.broadcast.close()
    assert live_servers(store) == ()
