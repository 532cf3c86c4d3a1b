"""The messages of telephone systems, field by field as their documentation gives them."""

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.errors import BadStream
from audio.g711 import decode_mulaw, encode_mulaw
from monitor.live.protocols import Closed, HoldBegan, HoldEnded, Opened, Reply, Skipped, audiohook, pcm, twilio

SESSION = "a4b0c9de-1f52-4d3a-9b6e-3c2d1e0f9a87"
CONVERSATION = "0d6f5b3a-7c41-4e2f-8a19-5b4c3d2e1f60"
ORGANIZATION = "7e2d1c0b-5a49-4838-9f27-1605f4e3d2c1"
PARTICIPANT = "c3b2a190-8f7e-4d6c-9b5a-493827160f5e"

TWILIO_START = {
    "event": "start",
    "sequenceNumber": "1",
    "start": {
        "accountSid": "AC7f",
        "streamSid": "MZ18",
        "callSid": "CA90",
        "tracks": ["inbound", "outbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"language": "en-GB", "team": "broadband"},
    },
    "streamSid": "MZ18",
}


def audiohook_open(**parameters):
    said = {
        "organizationId": ORGANIZATION,
        "conversationId": CONVERSATION,
        "participant": {"id": PARTICIPANT, "ani": "tel:+15550100", "aniName": "Ann", "dnis": "tel:+15550199"},
        "media": [
            {"type": "audio", "format": "PCMU", "channels": ["external"], "rate": 8000},
            {"type": "audio", "format": "PCMU", "channels": ["external", "internal"], "rate": 8000},
        ],
        "language": "en-US",
        **parameters,
    }
    message = {"version": "2", "id": SESSION, "type": "open", "seq": 1, "serverseq": 0, "position": "PT0S"}
    return json.dumps({**message, "parameters": said})


def audiohook_message(type_, seq, *, serverseq=1, position="PT0S", **parameters):
    message = {"version": "2", "id": SESSION, "type": type_, "seq": seq, "serverseq": serverseq, "position": position}
    return json.dumps({**message, "parameters": parameters})


def opened_reader():
    reader = audiohook.AudioHookReader()
    return reader, list(reader.receive(audiohook_open()))


# G.711


def test_mulaw_is_that_of_the_recommendation():
    # G.711, table 2a: the decoder's values at the ends of the scale, and both zeros.
    assert decode_mulaw(bytes([0x00, 0x80, 0xFF, 0x7F])).tolist() == [-32124, 32124, 0, 0]
    assert encode_mulaw(np.array([0, 32767, -32768], np.int16)) == bytes([0xFF, 0x80, 0x00])


@given(st.binary(max_size=300))
def test_every_code_comes_back_as_itself(code):
    # 0x7F and 0xFF both stand for zero.
    assert encode_mulaw(decode_mulaw(code)) == code.replace(b"\x7f", b"\xff")


# Twilio


def test_a_twilio_stream_begins():
    reader = twilio.TwilioReader()
    assert list(reader.receive('{"event": "connected", "protocol": "Call", "version": "1.0.0"}')) == []
    [opened] = reader.receive(json.dumps(TWILIO_START))
    assert opened == Opened(
        call_id="CA90",
        stream_id="MZ18",
        tracks=("inbound", "outbound"),
        roles={"inbound": "customer", "outbound": "agent"},
        rate_hz=8000,
        language="en",
        metadata={"language": "en-GB", "team": "broadband", "account": "AC7f"},
    )


def test_a_centre_that_calls_out_says_so():
    reader = twilio.TwilioReader()
    start = json.loads(json.dumps(TWILIO_START))
    start["start"]["customParameters"] = {"customer": "outbound"}
    [opened] = reader.receive(json.dumps(start))
    assert opened.roles == {"inbound": "agent", "outbound": "customer"}


def test_twilio_media_lies_where_its_timestamp_says():
    reader = twilio.TwilioReader()
    list(reader.receive(json.dumps(TWILIO_START)))
    payload = base64.b64encode(bytes([0xFF] * 160)).decode()
    message = {
        "event": "media",
        "sequenceNumber": "3",
        "media": {"track": "outbound", "chunk": "1", "timestamp": "5", "payload": payload},
        "streamSid": "MZ18",
    }
    [media] = reader.receive(json.dumps(message))
    assert (media.track, media.first, media.number) == ("outbound", 40, 1)
    assert media.samples.tolist() == [0] * 160


def test_twilio_keys_and_marks_are_read_and_forgotten():
    reader = twilio.TwilioReader()
    list(reader.receive(json.dumps(TWILIO_START)))
    digit = {
        "event": "dtmf",
        "streamSid": "MZ18",
        "sequenceNumber": "5",
        "dtmf": {"track": "inbound_track", "digit": "1"},
    }
    mark = {"event": "mark", "sequenceNumber": "4", "streamSid": "MZ18", "mark": {"name": "greeting"}}
    assert [*reader.receive(json.dumps(digit)), *reader.receive(json.dumps(mark))] == []


def test_a_twilio_stream_stops():
    reader = twilio.TwilioReader()
    list(reader.receive(json.dumps(TWILIO_START)))
    stop = {
        "event": "stop",
        "sequenceNumber": "5",
        "stop": {"accountSid": "AC7f", "callSid": "CA90"},
        "streamSid": "MZ18",
    }
    assert list(reader.receive(json.dumps(stop))) == [Closed("stop")]


def test_what_is_built_for_twilio_has_the_documented_fields():
    said = {"call_sid": "CA90", "stream_sid": "MZ18", "account_sid": "AC7f"}
    built = json.loads(twilio.start(**said, custom={"language": "en-GB", "team": "broadband"}))
    assert built == TWILIO_START
    assert json.loads(twilio.connected()) == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    sound = json.loads(
        twilio.media(np.zeros(160, np.int16), stream_sid="MZ18", track="inbound", chunk=2, first=160, sequence=4)
    )
    assert sound.keys() == {"event", "sequenceNumber", "media", "streamSid"}
    assert {key: value for key, value in sound["media"].items() if key != "payload"} == {
        "track": "inbound",
        "chunk": "2",
        "timestamp": "20",
    }
    assert json.loads(twilio.stop(**said, sequence=9))["stop"] == {"accountSid": "AC7f", "callSid": "CA90"}
    assert json.loads(twilio.dtmf("7", stream_sid="MZ18", sequence=6))["dtmf"] == {
        "track": "inbound_track",
        "digit": "7",
    }
    assert json.loads(twilio.mark("end", stream_sid="MZ18", sequence=7))["mark"] == {"name": "end"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mediaFormat": {"encoding": "audio/x-alaw", "sampleRate": 8000, "channels": 1}}, "mediaFormat.encoding"),
        ({"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1}}, "mediaFormat.sampleRate"),
        ({"tracks": []}, "tracks"),
        ({"callSid": "../../etc/passwd"}, "callSid"),
    ],
)
def test_a_wrong_twilio_start_is_refused_with_what_is_wrong(change, sentence):
    start = {**TWILIO_START, "start": {**TWILIO_START["start"], **change}}
    with pytest.raises(BadStream, match=sentence):
        list(twilio.TwilioReader().receive(json.dumps(start)))


# AudioHook


def test_an_audiohook_session_opens_with_both_channels():
    _, [opened, reply] = opened_reader()
    assert opened == Opened(
        call_id=CONVERSATION,
        stream_id=SESSION,
        tracks=("external", "internal"),
        roles={"external": "customer", "internal": "agent"},
        rate_hz=8000,
        language="en",
        metadata={"organization": ORGANIZATION, "participant": PARTICIPANT},
    )
    assert json.loads(reply.text) == {
        "version": "2",
        "id": SESSION,
        "type": "opened",
        "seq": 1,
        "clientseq": 1,
        "parameters": {
            "media": [{"type": "audio", "format": "PCMU", "rate": 8000, "channels": ["external", "internal"]}],
            "startPaused": False,
        },
    }


def test_a_trial_of_the_connection_opens_no_call():
    reader = audiohook.AudioHookReader()
    [reply] = reader.receive(audiohook_open(conversationId="00000000-0000-0000-0000-000000000000"))
    assert json.loads(reply.text)["parameters"] == {"media": []}


def test_audiohook_sound_is_interleaved_and_follows_on_itself():
    reader, _ = opened_reader()
    left, right = np.arange(0, 800, 5, dtype=np.int16), np.full(160, -1000, np.int16)
    for n in range(2):
        external, internal = reader.receive(audiohook.sound(left, right))
        assert (external.track, external.first, internal.track, internal.first) == (
            "external",
            160 * n,
            "internal",
            160 * n,
        )
    assert decode_mulaw(encode_mulaw(left)).tolist() == external.samples.tolist()
    assert decode_mulaw(encode_mulaw(right)).tolist() == internal.samples.tolist()


def test_audiohook_is_answered_as_its_reference_says():
    reader, _ = opened_reader()
    [pong] = reader.receive(audiohook_message("ping", 2, rtt="PT0.08S"))
    assert json.loads(pong.text) == {
        "version": "2",
        "id": SESSION,
        "type": "pong",
        "seq": 2,
        "clientseq": 2,
        "parameters": {},
    }
    [updated] = reader.receive(audiohook_message("update", 3, language="fr-FR"))
    assert json.loads(updated.text)["type"] == "updated"
    closed, end = reader.receive(audiohook_message("close", 4, reason="end"))
    assert (json.loads(closed.text)["type"], json.loads(closed.text)["seq"]) == ("closed", 4)
    assert end == Closed("end")
    with pytest.raises(BadStream, match="after it was closed"):
        list(reader.receive(bytes(320)))


def test_audiohook_pauses_and_says_what_was_left_out():
    reader, _ = opened_reader()
    list(reader.receive(bytes(2 * 8000)))
    assert list(reader.receive(audiohook_message("paused", 2, position="PT1S"))) == [HoldBegan()]
    resumed = list(reader.receive(audiohook_message("resumed", 3, position="PT6S", start="PT1S", discarded="PT5S")))
    assert resumed == [Skipped(8000, 48000), HoldEnded()]
    assert next(iter(reader.receive(bytes(320)))).first == 48000
    [left] = reader.receive(audiohook_message("discarded", 4, position="PT7S", start="PT6.02S", discarded="PT0.5S"))
    assert left == Skipped(48160, 52160)


def test_a_client_that_is_further_on_than_its_sound_has_lost_some():
    reader, _ = opened_reader()
    list(reader.receive(audiohook_message("ping", 2, position="PT2.5S")))
    assert next(iter(reader.receive(bytes(320)))).first == 20000


def test_a_session_that_will_be_reconnected_is_not_over():
    reader, _ = opened_reader()
    assert list(reader.receive(audiohook_message("close", 2, reason="reconnect")))[1] == Closed("reconnect", over=False)


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        ([audiohook_message("ping", 1)], "before open"),
        ([audiohook_open(), audiohook_open()], "already"),
        ([audiohook_open(), audiohook_message("ping", 1)], "must rise"),
        ([audiohook_open(), audiohook_message("ping", 2, serverseq=7)], "serverseq"),
        ([audiohook_open(), audiohook_message("ping", 2, position="12:00")], "duration"),
        ([audiohook_open(), audiohook_message("sing", 2)], "sing"),
        ([audiohook_open(), audiohook_message("close", 2, reason="bored")], "reason"),
        ([audiohook_open(media=[{"type": "audio", "format": "L16", "channels": ["external"], "rate": 8000}])], "media"),
        ([audiohook_open(media=[{"type": "audio", "format": "PCMU", "channels": ["left"], "rate": 8000}])], "media"),
        ([audiohook_open(), bytes(321)], "channels"),
        ([bytes(320)], "before it is opened"),
    ],
)
def test_wrong_audiohook_messages_are_refused_with_what_is_wrong(messages, sentence):
    reader = audiohook.AudioHookReader()
    *good, bad = messages
    for message in good:
        list(reader.receive(message))
    with pytest.raises(BadStream, match=sentence):
        list(reader.receive(bad))


def test_what_is_built_for_audiohook_is_what_is_read():
    client = audiohook.AudioHookClient(SESSION)
    reader = audiohook.AudioHookReader()
    opened, reply = reader.receive(
        client.open(conversation_id=CONVERSATION, organization_id=ORGANIZATION, participant_id=PARTICIPANT)
    )
    assert isinstance(opened, Opened)
    client.serverseq = json.loads(reply.text)["seq"]
    built = json.loads(client.message("ping", 1.5))
    assert built == json.loads(audiohook_message("ping", 2, position="PT1.500S"))
    [pong] = reader.receive(json.dumps(built))
    assert isinstance(pong, Reply)


# PCM


def test_a_pcm_stream_is_built_and_read():
    reader = pcm.PcmReader()
    [opened] = reader.receive(pcm.start(call_id="42", rate_hz=16_000, language="en", metadata={"team": "broadband"}))
    assert opened == Opened(
        call_id="42",
        stream_id="42",
        tracks=("agent", "customer"),
        roles={"agent": "agent", "customer": "customer"},
        rate_hz=16_000,
        language="en",
        metadata={"team": "broadband"},
    )
    agent, customer = np.arange(5, dtype=np.int16), -np.arange(5, dtype=np.int16)
    said = list(reader.receive(pcm.sound(agent, customer, number=3, first=900)))
    assert [(media.track, media.first, media.number, media.samples.tolist()) for media in said] == [
        ("agent", 900, 3, agent.tolist()),
        ("customer", 900, 3, customer.tolist()),
    ]
    controls = [signal for kind in ("hold", "resume", "stop") for signal in reader.receive(pcm.control(kind))]
    assert controls == [HoldBegan(), HoldEnded(), Closed("stop")]


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        ([b"\0" * 16], "start message"),
        ([pcm.control("hold")], "start message"),
        ([pcm.start(call_id="1", tracks=("agent",))], "tracks"),
        ([pcm.start(call_id="1", tracks=("customer", "customer"))], "tracks"),
        ([pcm.start(call_id="1", rate_hz=44_100)], "rate_hz"),
        ([pcm.start(call_id=".hidden")], "call_id"),
        ([pcm.start(call_id="1"), b"\0" * 14], "whole frames"),
        ([pcm.start(call_id="1"), pcm.sound(*[np.zeros(2, np.int16)] * 2, number=0, first=2**63)], "a day"),
    ],
)
def test_wrong_pcm_messages_are_refused_with_what_is_wrong(messages, sentence):
    reader = pcm.PcmReader()
    *good, bad = messages
    for message in good:
        list(reader.receive(message))
    with pytest.raises(BadStream, match=sentence):
        list(reader.receive(bad))
