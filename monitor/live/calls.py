"""The calls that come in: found by their connections, handed to whoever hears them, ended, and left for their last analysis."""

import time
from collections.abc import Callable
from typing import Protocol

from audio.errors import HeardError
from monitor.live.intake import Intake
from monitor.live.protocols import Opened, StreamReader
from monitor.live.spool import Spool
from monitor.settings import LiveSettings


class Hearer(Protocol):
    """Hears calls while they come in; its methods return at once."""

    def begin(self, intake: Intake) -> None:
        """A call begins, or goes on after its server was lost: hear it until `intake.ended`."""
        ...


class LiveCalls:
    """The calls of one server; all of it is used from the server's own thread.

    clock: seconds, monotonic
    """

    def __init__(
        self,
        spool: Spool,
        hearer: Hearer,
        limits: LiveSettings,
        *,
        unfinished: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spool = spool
        self._hearer = hearer
        self._limits = limits
        self._unfinished = unfinished
        self._clock = clock
        self._calls: dict[str, Intake] = {}
        self._lost: dict[str, tuple[float, str]] = {}
        """By call, since when it has no connection, and why."""

    @property
    def count(self) -> int:
        """How many calls are being heard."""
        return len(self._calls)

    @property
    def full(self) -> bool:
        """Whether there is no room for a connection. One more than for calls, so that a lost call can come back."""
        return sum(intake.owner is not None for intake in self._calls.values()) >= self._limits.calls

    @property
    def unfinished(self) -> int:
        """How many calls have ended and are not analysed yet."""
        return self._unfinished()

    def open(self, opened: Opened, reader: StreamReader, owner: object) -> Intake:
        """The call that a stream brings: a new one, or one whose connection was lost."""
        call_id = opened.call_id
        intake = self._calls.get(call_id)
        if intake is None and len(self._calls) >= self._limits.calls:
            raise HeardError("As many calls as this server may hear are being heard; try again later.")
        before = self._spool.read(call_id)
        note = self._spool.open(opened, reader.name)
        if intake is None:
            intake = self._calls[call_id] = Intake(self._spool, note, resumed=before is not None, clock=self._clock)
            self._hearer.begin(intake)
        intake.connect(owner, new_stream=before is not None and before.streams[-1] != opened.stream_id)
        self._lost.pop(call_id, None)
        return intake

    def lost(self, intake: Intake, reason: str) -> None:
        """The connection of a call is gone; another one may come for a while."""
        self._lost[intake.note.call_id] = (self._clock(), reason)

    def over(self, intake: Intake, reason: str, *, finished: bool = True) -> None:
        """A call has ended; `finished` if that is what its sender says, so that no more of it can come."""
        call_id = intake.note.call_id
        intake.end(reason, finished=finished)
        self._calls.pop(call_id, None)
        self._lost.pop(call_id, None)

    def tick(self) -> None:
        """Let time go on: end calls whose connection did not come back."""
        for intake in self._calls.values():
            intake.tick()
        for call_id, (since, reason) in list(self._lost.items()):
            if self._clock() - since >= self._limits.grace_s:
                self.over(self._calls[call_id], reason, finished=False)

    def close(self) -> None:
        """The server stops: every call ends here, and will be analysed."""
        for intake in list(self._calls.values()):
            self.over(intake, "the server was stopped", finished=False)
