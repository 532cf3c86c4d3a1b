"""Subscribers to live calls: told as it happens, told later what came in between, and only what they may see."""

import asyncio
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette

from monitor.live import events as told
from monitor.live.outlets.route import events_route
from monitor.live.outlets.stream import EventStream, Wish
from monitor.settings import LiveSettings
from tests.reports import make_report

MOMENT = make_report().moments[0]
ALL = Wish()


def started(call_id="CA1", team=None):
    return told.CallStarted(call_id=call_id, protocol="pcm", team=team)


def lag(number, call_id="CA1"):
    return told.LagMeasured(call_id=call_id, lag_s=float(number))


def words(text, call_id="CA1"):
    return told.PartialWords(call_id=call_id, speaker="customer", start_s=0.0, end_s=1.0, text=text)


def parsed(frame):
    """(id, type, data) of a frame; None of what is no event."""
    fields = dict(line.split(": ", 1) for line in frame.decode().strip().splitlines() if not line.startswith(":"))
    return (fields.get("id", ""), fields["event"], json.loads(fields["data"])) if "event" in fields else None


async def first(stream, count, wish=ALL, last_id="", meanwhile=(), heartbeat_s=15.0):
    """So many events of a subscription; once it is made, `meanwhile` is told."""
    subscription = stream.subscribe(wish, last_id, heartbeat_s=heartbeat_s)
    await anext(subscription)
    reading = asyncio.create_task(_events(subscription, count))
    await asyncio.sleep(0)
    for event in meanwhile:
        stream.tell(event)
    return await asyncio.wait_for(reading, 90)


async def _events(subscription, count):
    found = []
    async for frame in subscription:
        if event := parsed(frame):
            found.append(event)
        if len(found) == count:
            break
    await subscription.aclose()
    return found


def read(*args, **options):
    return asyncio.run(first(*args, **options))


def test_events_come_as_they_are_told():
    stream = EventStream(epoch="e")
    meanwhile = [started(), words("I have"), told.MomentFound(call_id="CA1", id="x", moment=MOMENT), words("called")]
    found = read(stream, 4, meanwhile=meanwhile)
    assert [(name, type_) for name, type_, _ in found] == [
        ("e-1", "call.started"), ("", "words.partial"), ("e-2", "moment.found"), ("", "words.partial")
    ]  # fmt: skip
    assert found[2][2]["moment"]["kind"] == MOMENT.kind


def test_who_comes_back_is_told_what_came_in_between():
    stream = EventStream(epoch="e")
    for event in (started(), lag(1), words("gone by then"), lag(2), lag(3)):
        stream.tell(event)
    found = read(stream, 3, last_id="e-2", meanwhile=[lag(4)])
    assert [data["lag_s"] for _, _, data in found] == [2.0, 3.0, 4.0]


@pytest.mark.parametrize("last_id", ["e-1", "f-3", "e-99", "e-x", "nonsense"])
def test_who_missed_too_much_is_told_so_and_which_calls_go_on(last_id):
    stream = EventStream(kept=3, epoch="e")
    for event in (
        started("over"),
        started("CA1"),
        told.CallEnded(call_id="over", duration_s=1.0),
        lag(1),
        lag(2),
        lag(3),
    ):
        stream.tell(event)
    found = read(stream, 3, last_id=last_id, meanwhile=[lag(4)])
    assert [(type_, data.get("call_id")) for _, type_, data in found] == [
        ("stream.missed", None), ("call.started", "CA1"), ("lag.measured", "CA1")
    ]  # fmt: skip


def test_a_slow_subscriber_is_told_that_something_is_missing():
    async def slowly():
        stream = EventStream(kept=3, epoch="e")
        subscription = stream.subscribe(ALL)
        await anext(subscription)
        stream.tell(started())
        await anext(subscription)
        for number in range(5):
            stream.tell(lag(number))
        return [parsed(await anext(subscription)) for _ in range(4)]

    found = asyncio.run(slowly())
    assert [type_ for _, type_, _ in found] == ["stream.missed", *["lag.measured"] * 3]
    assert [data["lag_s"] for _, _, data in found[1:]] == [2.0, 3.0, 4.0]


def test_only_what_may_be_seen_and_is_wanted_is_told():
    stream = EventStream()
    for event in (started("n", "North"), started("s", "South"), started("x"), words("a", "n"), lag(1, "s")):
        stream.tell(event)
    north = Wish(teams=("North",))
    assert [data["call_id"] for _, _, data in read(stream, 2, north, meanwhile=[lag(2, "s"), lag(3, "n")])] == [
        "n",
        "n",
    ]
    only = Wish(call_id="s", types=frozenset({"lag.measured"}))
    assert [data["lag_s"] for _, _, data in read(stream, 1, only, meanwhile=[lag(4, "n"), lag(5, "s")])] == [5.0]


def test_a_quiet_stream_says_that_it_is_there():
    async def quiet():
        subscription = EventStream().subscribe(ALL, heartbeat_s=0.01)
        return [await anext(subscription), await anext(subscription)]

    retry, beat = asyncio.run(quiet())
    assert retry.startswith(b"retry: ")
    assert beat.startswith(b":")
    assert beat.endswith(b"\n\n")


@contextmanager
def served(stream, settings):
    """A real server; gives its address."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    app = Starlette(routes=[events_route(stream, settings)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + 90
    while not server.started:
        assert time.monotonic() < until, "the server starts"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}/events"
    finally:
        stream.close()
        server.should_exit = True
        thread.join(90)
    assert not thread.is_alive(), "open streams do not keep the server from stopping"


def asked(url, **headers):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=90)


def next_event(answer):
    lines = []
    while (line := answer.readline().decode().strip()) or not any(text.startswith("event") for text in lines):
        lines.append(line)
    return parsed("\n".join(line for line in lines if line and not line.startswith("retry")).encode())


def test_watchers_are_served_what_is_theirs():
    stream = EventStream(epoch="e")
    settings = LiveSettings(watchers={"wall": {"token": "w" * 16, "teams": ["North"]}, "all": {"token": "a" * 16}})
    stream.tell(started("s", "South"))
    stream.tell(started("n", "North"))
    with served(stream, settings) as url:
        for refused in (url, f"{url}?token=wrong"):
            with pytest.raises(urllib.error.HTTPError) as error:
                asked(refused)
            assert error.value.code == 403
            error.value.close()
        with asked(url, Authorization=f"Bearer {'w' * 16}") as north, asked(f"{url}?token={'a' * 16}") as everyone:
            assert north.headers["content-type"].startswith("text/event-stream")
            assert next_event(north)[2]["call_id"] == "n"
            assert [next_event(everyone)[2]["call_id"] for _ in range(2)] == ["s", "n"]
            stream.tell(lag(1, "s"))
            stream.tell(lag(2, "n"))
            name, _, data = next_event(north)
            assert (name, data["lag_s"]) == ("e-4", 2.0)
        with asked(url, Authorization=f"Bearer {'w' * 16}", **{"Last-Event-ID": "e-2"}) as again:
            assert next_event(again)[2]["lag_s"] == 2.0


def test_on_this_machine_alone_no_token_is_needed():
    with served(EventStream(), LiveSettings()) as url:
        with asked(url) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError) as error:
            asked(url, Origin="https://elsewhere.example.org")
        error.value.close()
