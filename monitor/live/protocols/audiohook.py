"""Genesys AudioHook, protocol version 2: JSON in text messages, PCMU of 8 kHz in binary ones, channels interleaved.

After the AudioHook protocol reference of the Genesys Cloud Developer Center. The client opens a session and offers media; the
server chooses one of them. Every message has an `id` (the session's), its own `seq`, and the last one seen of the other end
(`serverseq` in the client's, `clientseq` in the server's); the client's also have their `position` in the stream, a duration such as
"PT12.5S". While a stream is paused its position goes on: `resumed` says from where, and how much was left out; `discarded` says
the same of sound that was dropped. An `open` with no conversation (all zeros) only tries the connection.

The external channel is the customer's, the internal one the agent's.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, field_validator

from audio.errors import BadStream
from audio.g711 import Pcm, decode_mulaw, encode_mulaw
from monitor.live.events import MediaProtocol
from monitor.live.protocols.signals import (
    Closed,
    HoldBegan,
    HoldEnded,
    Media,
    Opened,
    Reply,
    Said,
    Signal,
    Skipped,
    as_text,
    language_of,
    parse_json,
    read_as,
)
from monitor.records import Role

RATE_HZ = 8_000
NO_CONVERSATION = str(UUID(int=0))
ROLES: dict[str, Role] = {"external": "customer", "internal": "agent"}
DRIFT_S = 0.1
"""A client that is further ahead than this of what has come has lost sound on the way."""
_DURATION = re.compile(r"PT(\d*\.)?\d+S")
_DIGITS = 15


class Format(Said):
    """One way in which the client can send the sound."""

    type: str
    format: str
    rate: int
    channels: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether it can be heard here: PCMU at 8 kHz, either channel or both."""
        known = (
            bool(self.channels) and len(set(self.channels)) == len(self.channels) and set(self.channels) <= set(ROLES)
        )
        return (self.type, self.format, self.rate) == ("audio", "PCMU", RATE_HZ) and known


class Participant(Said):
    """The customer, as the telephone system knows them; numbers are left where they are."""

    id: str


class Open(Said):
    """What the client says of the call."""

    organization_id: str = Field(alias="organizationId")
    conversation_id: UUID = Field(alias="conversationId")
    participant: Participant
    media: tuple[Format, ...]
    language: str | None = None
    custom: dict[str, Any] = Field(default_factory=dict, alias="customConfig")


class Left(Said):
    """Sound that was left out: from where, and how much."""

    start: str
    discarded: str


class Close(Said):
    """Why the client closes the session."""

    reason: Literal["end", "error", "disconnect", "reconnect"]


class ClientMessage(Said):
    """What all of the client's messages have in common."""

    version: Literal["2"]
    id: UUID
    type: str
    seq: int = Field(ge=0)
    serverseq: int = Field(ge=0)
    position: str
    parameters: dict[str, Any]

    @field_validator("position")
    @classmethod
    def _is_duration(cls, text: str) -> str:
        seconds(text)
        return text


class AudioHookReader:
    """Reads one session, and answers as a server must."""

    name: MediaProtocol = "audiohook"

    def __init__(self) -> None:
        self._id: str | None = None
        self._sent = 0
        self._seen = 0
        self._channels: tuple[str, ...] = ()
        self._place = 0
        self._closed = False

    def receive(self, message: str | bytes) -> Iterator[Signal]:
        """What a message says. Raises BadStream."""
        if isinstance(message, bytes):
            yield from self._sound(message)
            return
        said = read_as(ClientMessage, parse_json(message), "AudioHook")
        self._check_numbers(said)
        match said.type:
            case "open":
                yield from self._open(said)
            case "ping":
                yield self._reply("pong", {})
            case "update":
                yield self._reply("updated", {})
            case "paused":
                yield HoldBegan()
            case "resumed":
                yield from self._left(said)
                yield HoldEnded()
            case "discarded":
                yield from self._left(said)
            case "close":
                reason = read_as(Close, said.parameters, "close").reason
                self._closed = True
                yield self._reply("closed", {})
                yield Closed(reason, over=reason != "reconnect")
            case "error":
                pass  # The client tells of an error of its own, and goes on.
            case _:
                raise BadStream(f"AudioHook has no message of a client of type {said.type[:40]!r}.")

    def refusal(self, sentence: str) -> str:
        """What tells the client to end a session that cannot be served."""
        return self._reply("disconnect", {"reason": "error", "info": sentence}).text

    def _check_numbers(self, said: ClientMessage) -> None:
        if self._id is None:
            if said.type != "open":
                raise BadStream(f"The session sends {said.type[:40]} before open.")
            self._id = str(said.id)
        elif str(said.id) != self._id:
            raise BadStream("The message is of another session than this connection's.")
        elif said.type == "open":
            raise BadStream("The session was opened already; one connection carries one session.")
        if said.seq <= self._seen:
            raise BadStream(f"The message has seq {said.seq} after {self._seen}; it must rise with every message.")
        if said.serverseq > self._sent:
            raise BadStream(f"The message has serverseq {said.serverseq}, and only {self._sent} messages were sent.")
        self._seen = said.seq
        place = round(seconds(said.position) * RATE_HZ)
        if said.type not in ("resumed", "discarded") and place > self._place + DRIFT_S * RATE_HZ:
            self._place = place

    def _open(self, said: ClientMessage) -> Iterator[Signal]:
        asked = read_as(Open, said.parameters, "open")
        usable = [offer for offer in asked.media if offer.usable]
        if not usable:
            raise BadStream("None of the offered media can be heard: PCMU at 8000 Hz, external, internal or both.")
        # Both parties are worth more than one, whichever the client would rather send.
        chosen = max(usable, key=lambda offer: len(offer.channels))
        if str(asked.conversation_id) == NO_CONVERSATION:
            yield self._reply("opened", {"media": []})
            return
        self._channels = chosen.channels
        self._place = round(seconds(said.position) * RATE_HZ)
        yield Opened(
            call_id=str(asked.conversation_id),
            stream_id=str(said.id),
            tracks=chosen.channels,
            roles={channel: ROLES[channel] for channel in chosen.channels},
            rate_hz=RATE_HZ,
            language=language_of(asked.language),
            metadata=as_text(
                {**asked.custom, "organization": asked.organization_id, "participant": asked.participant.id}
            ),
        )
        yield self._reply("opened", {"media": [chosen.model_dump()], "startPaused": False})

    def _sound(self, data: bytes) -> Iterator[Signal]:
        if not self._channels or self._closed:
            raise BadStream("The session sends sound before it is opened, or after it was closed.")
        if len(data) % len(self._channels):
            raise BadStream(f"A binary message of {len(data)} bytes does not hold {len(self._channels)} channels.")
        count = len(data) // len(self._channels)
        for at, channel in enumerate(self._channels):
            yield Media(channel, decode_mulaw(data[at :: len(self._channels)]), first=self._place)
        self._place += count

    def _left(self, said: ClientMessage) -> Iterator[Signal]:
        left = read_as(Left, said.parameters, said.type)
        first = round(seconds(left.start) * RATE_HZ)
        last = first + round(seconds(left.discarded) * RATE_HZ)
        self._place = max(self._place, last)
        yield Skipped(first, last)

    def _reply(self, type_: str, parameters: dict[str, Any]) -> Reply:
        self._sent += 1
        body = {"version": "2", "id": self._id or NO_CONVERSATION, "type": type_, "seq": self._sent}
        return Reply(json.dumps({**body, "clientseq": self._seen, "parameters": parameters}))


def seconds(duration: str) -> float:
    """Seconds of a duration as AudioHook writes it, such as "PT1.5S". Raises BadStream."""
    if len(duration) > _DIGITS or not _DURATION.fullmatch(duration):
        raise BadStream(f"{duration[:40]!r} is no duration such as PT1.5S.")
    return float(duration[2:-1])


class AudioHookClient:
    """Builds the messages of a client's session, numbered as the protocol asks."""

    def __init__(self, session_id: str, *, channels: tuple[str, ...] = ("external", "internal")) -> None:
        self.session_id = session_id
        self.channels = channels
        self._sent = 0
        self.serverseq = 0
        """The last `seq` that came from the server; set it as replies come."""

    def open(
        self,
        *,
        conversation_id: str,
        organization_id: str,
        participant_id: str,
        language: str | None = None,
        custom: dict[str, Any] | None = None,
        position_s: float = 0.0,
    ) -> str:
        """Opens the session and offers the media."""
        offer = {"type": "audio", "format": "PCMU", "channels": list(self.channels), "rate": RATE_HZ}
        parameters: dict[str, Any] = {
            "organizationId": organization_id,
            "conversationId": conversation_id,
            "participant": {"id": participant_id, "ani": "", "aniName": "", "dnis": ""},
            "media": [offer],
        }
        if language is not None:
            parameters["language"] = language
        if custom is not None:
            parameters["customConfig"] = custom
        return self.message("open", position_s, parameters)

    def message(self, type_: str, position_s: float, parameters: dict[str, Any] | None = None) -> str:
        """Any message of the session at a position of the stream, in seconds."""
        self._sent += 1
        return json.dumps(
            {
                "version": "2",
                "id": self.session_id,
                "type": type_,
                "seq": self._sent,
                "serverseq": self.serverseq,
                "position": f"PT{position_s:.3f}S",
                "parameters": parameters or {},
            }
        )


def sound(*channels: Pcm) -> bytes:
    """A binary message: the channels' samples, interleaved. All channels must be equally long."""
    codes = [encode_mulaw(samples) for samples in channels]
    return bytes(byte for frame in zip(*codes, strict=True) for byte in frame)
