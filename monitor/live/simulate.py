"""Plays recordings to a server as telephone systems stream calls: at the speed of speech, and again where a connection is lost."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import numpy as np

from audio.errors import BadInput, HeardError
from audio.facts import Turn
from audio.g711 import Pcm
from audio.ports import Samples
from monitor.live.events import MediaProtocol
from monitor.live.lines import LINES, RATE_HZ, Line, new_call_id

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

ANSWER_S = 20.0
"""How long the server may take to connect, to open a stream, and to close it."""
TRIES = 5
"""So often a lost connection is made anew, each time after a second more."""

Progress = Callable[[float, float], None]
"""Told the seconds sent and the seconds there are."""


@dataclass(frozen=True)
class Sides:
    """Both sides of a call, 8 kHz, equally long."""

    name: str
    customer: Pcm
    agent: Pcm

    @property
    def duration_s(self) -> float:
        return len(self.customer) / RATE_HZ


@dataclass(frozen=True)
class Simulation:
    """How calls are to be played."""

    url: str
    protocol: MediaProtocol
    speed: float = 1.0
    token: str | None = None
    said: tuple[tuple[str, str], ...] = ()
    """What the stream says of the call: ("team", "Broadband") ..."""


def read_sides(path: Path, *, agent: str = "left", turns: Sequence[Turn] | None = None) -> Sides:
    """The two sides of a recording.

    Args:
        path: two channels with one party each; or one channel, with `turns`.
        agent: the channel that the agent is on, "left" or "right".
        turns: who speaks when; the agent's turns then are the agent's side, and all else is the customer's.

    Raises:
        BadInput: there is one channel, and nobody says who speaks when.
    """
    from audio.decode import decode

    with decode(path) as recording:
        both = [
            _narrowed(recording.channel(channel).read(0.0, recording.duration_s))
            for channel in range(min(2, recording.channels))
        ]
    if len(both) == 2:
        left, right = both
        return Sides(path.stem, right, left) if agent == "left" else Sides(path.stem, left, right)
    if turns is None:
        raise BadInput(
            f"{path} has one channel with both parties on it, and a telephone system streams two; "
            "say who speaks when with --turns, or give a recording with a channel for each."
        )
    speaks = np.zeros(len(both[0]), bool)
    for turn in turns:
        if turn.speaker == "agent":
            speaks[round(turn.start_s * RATE_HZ) : round(turn.end_s * RATE_HZ)] = True
    zero = np.int16(0)
    return Sides(path.stem, np.where(speaks, zero, both[0]), np.where(speaks, both[0], zero))


def simulate(calls: Sequence[Sides], simulation: Simulation, progress: Progress = lambda *_: None) -> list[str]:
    """Play calls at the same time; returns their ids. Raises HeardError where a call could not be played to its end."""
    return asyncio.run(_all(calls, simulation, progress))


async def _all(calls: Sequence[Sides], simulation: Simulation, progress: Progress) -> list[str]:
    callers = [_Caller(sides, simulation) for sides in calls]
    playing = [asyncio.create_task(caller.play()) for caller in callers]
    longest = max(callers, key=lambda caller: caller.sides.duration_s)
    while not all(task.done() for task in playing):
        progress(longest.place / RATE_HZ, longest.sides.duration_s)
        await asyncio.wait(playing, timeout=0.25)
    outcomes = await asyncio.gather(*playing, return_exceptions=True)
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failed:
        raise failed[0]
    return [caller.call_id for caller in callers]


class _Caller:
    """One call, over as many connections as it takes."""

    def __init__(self, sides: Sides, simulation: Simulation) -> None:
        self.sides = sides
        self.call_id = new_call_id(simulation.protocol, sides.name)
        self.place = 0
        self._simulation = simulation
        self._began = 0.0
        """When the call's first sample was spoken, by the clock of `time.monotonic`."""

    async def play(self) -> None:
        """Play the call to its end."""
        from websockets.exceptions import ConnectionClosed

        self._began = time.monotonic()
        tries = 0
        while True:
            before = self.place
            try:
                await self._connection()
                return
            except ConnectionClosed as error:
                if error.rcvd is not None and error.rcvd.reason:
                    raise HeardError(f"The server ended {self.call_id}: {error.rcvd.reason.rstrip('.')}.") from error
                tries = 1 if self.place > before else tries + 1
            except HeardError:
                if self.place == 0 or tries >= TRIES:
                    raise
                tries += 1
            if tries > TRIES:
                raise HeardError(f"The connection of {self.call_id} was lost, and could not be made again.")
            await asyncio.sleep(tries)

    async def _connection(self) -> None:
        """One connection, from where the call is to its end."""
        line = LINES[self._simulation.protocol](self.call_id, dict(self._simulation.said), self.place)
        socket = await _connected(self._simulation)
        listening = asyncio.create_task(_listen(socket, line))
        try:
            for message in line.begin():
                await socket.send(message)
            await self._opened(line, listening)
            self.place = line.position
            await self._speak(socket, line, listening)
            for message in line.end(self.place):
                await socket.send(message)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(listening), ANSWER_S)
        finally:
            listening.cancel()
            await socket.close()
            await asyncio.gather(listening, return_exceptions=True)

    async def _opened(self, line: Line, listening: "asyncio.Task[None]") -> None:
        until = time.monotonic() + ANSWER_S
        while not line.ready:
            if listening.done():
                await listening
            if time.monotonic() > until:
                raise HeardError(f"The server did not open the stream within {ANSWER_S:.0f} s.")
            await asyncio.sleep(0.01)

    async def _speak(self, socket: "ClientConnection", line: Line, listening: "asyncio.Task[None]") -> None:
        """Send the sound, each block when it has been spoken; what was missed by a lost connection comes at once."""
        block = round(line.block_s * RATE_HZ)
        while self.place < len(self.sides.customer):
            last = min(self.place + block, len(self.sides.customer))
            due = self._began + last / RATE_HZ / self._simulation.speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if listening.done():
                await listening
            customer, agent = self.sides.customer[self.place : last], self.sides.agent[self.place : last]
            for message in line.sound(customer, agent, self.place):
                await socket.send(message)
            self.place = last


async def _connected(simulation: Simulation) -> "ClientConnection":
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

    url = address(simulation.url, simulation.protocol)
    headers = {"Authorization": f"Bearer {simulation.token}"} if simulation.token else None
    try:
        return await connect(url, additional_headers=headers, open_timeout=ANSWER_S, compression=None)
    except InvalidURI as error:
        raise HeardError(f"{url} is no address of a stream; it begins with ws:// or wss://.") from error
    except InvalidStatus as error:
        said = error.response.body.decode(errors="replace").strip() if error.response.body else ""
        reason = f": {said}" if said else "."
        raise HeardError(f"{url} refused the stream ({error.response.status_code}){reason}") from error
    except (OSError, InvalidHandshake, TimeoutError) as error:
        raise HeardError(f"{url} cannot be reached; is `heard listen` running there?") from error


async def _listen(socket: "ClientConnection", line: Line) -> None:
    """Hear what the server says, until it closes: normally without an error."""
    async for message in socket:
        line.hear(message)


def address(url: str, protocol: MediaProtocol) -> str:
    """The address of a protocol's streams; one that names no path gets the server's own."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{protocol}")) if parts.path in ("", "/") else url


def _narrowed(samples: Samples) -> Pcm:
    """16 kHz to 8 kHz, as 16-bit samples."""
    from scipy.signal import resample_poly

    narrow = resample_poly(samples.astype(np.float32), 1, 2)
    return np.asarray(np.clip(np.round(narrow * 32_768.0), -32_768, 32_767), np.int16)
