"""Telephone lines for `heard simulate`: a recording's two sides as the messages of each protocol.

A line is one connection of a call. It says which messages to send, and listens to those that come back; it knows no socket.
"""

import json
import secrets
import uuid
from typing import Protocol

from audio.g711 import Pcm
from monitor.live.events import MediaProtocol
from monitor.live.protocols import audiohook, pcm, twilio

RATE_HZ = 8_000
"""Samples a second that all lines here send: what telephones carry."""
ACCOUNT = "AC" + "0" * 32
"""Nobody's account at Twilio."""


class Line(Protocol):
    """One connection of a call."""

    block_s: float
    """How much sound goes into one message, in seconds."""
    ready: bool
    """Whether sound may be sent."""
    position: int
    """The first sample that the server wants."""

    def begin(self) -> list[str | bytes]:
        """The messages that open the stream."""
        ...

    def hear(self, message: str | bytes) -> None:
        """Take what the server says."""
        ...

    def sound(self, customer: Pcm, agent: Pcm, first: int) -> list[str | bytes]:
        """The messages for a block of both sides; `first` is its place in the call, in samples."""
        ...

    def end(self, place: int) -> list[str | bytes]:
        """The messages that end the call, which lasted so many samples."""
        ...


class TwilioLine:
    """Twilio Media Streams: the customer inbound, the agent outbound; a new stream begins at its own zero."""

    block_s = 0.02
    ready = True

    def __init__(self, call_id: str, said: dict[str, str], position: int = 0) -> None:
        self.position = self._begins = position
        self._said = said
        self._call_sid, self._stream_sid = call_id, f"MZ{secrets.token_hex(16)}"
        self._sequence = 0
        self._chunk = 0

    def begin(self) -> list[str | bytes]:
        start = twilio.start(
            call_sid=self._call_sid,
            stream_sid=self._stream_sid,
            account_sid=ACCOUNT,
            custom=self._said,
            sequence=self._next(),
        )
        return [twilio.connected(), start]

    def hear(self, message: str | bytes) -> None:
        """A server that only listens says nothing."""

    def sound(self, customer: Pcm, agent: Pcm, first: int) -> list[str | bytes]:
        self._chunk += 1
        return [
            twilio.media(
                samples,
                stream_sid=self._stream_sid,
                track=track,
                chunk=self._chunk,
                first=first - self._begins,
                sequence=self._next(),
            )
            for track, samples in (("inbound", customer), ("outbound", agent))
        ]

    def end(self, place: int) -> list[str | bytes]:  # noqa: ARG002  (Twilio does not say how long it was)
        ids = {"call_sid": self._call_sid, "stream_sid": self._stream_sid, "account_sid": ACCOUNT}
        return [twilio.stop(**ids, sequence=self._next())]

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence


class AudioHookLine:
    """Genesys AudioHook: the customer external, the agent internal; sound is sent once the server has opened."""

    block_s = 0.1

    def __init__(self, call_id: str, said: dict[str, str], position: int = 0) -> None:
        self.position = position
        self.ready = False
        self._call_id = call_id
        self._said = dict(said)
        self._session = audiohook.AudioHookClient(str(uuid.uuid4()))

    def begin(self) -> list[str | bytes]:
        opened = self._session.open(
            conversation_id=self._call_id,
            organization_id=str(uuid.uuid5(uuid.NAMESPACE_DNS, "heard.simulate")),
            participant_id=str(uuid.uuid4()),
            language=self._said.pop("language", None),
            custom=self._said,
            position_s=self.position / RATE_HZ,
        )
        return [opened]

    def hear(self, message: str | bytes) -> None:
        said = json.loads(message)
        self._session.serverseq = said["seq"]
        self.ready = self.ready or said["type"] == "opened"

    def sound(self, customer: Pcm, agent: Pcm, first: int) -> list[str | bytes]:  # noqa: ARG002  (counted by the server)
        return [audiohook.sound(customer, agent)]

    def end(self, place: int) -> list[str | bytes]:
        return [self._session.message("close", place / RATE_HZ, {"reason": "end"})]


class PcmLine:
    """heard's own stream; it goes on where the server says."""

    block_s = 0.02

    def __init__(self, call_id: str, said: dict[str, str], position: int = 0) -> None:
        self.position = position
        self.ready = False
        self._call_id = call_id
        self._said = dict(said)
        self._number = 0

    def begin(self) -> list[str | bytes]:
        language = self._said.pop("language", None)
        return [pcm.start(call_id=self._call_id, rate_hz=RATE_HZ, language=language, metadata=self._said)]

    def hear(self, message: str | bytes) -> None:
        said = json.loads(message)
        if said.get("type") == "started":
            self.position, self.ready = int(said["position"]), True

    def sound(self, customer: Pcm, agent: Pcm, first: int) -> list[str | bytes]:
        self._number += 1
        return [pcm.sound(agent, customer, number=self._number - 1, first=first)]

    def end(self, place: int) -> list[str | bytes]:  # noqa: ARG002  (the sound has said it)
        return [pcm.control("stop")]


LINES: dict[MediaProtocol, type[TwilioLine | AudioHookLine | PcmLine]] = {
    "twilio": TwilioLine,
    "audiohook": AudioHookLine,
    "pcm": PcmLine,
}


def new_call_id(protocol: MediaProtocol, name: str) -> str:
    """An id as the protocol's calls have them; `name` is kept where there is room for one."""
    if protocol == "twilio":
        return f"CA{secrets.token_hex(16)}"
    return str(uuid.uuid4()) if protocol == "audiohook" else f"{name}-{secrets.token_hex(3)}"
