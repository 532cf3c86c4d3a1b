"""The live server over real sockets: calls come in whole, strangers stay out, and a bad client disturbs nobody."""

import socket
import time
from contextlib import ExitStack, suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from audio.decode import decode
from monitor.live.events import CallAnalysed, CallEnded, CallStarted, HoldBegan, HoldEnded, TroubleCounted
from monitor.live.gate import twilio_signature
from monitor.live.protocols import audiohook, pcm, twilio
from tests.live_ears import RATE_HZ, NotedAnalysis, Running, replies_of

FRAME = 160
TOKEN = "a-token-of-the-tests"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    with Running(folder, start_s=5.0, grace_s=5.0, message_bytes=4096) as running:
        yield running


def noise(seed, seconds=1.0):
    return np.random.default_rng(seed).normal(scale=2_000, size=round(seconds * RATE_HZ)).astype(np.int16)


def frames(samples):
    return [samples[i : i + FRAME] for i in range(0, len(samples), FRAME)]


def heard(server, call_id):
    """The two channels of a call's recording, agent first, 8 kHz."""
    with decode(server.settings.spool / f"{call_id}.wav") as recording:
        return [recording.channel(i).read(0, recording.duration_s)[::2] * 32_768 for i in range(recording.channels)]


def close_reason(client):
    while True:
        try:
            client.recv(timeout=60)
        except ConnectionClosed as closed:
            return closed.rcvd.code, closed.rcvd.reason


def refused(url, **options):
    """The status of a request that is not let in."""
    with pytest.raises(InvalidStatus) as error, connect(url, **options):
        pass
    return error.value.response.status_code


def send_pcm(client, call_id, agent, customer, *, first=0, stop=True):
    client.send(pcm.start(call_id=call_id))
    reply = replies_of(client)
    pairs = zip(frames(agent), frames(customer), strict=True)
    for n, (a, c) in enumerate(pairs):
        client.send(pcm.sound(a, c, number=n, first=first + n * FRAME))
    if stop:
        client.send(pcm.control("stop"))
    return reply


def test_a_pcm_call_comes_in_whole(server):
    agent, customer = noise(1), noise(2)
    with connect(f"{server.url}/pcm") as client:
        assert send_pcm(client, "whole", agent, customer) == {"type": "started", "call_id": "whole", "position": 0}
        assert close_reason(client) == (1000, "stop")
    server.outlet.wait(CallAnalysed, call_id="whole")
    assert [note.call_id for note in server.analysis.notes].count("whole") == 1
    for sent, kept in zip((agent, customer), heard(server, "whole"), strict=True):
        assert np.abs(kept - sent)[100:-100].mean() < 40  # decoding to 16 kHz and back costs the highest tones alone


def test_a_twilio_call_comes_in_whole_the_agent_left(server):
    said = {"call_sid": "CA1", "stream_sid": "MZ1", "account_sid": "AC1"}
    inbound = noise(3)
    with connect(f"{server.url}/twilio") as client:
        client.send(twilio.connected())
        client.send(twilio.start(**said))
        for n, samples in enumerate(frames(inbound)):
            client.send(
                twilio.media(samples, stream_sid="MZ1", track="inbound", chunk=n + 1, first=n * FRAME, sequence=n + 2)
            )
        client.send(twilio.stop(**said, sequence=99))
        assert close_reason(client) == (1000, "stop")
    started = server.outlet.wait(CallStarted, call_id="CA1")[0]
    assert (started.protocol, started.roles) == ("twilio", {"inbound": "customer", "outbound": "agent"})
    server.outlet.wait(CallAnalysed, call_id="CA1")
    agent, customer = heard(server, "CA1")
    assert not agent.any()
    assert np.corrcoef(customer[: len(inbound)], inbound[: len(customer)])[0, 1] > 0.98


def test_an_audiohook_call_with_a_pause(server):
    conversation = "11111111-2222-4333-8444-555555555555"
    session = audiohook.AudioHookClient("99999999-2222-4333-8444-555555555555")
    with connect(f"{server.url}/audiohook") as client:
        client.send(session.open(conversation_id=conversation, organization_id="o", participant_id="p"))
        session.serverseq = replies_of(client)["seq"]
        for external, internal in zip(frames(noise(4)), frames(noise(5)), strict=True):
            client.send(audiohook.sound(external, internal))
        client.send(session.message("paused", 1.0))
        client.send(session.message("resumed", 3.0, {"start": "PT1.000S", "discarded": "PT2.000S"}))
        for external, internal in zip(frames(noise(6)), frames(noise(7)), strict=True):
            client.send(audiohook.sound(external, internal))
        client.send(session.message("close", 4.0, {"reason": "end"}))
        assert replies_of(client)["type"] == "closed"
    server.outlet.wait(CallAnalysed, call_id=conversation)
    agent, customer = heard(server, conversation)
    assert len(agent) == 4 * RATE_HZ
    assert customer[: RATE_HZ // 2].any()
    assert not customer[RATE_HZ + 200 : 3 * RATE_HZ - 200].any()
    assert customer[-RATE_HZ // 2 :].any()
    assert len(server.outlet.of(HoldBegan, conversation)) == len(server.outlet.of(HoldEnded, conversation)) == 1
    assert all(event.lost_s == 0 for event in server.outlet.of(TroubleCounted, conversation))


def test_what_is_lost_on_the_way_is_told(server):
    with connect(f"{server.url}/pcm") as client:
        client.send(pcm.start(call_id="lossy"))
        replies_of(client)
        for n in (n for n in range(100) if n not in (10, 11, 12)):
            samples = np.full(FRAME, 100, np.int16)
            client.send(pcm.sound(samples, samples, number=n, first=n * FRAME))
        client.send(pcm.control("stop"))
        close_reason(client)
    server.outlet.wait(CallAnalysed, call_id="lossy")
    told = server.outlet.of(TroubleCounted, "lossy")[-1]
    assert (told.gaps, told.lost_s) == (2, 0.12)  # both tracks


def test_a_lost_connection_is_continued_where_it_broke_off(server):
    agent, customer = noise(8, 2.0), noise(9, 2.0)
    half = len(agent) // 2
    with connect(f"{server.url}/pcm") as client:
        send_pcm(client, "again", agent[:half], customer[:half], stop=False)
        client.socket.shutdown(socket.SHUT_WR)
    with connect(f"{server.url}/pcm") as second:
        second.send(pcm.start(call_id="again"))
        reached = replies_of(second)["position"]
        assert 0 < reached <= half
        for n, (a, c) in enumerate(zip(frames(agent[reached:]), frames(customer[reached:]), strict=True)):
            second.send(pcm.sound(a, c, number=n, first=reached + n * FRAME))
        second.send(pcm.control("stop"))
        assert close_reason(second) == (1000, "stop")
    server.outlet.wait(CallAnalysed, call_id="again")
    assert len(server.outlet.of(CallStarted, "again")) == 1
    assert len(heard(server, "again")[0]) == 2 * RATE_HZ


def test_a_connection_that_does_not_come_back_ends_the_call(server):
    with connect(f"{server.url}/pcm") as client:
        send_pcm(client, "gone", noise(1), noise(2), stop=False)
        client.socket.shutdown(socket.SHUT_WR)
    ended = server.outlet.wait(CallEnded, call_id="gone")[0]
    assert "lost" in ended.reason
    server.outlet.wait(CallAnalysed, call_id="gone")


def test_a_call_that_is_over_does_not_begin_again(server):
    with connect(f"{server.url}/pcm") as client:
        client.send(pcm.start(call_id="whole"))
        code, reason = close_reason(client)
    assert code == 1008
    assert "is over" in reason


def test_who_never_says_start_is_sent_away(server):
    with connect(f"{server.url}/twilio") as client:
        client.send(twilio.connected())
        code, reason = close_reason(client)
    assert (code, reason) == (1008, "No stream was started within 5 s.")


def test_a_message_that_is_too_long_is_refused(server):
    with connect(f"{server.url}/pcm") as client:
        client.send("x" * 5_000)
        assert close_reason(client)[0] == 1009


def test_sound_that_comes_too_fast_is_refused(server):
    with connect(f"{server.url}/pcm") as client:
        client.send(pcm.start(call_id="fast"))
        replies_of(client)
        samples = np.zeros(FRAME, np.int16)
        client.send(pcm.sound(samples, samples, number=0, first=3_000 * RATE_HZ))
        code, reason = close_reason(client)
    assert code == 1008
    assert "further ahead" in reason


def test_no_more_calls_than_allowed_and_none_that_is_silent(tmp_path):
    with Running(tmp_path, calls=2, idle_s=4.0) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(f"{server.url}/pcm")) for _ in range(2)]
        for n, client in enumerate(clients):
            client.send(pcm.start(call_id=f"full{n}"))
            replies_of(client)
        assert refused(f"{server.url}/pcm") == 503
        clients[0].send(pcm.control("hold"))  # who says that the customer waits may be silent
        assert close_reason(clients[1]) == (1008, "Nothing has come for 4 s.")
        clients[0].send(pcm.control("stop"))
        assert close_reason(clients[0]) == (1000, "stop")


GARBAGE = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200),
    st.sampled_from(["{}", "[]", "null", '{"event": "start"}', '{"type": "start"}', '{"event": "media"}', "[" * 2_000]),
)


def test_garbage_is_answered_with_a_reason_and_disturbs_nobody(server):
    with connect(f"{server.url}/pcm") as other:
        other.send(pcm.start(call_id="undisturbed"))
        replies_of(other)
        sent = throw_garbage(server, other)
        other.send(pcm.control("stop"))
        assert close_reason(other) == (1000, "stop")
    server.outlet.wait(CallAnalysed, call_id="undisturbed")
    assert len(heard(server, "undisturbed")[0]) == sent * FRAME


def throw_garbage(server, other):
    """Garbage to every route, and between any two pieces of it a message of a good call; returns how many of those."""
    sent = 0

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(["twilio", "audiohook", "pcm"]), st.lists(GARBAGE, min_size=1, max_size=3))
    def throw(route, messages):
        nonlocal sent
        with connect(f"{server.url}/{route}") as client:
            with suppress(ConnectionClosed):
                for message in [*messages, "}"]:  # the last is no message of any protocol
                    client.send(message)
            code, reason = close_reason(client)
        assert code == 1008
        assert reason
        samples = np.full(FRAME, 7, np.int16)
        other.send(pcm.sound(samples, samples, number=sent, first=sent * FRAME))
        sent += 1

    throw()
    return sent


def test_a_half_open_socket_holds_nothing_up(server):
    with socket.create_connection(("127.0.0.1", server.settings.port)) as half:
        half.sendall(b"GET /pcm HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n")
        with connect(f"{server.url}/pcm") as client:
            send_pcm(client, "besides", noise(1, 0.1), noise(2, 0.1))
            assert close_reason(client) == (1000, "stop")


def test_pages_of_other_sites_stay_out(server):
    assert refused(f"{server.url}/pcm", origin="https://elsewhere.example") == 403


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarded")
    limits = {"token": TOKEN, "twilio_auth_token": "secret", "public_url": "wss://calls.example.com"}
    with Running(folder, analysis=NotedAnalysis(), **limits) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/pcm?token={TOKEN}", {}),
        ("/pcm", {"Authorization": f"Bearer {TOKEN}"}),
        ("/audiohook", {"X-API-KEY": TOKEN}),
        ("/twilio?n=1", {"X-Twilio-Signature": twilio_signature("secret", "wss://calls.example.com/twilio?n=1", {})}),
    ],
)
def test_who_brings_the_secret_comes_in(guarded, path, headers):
    with connect(f"{guarded.url}{path}", additional_headers=headers) as client:
        assert client.protocol.state.name == "OPEN"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/pcm", {}),
        ("/pcm?token=wrong", {}),
        ("/twilio", {"X-Twilio-Signature": twilio_signature("secret", "wss://calls.example.com/twilio?n=1", {})}),
        ("/twilio", {"X-Twilio-Signature": twilio_signature("guess", "wss://calls.example.com/twilio", {})}),
        ("/pcm", {"X-Twilio-Signature": twilio_signature("secret", "wss://calls.example.com/pcm", {})}),
    ],
)
def test_strangers_are_refused_before_the_connection_is_made(guarded, path, headers):
    assert refused(f"{guarded.url}{path}", additional_headers=headers) == 403


def test_the_signature_is_that_of_the_published_example():
    """The example of Twilio's documentation on the security of webhooks."""
    parameters = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    signature = twilio_signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", parameters)
    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_server_that_is_stopped_leaves_its_calls_to_be_analysed(tmp_path):
    with Running(tmp_path, grace_s=60.0) as first:
        client = first.at_the_end.enter_context(connect(f"{first.url}/pcm"))
        send_pcm(client, "left", noise(1), noise(2), stop=False)
        first.outlet.wait(CallStarted)
        deadline = time.monotonic() + 60
        while not (first.settings.spool / "left.wav").stat().st_size > 4 * RATE_HZ and time.monotonic() < deadline:
            time.sleep(0.01)
    ended = first.outlet.of(CallEnded)[0]
    assert (ended.reason, round(ended.duration_s, 2)) == ("the server was stopped", 1.0)
