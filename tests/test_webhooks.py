"""Webhooks against a real server that answers, fails, hangs, redirects, refuses: signed, retried, once, and kept when given up."""

import base64
import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from audio.errors import BadSettings, StoreError
from monitor.cli import app
from monitor.live import events as told
from monitor.live.outlets.webhooks import LONGEST_WAIT_S, Webhooks, next_attempt, signature
from monitor.settings import WebhookSettings, load_settings
from monitor.store import Store, deliveries
from monitor.store.deliveries import put_attempt
from tests.browsing import free_port
from tests.reports import make_report

KEY = b"a key that is long enough to sign with"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
MISSED, LATE, _ = make_report().moments


class Desk(BaseHTTPRequestHandler):
    """Answers as the server's script says: a status, or "hang"; with 200 when the script is over."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((dict(self.headers), body))
        act = self.server.script.pop(0) if self.server.script else 200
        if act == "hang":
            self.server.going_down.wait(30)
            return
        self.send_response(act)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def desk(*script, port=0):
    """A server that webhooks can be sent to."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Desk)
    server.script, server.got, server.going_down = [*script], [], threading.Event()
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.going_down.set()
        server.shutdown()
        server.server_close()
        thread.join()


def webhook(server_or_port, name="desk", **changes):
    port = server_or_port if isinstance(server_or_port, int) else server_or_port.server_address[1]
    return WebhookSettings(name=name, url=f"http://127.0.0.1:{port}/heard", secret=SECRET, **changes)


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    """Retries that do not keep a test waiting."""
    monkeypatch.setattr("monitor.live.outlets.webhooks.FIRST_WAIT_S", 0.02)
    monkeypatch.setattr("monitor.live.outlets.webhooks.GROWTH", 1.0)
    monkeypatch.setattr("monitor.live.outlets.webhooks.SETTLE_S", 0.02)
    monkeypatch.setattr("monitor.live.outlets.webhooks.AGAIN_S", 0.02)


@contextmanager
def telling(store, *webhooks):
    outlet = Webhooks(store, webhooks)
    try:
        yield outlet
    finally:
        outlet.close()


def started(team="North"):
    return told.CallStarted(call_id="CA1", protocol="pcm", language="en", agent_name="Kim", team=team)


def found(moment=MISSED, name="x", **changes):
    return told.MomentFound(call_id="CA1", time_s=14.0, id=name, moment=moment.model_copy(update=changes))


def wait_for(holds, what, patience_s=90.0):
    until = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.01)


def states(store):
    return [(one.endpoint, one.state, one.attempts) for one in deliveries(store)]


def test_a_moment_is_told_signed(store):
    with desk() as server, telling(store, webhook(server)) as outlet:
        outlet.tell(started())
        outlet.tell(found())
        wait_for(lambda: states(store) == [("desk", "delivered", 1)], "it arrives")
    ((headers, body),) = server.got
    said = json.loads(body)
    assert (said["type"], said["data"]["call_id"], said["data"]["agent_name"]) == ("moment.found", "CA1", "Kim")
    assert said["data"]["moment"]["kind"] == MISSED.kind
    # As the specification has it, computed here from its own words.
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}".encode()
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60


def test_the_published_example_is_signed_alike():
    # Standard Webhooks' reference implementations test with this key, message and signature.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_fails_is_tried_again_as_the_same_message(store):
    with desk(500, 302, "hang", 429, 204) as server, telling(store, webhook(server, timeout_s=2.0)) as outlet:
        outlet.tell(found())
        wait_for(lambda: states(store) == [("desk", "delivered", 5)], "it arrives in the end")
    assert len(server.got) == 5
    assert len({headers["webhook-id"] for headers, _ in server.got}) == 1
    assert len({body for _, body in server.got}) == 1


def test_no_moment_is_told_twice_whatever_happens_between(store):
    with desk() as server:
        with telling(store, webhook(server)) as outlet:
            outlet.tell(found())
            outlet.tell(told.MomentRevised(call_id="CA1", time_s=20.0, id="x", moment=MISSED))
            wait_for(lambda: states(store) == [("desk", "delivered", 1)], "it arrives")
        with telling(store, webhook(server)) as outlet:
            outlet.tell(started())
            outlet.tell(found(start_s=MISSED.start_s + 0.4))
            outlet.tell(found(LATE, "y", verdict="missed"))
            wait_for(lambda: states(store) == [("desk", "delivered", 1)] * 2, "the other one arrives")
    assert [json.loads(body)["data"]["moment"]["kind"] for _, body in server.got] == [MISSED.kind, LATE.kind]


def test_what_was_not_sent_before_a_restart_is_sent_after_it(store, monkeypatch):
    monkeypatch.setattr("monitor.live.outlets.webhooks.FIRST_WAIT_S", 0.5)
    port = free_port()
    with telling(store, webhook(port)) as outlet:
        outlet.tell(found())
        wait_for(lambda: states(store) and states(store)[0][2] >= 1, "nobody is there")
        assert "could not be reached" in deliveries(store)[0].error
    with desk(port=port) as server, telling(store, webhook(port)):
        wait_for(lambda: [one.state for one in deliveries(store)] == ["delivered"], "somebody is there now")
    assert len(server.got) == 1


def test_an_address_that_hangs_delays_no_other(store):
    with desk("hang") as hung, desk() as server:
        webhooks = webhook(hung, "hung", timeout_s=60.0), webhook(server)
        with telling(store, *webhooks) as outlet:
            outlet.tell(found())
            wait_for(lambda: ("desk", "delivered", 1) in states(store), "the other one is told", patience_s=50.0)
            assert ("hung", "waiting", 0) in states(store)
            hung.going_down.set()


def test_only_what_is_wanted_is_told(store):
    with desk() as server:
        webhooks = (
            webhook(server, "late", verdicts=["late"]),
            webhook(server, "south", teams=["South"]),
            webhook(server, "minor", severities=["minor"]),
            webhook(server, "kinds", kinds=["interrogation"]),
            webhook(server, "north", teams=["North"], kinds=[MISSED.kind]),
        )
        with telling(store, *webhooks) as outlet:
            outlet.tell(started())
            outlet.tell(found())
            outlet.tell(found(LATE, "y"))
            wait_for(lambda: [one.state for one in deliveries(store)] == ["delivered"] * 2, "both arrive")
    assert {one.endpoint for one in deliveries(store)} == {"late", "north"}


@pytest.mark.parametrize(("script", "attempts"), [((500, 500, 500), 3), ((410,), 1)])
def test_what_never_arrives_is_given_up_and_kept(store, script, attempts):
    with desk(*script) as server, telling(store, webhook(server, attempts=3)) as outlet:
        outlet.tell(found())
        wait_for(lambda: states(store) == [("desk", "dead", attempts)], "it is given up")
        assert deliveries(store)[0].error == f"It answered {script[-1]}."
    assert len(server.got) == attempts


def test_a_moment_that_is_withdrawn_at_once_is_not_told(store, monkeypatch):
    monkeypatch.setattr("monitor.live.outlets.webhooks.SETTLE_S", 60.0)
    with desk() as server, telling(store, webhook(server)) as outlet:
        outlet.tell(found())
        outlet.tell(found(LATE, "y", verdict="missed"))
        outlet.tell(told.MomentWithdrawn(call_id="CA1", id="x"))
        wait_for(lambda: [one.kind for one in deliveries(store)] == [LATE.kind], "the message is taken back")
        monkeypatch.setattr("monitor.live.outlets.webhooks.SETTLE_S", 0.0)
        outlet.tell(found())
        wait_for(lambda: ("desk", "delivered", 1) in states(store), "found again, it is told")
    assert len(server.got) == 1


def test_a_store_that_is_busy_loses_no_message(store, monkeypatch, caplog):
    def busy(*_):
        raise StoreError("The store is busy.")

    with desk() as server, telling(store, webhook(server)) as outlet:
        with monkeypatch.context() as failing:
            failing.setattr("monitor.live.outlets.webhooks.put_delivery", busy)
            outlet.tell(found())
            wait_for(lambda: "The store is busy." in caplog.text, "it is in the log")
        wait_for(lambda: states(store) == [("desk", "delivered", 1)], "it arrives")


@given(attempts=st.integers(1, 40))
def test_waits_grow_and_are_drawn_by_lot(attempts):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    wait_s = (next_attempt(at, attempts) - at).total_seconds()
    assert 0.0 < wait_s <= LONGEST_WAIT_S


def config(folder, server, store):
    path = folder / "heard.toml"
    path.write_text(
        f'store = "{store}"\n[[live.webhooks]]\nname = "desk"\nurl = "http://127.0.0.1:{server.server_address[1]}/heard"\n'
        f'secret = "{SECRET}"\n'
    )
    return ["--config", str(path)]


def test_what_was_given_up_is_sent_by_a_command(tmp_path, monkeypatch):
    monkeypatch.setattr("monitor.live.outlets.webhooks.FIRST_WAIT_S", 60.0)
    path = str(tmp_path / "heard.db")
    run = CliRunner().invoke
    with desk(503) as server, Store.open(path) as store:
        options = config(tmp_path, server, path)
        with telling(store, webhook(server, attempts=1)) as outlet:
            outlet.tell(found())
            wait_for(lambda: states(store) == [("desk", "dead", 1)], "it is given up")
        (dead,) = deliveries(store)
        put_attempt(store, dead.model_copy(update={"next_at": datetime.now(UTC) + timedelta(days=1)}))
        listed = run(app, ["webhooks", "list", "--state", "dead", *options])
        assert (
            f"{dead.message_id}  desk  dead (1 attempt)  unacknowledged_frustration at 4 s of CA1  It answered 503."
            in (listed.output)
        )
        wrong = run(app, ["webhooks", "resend", "msg_none", *options])
        assert (wrong.exit_code, "msg_none is no message" in wrong.output) == (1, True)
        assert run(app, ["webhooks", "resend", *options]).exit_code == 2
        server.script[:] = [500]
        assert run(app, ["webhooks", "resend", dead.message_id, *options]).exit_code == 1
        sent = run(app, ["webhooks", "resend", "--all", *options])
        assert (sent.exit_code, "delivered" in sent.output) == (0, True)
        assert {headers["webhook-id"] for headers, _ in server.got} == {dead.message_id}
        assert "every message has arrived" in run(app, ["webhooks", "resend", "--all", *options]).output
        assert json.loads(run(app, ["webhooks", "list", "--json", *options]).output)["state"] == "delivered"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ('url = "http://calls.example.org/heard"', "https address"),
        ('url = "ftp://127.0.0.1/heard"', "https address"),
        ('secret = "whsec_c2hvcnQ="', "24 to 64 bytes"),
        ('secret = "secret that nobody shall read in a log"', "24 to 64 bytes"),
        ('name = "no such name"', "should match pattern"),
    ],
)
def test_a_setting_that_is_wrong_is_named(tmp_path, changed, sentence):
    table = {"name": '"desk"', "url": '"https://example.org/heard"', "secret": f'"{SECRET}"'}
    key, _, value = changed.partition(" = ")
    lines = [f"{name} = {value if name == key else text}" for name, text in table.items()]
    (tmp_path / "heard.toml").write_text("\n".join(["[[live.webhooks]]", *lines]))
    with pytest.raises(BadSettings) as error:
        load_settings(tmp_path / "heard.toml")
    assert sentence in str(error.value)
    assert f"live.webhooks.0.{key}" in str(error.value)
    assert "nobody shall read" not in str(error.value)
