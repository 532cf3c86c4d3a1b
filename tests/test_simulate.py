"""`heard simulate` against the real server: each protocol brings both sides whole, goes on where it was cut off, and says what failed."""

import json
import threading
import wave
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner
from websockets.sync.client import connect
from websockets.sync.server import serve

from audio.decode import decode
from audio.errors import BadInput, HeardError
from audio.facts import Turn
from monitor.cli import app
from monitor.live.events import CallAnalysed, CallStarted, TroubleCounted
from monitor.live.lines import RATE_HZ
from monitor.live.simulate import Sides, Simulation, address, read_sides, simulate
from tests.browsing import free_port
from tests.live_ears import Running

FAST = 8.0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Running(tmp_path_factory.mktemp("live"), idle_s=60.0, grace_s=5.0, token="a token of the tests") as running:
        yield running


def tone(hz, seconds=2.0):
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (6_000 * np.sin(2 * np.pi * hz * time_s)).astype(np.int16)


def sides(seconds=2.0):
    return Sides("kettle", customer=tone(440, seconds), agent=tone(1_000, seconds))


def to(server, protocol, **changes):
    return Simulation(server.url, protocol, FAST, "a token of the tests", **changes)


def pitch_hz(samples):
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return spectrum.argmax() * 16_000 / len(samples)


@pytest.mark.parametrize("protocol", ["twilio", "audiohook", "pcm"])
def test_both_sides_come_in_whole(server, protocol):
    (call_id,) = simulate([sides()], to(server, protocol, said=(("team", "North"), ("language", "en"))))
    started = server.outlet.wait(CallStarted, call_id=call_id)[0]
    assert (started.protocol, started.language, started.metadata.get("team")) == (protocol, "en", "North")
    server.outlet.wait(CallAnalysed, call_id=call_id)
    assert all(event.lost_s == 0.0 for event in server.outlet.of(TroubleCounted, call_id))
    with decode(server.settings.spool / f"{call_id}.wav") as recording:
        assert recording.duration_s == pytest.approx(2.0, abs=0.01)
        agent, customer = (recording.channel(channel).read(0.2, 1.8) for channel in (0, 1))
    assert pitch_hz(agent) == pytest.approx(1_000, abs=5)
    assert pitch_hz(customer) == pytest.approx(440, abs=5)


def test_many_calls_at_once_have_ids_of_their_own(server):
    ids = simulate([sides(0.5)] * 3, to(server, "pcm"))
    assert len(set(ids)) == 3
    for call_id in ids:
        server.outlet.wait(CallAnalysed, call_id=call_id)


@pytest.mark.parametrize("protocol", ["twilio", "pcm"])
def test_a_lost_connection_is_made_again_and_the_call_goes_on(server, protocol):
    """Between client and server stands one that cuts the first connection."""
    cut = []

    def pass_on(client):
        def back():
            for message in onward:
                client.send(message)
            client.close()

        token = {"X-API-Key": "a token of the tests"}
        with connect(f"{server.url}{client.request.path}", additional_headers=token) as onward:
            threading.Thread(target=back, daemon=True).start()
            for count, message in enumerate(client):
                if not cut and count > 60:
                    cut.append(message)
                    client.socket.shutdown(2)
                    return
                onward.send(message)

    with serve(pass_on, "127.0.0.1", 0) as between:
        threading.Thread(target=between.serve_forever, daemon=True).start()
        port = between.socket.getsockname()[1]
        (call_id,) = simulate([sides(4.0)], Simulation(f"ws://127.0.0.1:{port}", protocol, 2.0))
        between.shutdown()
    assert cut
    server.outlet.wait(CallAnalysed, call_id=call_id)
    with decode(server.settings.spool / f"{call_id}.wav") as recording:
        # Messages that were on their way are lost with a Twilio stream, and sent again with our own.
        assert recording.duration_s == pytest.approx(4.0, abs=0.05 if protocol == "pcm" else 2.5)
        assert pitch_hz(recording.channel(1).read(recording.duration_s - 0.8, recording.duration_s)) == pytest.approx(
            440, abs=5
        )


def test_what_fails_is_said_in_a_sentence(server):
    with pytest.raises(HeardError, match=r"refused the stream \(403\): The token is missing or wrong"):
        simulate([sides()], Simulation(server.url, "pcm", FAST))
    with pytest.raises(HeardError, match="is `heard listen` running there"):
        simulate([sides()], Simulation(f"ws://127.0.0.1:{free_port()}", "pcm", FAST))
    with pytest.raises(HeardError, match="is no address of a stream"):
        simulate([sides()], Simulation("http://127.0.0.1", "pcm", FAST))


def test_a_server_that_ends_the_stream_is_quoted():
    def full(client):
        client.recv()
        client.close(1013, "As many calls as this server may hear are being heard.")

    with serve(full, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        with pytest.raises(HeardError, match=r"The server ended kettle-.*: As many calls"):
            simulate([sides()], Simulation(url, "pcm", FAST))
        server.shutdown()


def recorded(path: Path, *channels):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.stack(channels, axis=1).astype("<i2").tobytes())
    return path


def test_a_recording_of_one_channel_is_parted_by_who_speaks(tmp_path):
    both = np.concatenate([tone(1_000, 1.0), tone(440, 1.0)])
    path = recorded(tmp_path / "both.wav", both)
    with pytest.raises(BadInput, match="say who speaks when with --turns"):
        read_sides(path)
    turns = (
        Turn(index=0, speaker="agent", start_s=0.0, end_s=1.0, text="Hello."),
        Turn(index=1, speaker="customer", start_s=1.0, end_s=2.0, text="Hello."),
    )
    parted = read_sides(path, turns=turns)
    assert parted.agent[: RATE_HZ - 50].any()
    assert not parted.agent[RATE_HZ:].any()
    assert not parted.customer[:RATE_HZ].any()
    assert parted.customer[RATE_HZ + 50 :].any()


def test_the_agent_is_on_the_channel_that_is_named(tmp_path):
    path = recorded(tmp_path / "stereo.wav", tone(1_000), tone(440))
    assert np.array_equal(read_sides(path).agent, read_sides(path, agent="right").customer)


@pytest.mark.parametrize(
    ("url", "full"),
    [("ws://a:1", "ws://a:1/twilio"), ("wss://a/?token=x", "wss://a/twilio?token=x"), ("ws://a/b", "ws://a/b")],
)
def test_an_address_without_a_path_gets_the_protocols_own(url, full):
    assert address(url, "twilio") == full


def test_the_command_plays_a_recording_of_one_channel(server, tmp_path):
    path = recorded(tmp_path / "call.wav", tone(440, 1.0))
    said = {"call_id": "call", "turns": [{"speaker": "agent", "start": 0.0, "end": 0.5, "text": "Hello."}]}
    turns = tmp_path / "call.json"
    turns.write_text(json.dumps(said))
    options = [
        "--to",
        server.url,
        "--speed",
        str(FAST),
        "--calls",
        "2",
        "--turns",
        str(turns),
        "--token",
        "a token of the tests",
    ]
    done = CliRunner().invoke(app, ["simulate", str(path), *options])
    assert done.exit_code == 0, done.output
    ids = done.output.split()
    assert len(set(ids)) == 2
    for call_id in ids:
        server.outlet.wait(CallAnalysed, call_id=call_id)
