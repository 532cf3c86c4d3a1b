"""Twilio Media Streams: JSON in text messages, µ-law of 8 kHz in base64.

After "Media Streams: WebSocket Messages" in Twilio's documentation. A stream says `connected`, `start`, then `media`, `dtmf` and
`mark`, and at last `stop`; numbers come as strings. `media.timestamp` is the place of the sound in the stream in milliseconds,
`media.chunk` counts the messages of a track from 1. Digits that were keyed are read and forgotten: they are often secrets.

The caller is on the track `inbound`. For calls that the centre makes itself, give the stream the custom parameter
`customer` with the value `outbound`.
"""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from audio.errors import BadStream
from audio.g711 import Pcm, decode_mulaw, encode_mulaw
from monitor.live.events import MediaProtocol
from monitor.live.protocols.signals import (
    Closed,
    Media,
    Opened,
    Said,
    Signal,
    as_text,
    language_of,
    parse_json,
    read_as,
    safe_id,
)
from monitor.records import Role

RATE_HZ = 8_000
_PER_MS = RATE_HZ // 1_000
Track = Literal["inbound", "outbound"]


class MediaFormat(Said):
    """How the sound is coded; Twilio knows one way."""

    encoding: Literal["audio/x-mulaw"]
    sample_rate: Literal[8000] = Field(alias="sampleRate")
    channels: Literal[1]


class Start(Said):
    """What the start message says of the stream."""

    stream_sid: str = Field(alias="streamSid")
    account_sid: str = Field(alias="accountSid")
    call_sid: str = Field(alias="callSid")
    tracks: tuple[Track, ...] = Field(min_length=1, max_length=2)
    media_format: MediaFormat = Field(alias="mediaFormat")
    custom: dict[str, str] = Field(default_factory=dict, alias="customParameters")


class StartMessage(Said):
    """The first message with content."""

    stream_sid: str = Field(alias="streamSid")
    start: Start


class Payload(Said):
    """Sound of one track."""

    track: Track = "inbound"
    chunk: int = Field(ge=0)
    timestamp: int = Field(ge=0)
    payload: str


class MediaMessage(Said):
    """Some 20 ms of sound."""

    stream_sid: str = Field(alias="streamSid")
    media: Payload


class TwilioReader:
    """Reads one connection."""

    name: MediaProtocol = "twilio"

    def __init__(self) -> None:
        self._stream_sid: str | None = None
        self._tracks: tuple[str, ...] = ()

    def receive(self, message: str | bytes) -> Iterator[Signal]:
        """What a message says. Raises BadStream."""
        if isinstance(message, bytes):
            raise BadStream("Twilio streams send text messages alone; this one is binary.")
        value = parse_json(message)
        match value.get("event"):
            case "connected":
                return
            case "start":
                yield self._start(read_as(StartMessage, value, "start").start)
            case "media":
                yield self._media(read_as(MediaMessage, value, "media"))
            case "stop":
                self._check_started("stop")
                yield Closed("stop")
            case "dtmf" | "mark" as event:
                self._check_started(event)
            case other:
                raise BadStream(f"Twilio streams have no event {str(other)[:40]!r}.")

    def _start(self, start: Start) -> Opened:
        if self._stream_sid is not None:
            raise BadStream("The stream was started already; one connection carries one stream.")
        self._stream_sid, self._tracks = start.stream_sid, start.tracks
        customer = start.custom.get("customer", "inbound")
        roles: dict[str, Role] = {track: "customer" if track == customer else "agent" for track in start.tracks}
        return Opened(
            call_id=safe_id(start.call_sid, "callSid"),
            stream_id=start.stream_sid,
            tracks=start.tracks,
            roles=roles,
            rate_hz=RATE_HZ,
            language=language_of(start.custom.get("language")),
            metadata=as_text({**start.custom, "account": start.account_sid}),
        )

    def _media(self, message: MediaMessage) -> Media:
        self._check_started("media")
        if message.stream_sid != self._stream_sid or message.media.track not in self._tracks:
            raise BadStream("The media message is of a stream or a track that was not started here.")
        try:
            code = base64.b64decode(message.media.payload, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadStream("The payload of the media message is not base64.") from error
        media = message.media
        return Media(media.track, decode_mulaw(code), first=media.timestamp * _PER_MS, number=media.chunk)

    def _check_started(self, event: str) -> None:
        if self._stream_sid is None:
            raise BadStream(f"The stream sends {event} before start.")


def connected() -> str:
    """The first message of a connection."""
    return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})


def start(
    *,
    call_sid: str,
    stream_sid: str,
    account_sid: str,
    tracks: tuple[str, ...] = ("inbound", "outbound"),
    custom: dict[str, str] | None = None,
    sequence: int = 1,
) -> str:
    """The message that says what the stream is."""
    body = {
        "accountSid": account_sid,
        "streamSid": stream_sid,
        "callSid": call_sid,
        "tracks": list(tracks),
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE_HZ, "channels": 1},
        "customParameters": custom or {},
    }
    return _numbered("start", stream_sid, sequence, {"start": body})


def media(samples: Pcm, *, stream_sid: str, track: str, chunk: int, first: int, sequence: int) -> str:
    """Sound of one track; `first` is the place of its first sample in the stream."""
    body = {
        "track": track,
        "chunk": str(chunk),
        "timestamp": str(first // _PER_MS),
        "payload": base64.b64encode(encode_mulaw(samples)).decode(),
    }
    return _numbered("media", stream_sid, sequence, {"media": body})


def dtmf(digit: str, *, stream_sid: str, sequence: int) -> str:
    """A key of the caller's telephone was pressed."""
    return _numbered("dtmf", stream_sid, sequence, {"dtmf": {"track": "inbound_track", "digit": digit}})


def mark(name: str, *, stream_sid: str, sequence: int) -> str:
    """What was sent to the caller has been played up to here."""
    return _numbered("mark", stream_sid, sequence, {"mark": {"name": name}})


def stop(*, call_sid: str, stream_sid: str, account_sid: str, sequence: int) -> str:
    """The stream has ended."""
    return _numbered("stop", stream_sid, sequence, {"stop": {"accountSid": account_sid, "callSid": call_sid}})


def _numbered(event: str, stream_sid: str, sequence: int, body: dict[str, Any]) -> str:
    return json.dumps({"event": event, "sequenceNumber": str(sequence), **body, "streamSid": stream_sid})
