"""One connection: what its messages say goes to its call, and what breaks a rule ends the connection, not the call."""

import time
from collections.abc import Callable
from typing import Protocol

from audio.errors import BadStream, HeardError
from monitor.live.intake import Intake
from monitor.live.protocols import Closed, HoldBegan, HoldEnded, Media, Opened, Reply, Signal, Skipped, StreamReader
from monitor.live.protocols.audiohook import AudioHookReader
from monitor.live.protocols.pcm import PcmReader, started
from monitor.live.protocols.twilio import TwilioReader
from monitor.settings import LiveSettings

READERS: dict[str, type[TwilioReader | AudioHookReader | PcmReader]] = {
    "twilio": TwilioReader,
    "audiohook": AudioHookReader,
    "pcm": PcmReader,
}
MESSAGES_PER_S = 125
"""Two tracks in messages of 20 ms, and some for all else; times the speed that is allowed."""
BURST_S = 20.0
"""So much of what is allowed in a second may come at once, and so much sound lie ahead of the clock."""


class Calls(Protocol):
    """Where connections find their calls."""

    def open(self, opened: Opened, reader: StreamReader, owner: object) -> Intake:
        """The call that a stream brings. Raises HeardError where there may be no further one."""
        ...

    def lost(self, intake: Intake, reason: str) -> None:
        """The connection of a call is gone; another one may come."""
        ...

    def over(self, intake: Intake, reason: str) -> None:
        """A call has ended."""
        ...


class Session:
    """The messages of one connection, in their order.

    clock: seconds, monotonic
    """

    def __init__(
        self, reader: StreamReader, calls: Calls, limits: LiveSettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.intake: Intake | None = None
        self.closed: str | None = None
        """Why the sender has ended it; None while it goes on."""
        self._reader = reader
        self._calls = calls
        self._limits = limits
        self._clock = clock
        self._messages = 0.0
        self._counted_at = clock()
        self._latest_s = 0.0
        self._latest_at = clock()
        self._credit_s = BURST_S
        """How much further the call may be at the next message, in seconds."""
        self._holding = False

    @property
    def patience_s(self) -> float:
        """How long the next message may take."""
        if self.intake is None:
            return self._limits.start_s
        return self._limits.call_s if self._holding else self._limits.idle_s

    def receive(self, message: str | bytes) -> list[str]:
        """Take a message; returns what has to be sent back.

        Raises BadStream, with one sentence for the sender, where the connection has to be closed.
        """
        self._count()
        replies: list[str] = []
        for signal in self._reader.receive(message):
            replies += self._take(signal)
        return replies

    def gone(self, reason: str) -> None:
        """The connection is no more."""
        if self.intake is None or self.intake.owner is not self:
            return
        self.intake.owner = None
        if self.closed is not None:
            self._calls.over(self.intake, self.closed)
        else:
            self._calls.lost(self.intake, reason)

    def _take(self, signal: Signal) -> list[str]:
        match signal:
            case Reply(text):
                return [text]
            case Opened():
                self.intake = self._calls.open(signal, self._reader, self)
                self._latest_s = self.intake.clock_s
                if isinstance(self._reader, PcmReader):
                    return [started(signal.call_id, self.intake.recording.frames)]
                return []
            case Closed(reason, over):
                self.closed = reason if over else None
                return []
        intake = self._own()
        match signal:
            case Media():
                self._check_s(intake.place_s(signal.first + len(signal.samples)))
                intake.take(signal)
            case Skipped():
                self._check_s(intake.place_s(signal.last))
                intake.skip(signal)
            case HoldBegan() | HoldEnded():
                self._holding = isinstance(signal, HoldBegan)
                intake.hold(signal)
        return []

    def _own(self) -> Intake:
        if self.intake is None:
            raise BadStream("The stream has not been started.")
        if self.intake.owner is not self:
            raise BadStream("Another connection has taken over this call.")
        return self.intake

    def _count(self) -> None:
        """Refuse a flood of messages."""
        at = self._clock()
        allowed = MESSAGES_PER_S * self._limits.speed
        self._messages = max(0.0, self._messages - allowed * (at - self._counted_at)) + 1
        self._counted_at = at
        if self._messages > allowed * BURST_S:
            raise BadStream(f"More than {allowed:.0f} messages come in a second.")

    def _check_s(self, place_s: float) -> None:
        """Refuse sound that comes faster than allowed, or lies in the future by a wrong timestamp."""
        if place_s > self._limits.call_s:
            raise BadStream(f"A call may last {self._limits.call_s:.0f} s, and this one lasts longer.")
        advance_s = place_s - self._latest_s
        if advance_s <= 0:
            return
        at = self._clock()
        self._credit_s = min(self._credit_s, BURST_S) + self._limits.speed * (at - self._latest_at)
        if advance_s > self._credit_s:
            raise BadStream("The sound lies further ahead than time has gone on, or comes faster than allowed.")
        self._credit_s -= advance_s
        self._latest_s, self._latest_at = place_s, at


def sentence_of(error: HeardError) -> str:
    """The reason for a close frame, which holds 123 bytes at the most (RFC 6455, section 5.5)."""
    return str(error).encode()[:120].decode(errors="ignore")
