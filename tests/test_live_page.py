"""The Live page: every call with its state, moment and curve; one call with transcript and hints; and what to do where there is none."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from audio.facts import Sound
from dashboards.access import Person
from monitor.live import events as told
from monitor.live.outlets.folding import Folded
from monitor.store import Delivery, LiveCall, LiveServer, Store
from monitor.store.deliveries import put_attempt, put_delivery
from monitor.store.live import beat, put_live
from tests.dashboard import page, words
from tests.reports import make_report

REPORT = make_report()
SECONDS = 1.0
"""In which fifty calls are drawn."""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "heard.db")


def now(minus_s=0.0):
    return datetime.now(UTC) - timedelta(seconds=minus_s)


def told_to(path, *events, running=True):
    """A store in which these events of calls have been kept."""
    calls, items = {}, []
    for event in events:
        if event.call_id not in calls:
            times = {"started_at": now(30), "updated_at": now(), "heard_at": now()}
            calls[event.call_id] = Folded(LiveCall(call_id=event.call_id, protocol="pcm", server="one", **times))
        items += calls[event.call_id].hear(event)
    with Store.open(path) as store:
        if running:
            beat(store, LiveServer(server="one", address="ws://127.0.0.1:8765", started_at=now(), seen_at=now()))
        put_live(store, [folded.call for folded in calls.values()], items)


def a_call(call_id="CA1", team="North", found_s_ago=200.0):
    yield told.CallStarted(call_id=call_id, protocol="twilio", language="en", agent_name="Kim", team=team)
    for turn in REPORT.turns[:3]:
        yield told.TurnSettled(call_id=call_id, time_s=turn.end_s, turn=turn)
    yield told.FrustrationMoved(call_id=call_id, time_s=9.0, point=REPORT.frustration[0])
    crying = Sound(label="child_crying", start_s=10.0, end_s=14.0, confidence=0.9)
    yield told.SoundHeard(call_id=call_id, time_s=14.0, sound=crying)
    yield told.MomentFound(call_id=call_id, at=now(found_s_ago), time_s=14.0, id="x", moment=REPORT.moments[0])
    hint = {"id": "h", "cause": "child_crying", "text": "A child is crying. Offer to wait?", "language": "en"}
    yield told.HintGiven(call_id=call_id, time_s=14.0, about_s=10.0, **hint)
    yield told.PartialWords(call_id=call_id, speaker="customer", start_s=14.5, end_s=15.0, text="I told you <b>")
    yield told.LagMeasured(call_id=call_id, time_s=15.0, lag_s=4.2)


def test_where_nothing_runs_it_says_how_to_start(path):
    Store.open(path).close()
    shown = words(page("live", path))
    assert "No server is running" in shown
    assert "<code>heard listen</code>" in shown


def test_where_a_server_waits_it_says_how_to_try_it(path):
    with Store.open(path) as store:
        beat(store, LiveServer(server="one", address="ws://127.0.0.1:8765", started_at=now(), seen_at=now()))
    shown = words(page("live", path))
    assert "heard simulate CALL.wav --to ws://127.0.0.1:8765" in shown


def test_a_call_is_one_row(path):
    told_to(path, *a_call())
    shown = words(page("live", path))
    assert "1 call now" in shown
    for said in (
        "Kim",
        "North · English",
        "Frustration not acknowledged",
        "3 min ago",
        "0.80",
        "4.2 s",
        'class="stroke"',
    ):
        assert said in shown, said
    assert 'href="live?call=CA1"' in shown
    chinese = words(page("live", path, language="zh"))
    assert "3 分钟前" in chinese
    assert "没有回应客户的不满" in chinese


def test_one_call_is_shown_with_all_that_is_known(path):
    told_to(path, *a_call())
    shown = words(page("live", path, call="CA1"))
    for said in (
        "A child is crying. Offer to wait?", "Fill it with water", "Child crying", "clip-path:polygon",
        "The customer voiced frustration at 0:03", "Lag 4.2 s", "Customer is speaking …", "I told you &lt;b&gt;",
    ):  # fmt: skip
        assert said in shown, said
    assert shown.index("Customer is speaking") < shown.index("Fill it with water"), (
        "the newest is at the foot, drawn first"
    )


@pytest.mark.parametrize(
    ("last", "says"),
    [
        (told.HoldBegan(call_id="CA1", time_s=15.0, start_s=15.0), "On hold"),
        (told.CallEnded(call_id="CA1", time_s=28.0, duration_s=28.0), "Being analysed"),
        (told.CallAnalysed(call_id="CA1", error="Its recording is empty."), "could not be analysed: Its recording is empty."),
        (told.CallAnalysed(call_id="CA1", summary=REPORT.summary), 'href="call?call=CA1"'),
    ],
)  # fmt: skip
def test_what_became_of_a_call_is_said(path, last, says):
    told_to(path, *a_call(), last)
    assert says in words(page("live", path, call="CA1"))


def test_a_call_whose_server_is_gone_says_so(path):
    told_to(path, *a_call(), running=False)
    assert "Server gone" in words(page("live", path))
    assert "The server that heard this call is gone" in words(page("live", path, call="CA1"))


def test_calls_of_other_teams_are_not_shown(path):
    told_to(path, *a_call())
    ana = Person("ana@example.org", "reviewer", ("South",), signed_in=True)
    assert "CA1" not in words(page("live", path, person=ana))
    shown = words(page("live", path, person=ana, call="CA1"))
    assert "not live any more" in shown
    assert "Fill it with water" not in shown


def test_messages_that_were_given_up_are_shown(path):
    message = Delivery(
        message_id="m1", endpoint="desk", call_id="CA1", team="North", kind="repeat_contact", start_s=3.5, body="{}",
        created_at=now(), next_at=now(),
    )  # fmt: skip
    with Store.open(path) as store:
        put_delivery(store, message)
        put_attempt(store, message.model_copy(update={"state": "dead", "attempts": 8, "error": "It answered 500."}))
    shown = words(page("live", path))
    for said in ("1 message could not be delivered", "desk", "It answered 500.", "heard webhooks resend --all"):
        assert said in shown, said
    ana = Person("ana@example.org", "reviewer", ("South",), signed_in=True)
    assert "desk" not in words(page("live", path, person=ana))


def test_fifty_calls_are_drawn_within_a_second(path):
    told_to(path, *(event for number in range(50) for event in a_call(f"CA{number}")))
    app = page("live", path)
    began = time.process_time()
    app.run()
    spent_s = time.process_time() - began
    assert words(app).count('class="live-row') == 50
    assert spent_s < SECONDS, f"it took {spent_s:.2f} s"
