"""heard's own stream: one JSON object that starts it, then 16-bit samples in binary messages.

The first message is text:

    {"type": "start", "version": 1, "call_id": "42", "tracks": ["agent", "customer"], "rate_hz": 8000,
     "language": "en", "metadata": {"team": "broadband"}}

`tracks` names whose voice each interleaved channel is: "customer", or "customer" and "agent" in either order. `rate_hz` is
8000 or 16000. `language` and `metadata` may be left out. The server answers {"type": "started", "call_id": "42", "position": 0}, where
`position` is the first frame that it has not got: after a lost connection, go on from there with the same `call_id`.

Every binary message begins with 12 bytes, little-endian: its number (32 bits, counted from 0 in each connection) and the place of its
first frame in the call (64 bits, counted in frames from the call's start). Samples follow, little-endian, channels interleaved.
{"type": "hold"} and {"type": "resume"} say that the customer waits; {"type": "stop"} ends the call.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from pydantic import Field

from audio.errors import BadStream
from audio.g711 import Pcm
from monitor.live.events import MediaProtocol
from monitor.live.protocols.signals import (
    Closed,
    HoldBegan,
    HoldEnded,
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

_HEADER = struct.Struct("<IQ")
_LONGEST_CALL_S = 24 * 3600
_LONGEST_MESSAGE_S = 10


class Start(Said):
    """What the first message says."""

    version: Literal[1]
    call_id: str
    tracks: tuple[Role, ...] = Field(min_length=1, max_length=2)
    rate_hz: Literal[8000, 16000]
    language: str | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class PcmReader:
    """Reads one connection."""

    name: MediaProtocol = "pcm"

    def __init__(self) -> None:
        self._started: Start | None = None

    def receive(self, message: str | bytes) -> Iterator[Signal]:
        """What a message says. Raises BadStream."""
        if isinstance(message, bytes):
            yield from self._sound(message)
            return
        value = parse_json(message)
        kind = value.get("type")
        if kind == "start":
            yield self._start(read_as(Start, value, "start"))
        elif self._started is None:
            raise BadStream("The stream must begin with a start message.")
        elif kind == "hold":
            yield HoldBegan()
        elif kind == "resume":
            yield HoldEnded()
        elif kind == "stop":
            yield Closed("stop")
        else:
            raise BadStream(f"There is no message of type {str(kind)[:40]!r}.")

    def _start(self, start: Start) -> Opened:
        if self._started is not None:
            raise BadStream("The stream was started already; one connection carries one stream.")
        if len(set(start.tracks)) != len(start.tracks) or "customer" not in start.tracks:
            raise BadStream("The tracks must be customer, or customer and agent, each once.")
        self._started = start
        call_id = safe_id(start.call_id, "call_id")
        return Opened(
            call_id=call_id,
            stream_id=call_id,
            tracks=start.tracks,
            roles={track: track for track in start.tracks},
            rate_hz=start.rate_hz,
            language=language_of(start.language),
            metadata=as_text(start.metadata),
        )

    def _sound(self, data: bytes) -> Iterator[Signal]:
        start = self._started
        if start is None:
            raise BadStream("The stream must begin with a start message.")
        width = 2 * len(start.tracks)
        if len(data) < _HEADER.size or (len(data) - _HEADER.size) % width:
            raise BadStream(f"A binary message of {len(data)} bytes does not hold a header and whole frames.")
        number, first = _HEADER.unpack_from(data)
        frames = np.frombuffer(data, dtype="<i2", offset=_HEADER.size).reshape(-1, len(start.tracks))
        if first > _LONGEST_CALL_S * start.rate_hz or len(frames) > _LONGEST_MESSAGE_S * start.rate_hz:
            raise BadStream("A binary message lies beyond a day from the call's start, or is longer than ten seconds.")
        for at, track in enumerate(start.tracks):
            yield Media(track, frames[:, at].astype(np.int16), first=first, number=number)


def start(
    *,
    call_id: str,
    tracks: tuple[Role, ...] = ("agent", "customer"),
    rate_hz: int = 8_000,
    language: str | None = None,
    metadata: dict[str, str] | None = None,
) -> str:
    """The message that starts a stream."""
    said = {"type": "start", "version": 1, "call_id": call_id, "tracks": list(tracks), "rate_hz": rate_hz}
    return json.dumps({**said, "language": language, "metadata": metadata or {}})


def started(call_id: str, position: int) -> str:
    """The server's answer."""
    return json.dumps({"type": "started", "call_id": call_id, "position": position})


def sound(*tracks: Pcm, number: int, first: int) -> bytes:
    """A binary message: samples of all tracks from frame `first` of the call on. All tracks must be equally long."""
    return _HEADER.pack(number, first) + np.stack(tracks, axis=1).astype("<i2").tobytes()


def control(type_: Literal["hold", "resume", "stop"]) -> str:
    """A message without content."""
    return json.dumps({"type": type_})
