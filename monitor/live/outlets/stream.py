"""Subscribers follow live calls as server-sent events (WHATWG HTML, section 9.2): one line of JSON for each event.

    GET /events                        all calls that the token may see
    GET /events?call=CA1&type=moment.found&type=hint.given

Each event has an id; who comes back with the last one (`Last-Event-ID`) is told what came in between. Where that is no longer known,
`stream.missed` says so. Who comes anew, or has missed something, is first told of the calls that go on (`call.started`).
"""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from threading import Lock

from monitor.live.events import SCHEMA, CallAnalysed, CallEnded, CallStarted, Event, PartialWords

KEPT = 10_000
"""Events that a subscriber who comes back can still be told: several minutes of fifty calls."""
FLEETING = 256
"""Words that are just being said are told to those who are there, and to nobody later."""
HEARTBEAT_S = 15.0
"""A comment line after so long without an event, so that neither end nor a proxy between takes the other for gone."""
RETRY_MS = 2000
"""After what time a browser shall come back."""

_Place = tuple[int, int]
"""How far a subscriber has been told: the numbers of the last event, and of the last words that were just being said."""


@dataclass(frozen=True, slots=True)
class _Told:
    """An event on its way to subscribers."""

    number: int
    """Of those that are kept, counted from 1 without gaps; words that are just being said have that of the event before."""
    fleeting: int
    """Of the words that are just being said, counted from 1; 0 for an event that is kept."""
    call_id: str
    team: str | None
    type: str
    frame: bytes


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscriber wants, and may have."""

    teams: tuple[str, ...] | None = None
    """Calls of these teams alone; None means all."""
    call_id: str | None = None
    types: frozenset[str] = frozenset()
    """Events of these types alone; empty means all."""

    def fits(self, one: _Told) -> bool:
        """Whether an event is for this subscriber."""
        return (
            (self.teams is None or one.team in self.teams)
            and (self.call_id is None or one.call_id == self.call_id)
            and (not self.types or one.type in self.types)
        )


class EventStream:
    """An outlet that any number of subscribers read from, each at their own pace; none of them can hold up a call.

    `epoch` tells the numbers of this server from those of an earlier one.
    """

    def __init__(self, *, kept: int = KEPT, epoch: str | None = None) -> None:
        self._epoch = epoch or secrets.token_hex(4)
        self._lock = Lock()
        self._number = self._fleeting_number = 0
        self._kept: deque[_Told] = deque(maxlen=kept)
        self._fleeting: deque[_Told] = deque(maxlen=FLEETING)
        self._going_on: dict[str, _Told] = {}
        """By call, how it began."""
        self._teams: dict[str, str | None] = {}
        self._wakers: set[Callable[[], None]] = set()
        self._closed = False

    def tell(self, event: Event) -> None:
        """Take an event."""
        with self._lock:
            if isinstance(event, CallStarted):
                self._teams[event.call_id] = event.team
            if isinstance(event, PartialWords):
                self._fleeting_number += 1
                self._fleeting.append(self._told(event, self._fleeting_number))
            else:
                self._number += 1
                self._kept.append(self._told(event))
            if isinstance(event, CallStarted):
                self._going_on[event.call_id] = self._kept[-1]
            elif isinstance(event, CallEnded | CallAnalysed):
                self._going_on.pop(event.call_id, None)
            if isinstance(event, CallAnalysed):
                self._teams.pop(event.call_id, None)
        self._wake()

    def close(self) -> None:
        """Let all subscribers go."""
        self._closed = True
        self._wake()

    async def subscribe(
        self, wish: Wish, last_id: str = "", *, heartbeat_s: float = HEARTBEAT_S
    ) -> AsyncIterator[bytes]:
        """The stream for one subscriber, until they or the server go."""
        waiting, loop = asyncio.Event(), asyncio.get_running_loop()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop has ended, and its subscribers with it
                loop.call_soon_threadsafe(waiting.set)

        with self._lock:
            self._wakers.add(wake)
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            frames, place = self._begin(wish, last_id)
            while True:
                for frame in frames:
                    yield frame
                if self._closed:
                    return
                if not await _happens(waiting, heartbeat_s):
                    yield b": still here\n\n"
                waiting.clear()
                frames, place = self._since(place, wish)
        finally:
            with self._lock:
                self._wakers.discard(wake)

    def _begin(self, wish: Wish, last_id: str) -> tuple[list[bytes], _Place]:
        """What is said first, and from where to go on."""
        epoch, _, text = last_id.partition("-")
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else -1
        with self._lock:
            if epoch == self._epoch and number <= self._number and not self._is_lost(number):
                # What was just being said meanwhile is in turns by now.
                return self._fitting(_after(self._kept, number), wish), (self._number, self._fleeting_number)
            missed = [MISSED] if last_id else []
            return missed + self._fitting(self._going_on.values(), wish), (self._number, self._fleeting_number)

    def _since(self, place: _Place, wish: Wish) -> tuple[list[bytes], _Place]:
        number, fleeting = place
        with self._lock:
            new = [*_after(self._kept, number), *(one for one in self._fleeting if one.fleeting > fleeting)]
            missed = [MISSED] if self._is_lost(number) else []
            ordered = sorted(new, key=lambda one: (one.number, one.fleeting))
            return missed + self._fitting(ordered, wish), (self._number, self._fleeting_number)

    def _is_lost(self, number: int) -> bool:
        """Whether the event after this one is no longer kept."""
        return number < self._number - len(self._kept)

    def _told(self, event: Event, fleeting: int = 0) -> _Told:
        name = "" if fleeting else f"{self._epoch}-{self._number}"
        frame = _frame(event.type, event.to_json(), name)
        return _Told(self._number, fleeting, event.call_id, self._teams.get(event.call_id), event.type, frame)

    @staticmethod
    def _fitting(told: Iterable[_Told], wish: Wish) -> list[bytes]:
        return [one.frame for one in told if wish.fits(one)]

    def _wake(self) -> None:
        with self._lock:
            wakers = tuple(self._wakers)
        for wake in wakers:
            wake()


async def _happens(event: asyncio.Event, within_s: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), within_s)
    except TimeoutError:
        return False
    return True


def _after(told: deque[_Told], number: int) -> list[_Told]:
    """Events after a number, in order; no more than these are looked at."""
    return [*takewhile(lambda one: one.number > number, reversed(told))][::-1]


def _frame(type_: str, data: str, name: str = "") -> bytes:
    """One event on the wire; its JSON has no line breaks."""
    return "\n".join([*([f"id: {name}"] if name else []), f"event: {type_}", f"data: {data}", "", ""]).encode()


MISSED = _frame("stream.missed", json.dumps({"schema": SCHEMA, "type": "stream.missed"}))
"""Tells a subscriber that something came in between that can no longer be told."""
