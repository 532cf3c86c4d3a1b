"""How long after it was said a moment is in the store, for 1, 2, 4 and 8 calls at once; and how far the hearing lags.

A real server with the real models hears copies of a bundled call, streamed at the speed of speech, each begun a little after the one
before. A moment counts from the end of the sentence that settles it, or from the third second of a sound, until it can be read
from the store. Nothing else should run on the machine.

    .venv/bin/python benchmarks/live_latency.py --calls 1 2 4 8
"""

import argparse
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from live_agreement import FIXTURES, RATE_HZ, heard_live, tracks_of
from sqlalchemy import select
from websockets.sync.client import connect

from monitor.analyze import Analyzer
from monitor.live.events import Event, LagMeasured, MomentFound, SoundHeard, TurnSettled
from monitor.live.outlets import open_outlets
from monitor.live.protocols import pcm
from monitor.live.serving import Service, models_of
from monitor.live.spool import Note, Spool
from monitor.settings import LiveSettings, load_settings
from monitor.store import Store
from monitor.store.live_tables import LiveItemRow

FRAME = RATE_HZ // 50
APART_S = 3.7
PORT = 18_765


class NoAnalysis:
    """Leaves the recordings alone: what is measured is the hearing."""

    def analyse(self, note: Note) -> str:  # noqa: ARG002
        """Nothing."""
        return ""

    def rest(self) -> None:
        """Nothing."""


class Watch:
    """Notes what settles each moment, and hands everything on."""

    def __init__(self, onward: object) -> None:
        self.onward = onward
        self.causes: dict[tuple[str, str], float] = {}
        self.lags: list[float] = []
        self._turn_s: dict[str, float] = {}
        self._sound_s: dict[str, float] = {}

    def tell(self, event: Event) -> None:
        """Take an event."""
        call = event.call_id
        if isinstance(event, TurnSettled):
            self._turn_s[call] = max(self._turn_s.get(call, 0.0), event.turn.end_s)
        elif isinstance(event, SoundHeard):
            self._sound_s.setdefault(call, event.sound.start_s + 3.0)
        elif isinstance(event, LagMeasured):
            self.lags.append(event.lag_s)
        elif isinstance(event, MomentFound):
            by_sound = event.moment.kind == "background_distress"
            cause_s = max(self._turn_s.get(call, 0.0), self._sound_s.get(call, 0.0) if by_sound else 0.0)
            self.causes.setdefault((call, event.id), cause_s)
        self.onward.tell(event)  # type: ignore[attr-defined]

    def close(self) -> None:
        """Nothing to finish."""


def play(call_id: str, agent: np.ndarray, customer: np.ndarray, starts: dict[str, float]) -> None:
    """Stream a call at the speed of speech."""
    with connect(f"ws://127.0.0.1:{PORT}/pcm", max_size=None) as client:
        client.send(pcm.start(call_id=call_id, language="en"))
        client.recv()
        starts[call_id] = time.time()
        for number, first in enumerate(range(0, len(agent) - FRAME + 1, FRAME)):
            due = starts[call_id] + (first + FRAME) / RATE_HZ
            time.sleep(max(0.0, due - time.time()))
            client.send(
                pcm.sound(agent[first : first + FRAME], customer[first : first + FRAME], number=number, first=first)
            )
        client.send(pcm.control("stop"))
        for _ in client:
            pass


def watch_store(store: Store, seen: dict[tuple[str, str], float], stop: threading.Event) -> None:
    """Note when each moment can first be read."""
    query = select(LiveItemRow.call_id, LiveItemRow.name).where(LiveItemRow.sort == "moment")
    while not stop.wait(0.05):
        with store.transaction(write=False) as connection:
            for row in connection.execute(query):
                seen.setdefault((row.call_id, row.name), time.time())


def measure(calls: int, path: Path, length_s: float, analyzer: Analyzer) -> str:
    """One row of the table."""
    agent, customer = (side[: int(length_s * RATE_HZ)] for side in tracks_of(path))
    with tempfile.TemporaryDirectory() as folder, Store.open(str(Path(folder) / "live.db")) as store:
        live = LiveSettings(spool=Path(folder) / "spool", port=PORT)
        outlets = open_outlets(store, live, address=f"ws://127.0.0.1:{PORT}")
        watch = Watch(outlets.broadcast)
        service = Service(live, models_of(analyzer), analyzer.rules, watch, NoAnalysis())
        servers: list[object] = []
        thread = threading.Thread(target=service.run, args=(servers.append,))
        thread.start()
        while not servers or not servers[0].started:  # type: ignore[attr-defined]
            time.sleep(0.05)
        seen: dict[tuple[str, str], float] = {}
        starts: dict[str, float] = {}
        stop = threading.Event()
        watching = threading.Thread(target=watch_store, args=(store, seen, stop))
        watching.start()
        began, processor = time.time(), time.process_time()
        players = []
        for n in range(calls):
            players.append(threading.Thread(target=play, args=(f"call{n}", agent, customer, starts)))
            players[-1].start()
            time.sleep(APART_S)
        for player in players:
            player.join()
        used = (time.process_time() - processor) / (time.time() - began)
        time.sleep(8.0)
        servers[0].should_exit = True  # type: ignore[attr-defined]
        thread.join()
        stop.set()
        watching.join()
        outlets.broadcast.close()
    waits = [
        at - starts[call] - watch.causes[call, name]
        for (call, name), at in seen.items()
        if (call, name) in watch.causes
    ]
    low, middle, high = np.percentile(waits, [50, 95, 100]) if waits else (np.nan,) * 3
    return f"| {calls} | {len(waits)} | {low:.1f} | {middle:.1f} | {high:.1f} | {max(watch.lags, default=0.0):.1f} | {used:.2f} |"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", nargs="+", type=int, default=[1, 2, 4, 8])
    parser.add_argument("--length", type=float, default=84.0, help="seconds of the call")
    parser.add_argument("--recording", type=Path, default=FIXTURES / "audio" / "wifi-missed.opus")
    given = parser.parse_args()
    analyzer = Analyzer(load_settings())
    warm_up(analyzer)
    print("| calls | moments | median s | 95th percentile s | longest s | most lag s | cores used |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for calls in given.calls:
        print(measure(calls, given.recording, given.length, analyzer), flush=True)


def warm_up(analyzer: Analyzer) -> None:
    """Load every model."""
    with tempfile.TemporaryDirectory() as folder:
        agent, customer = (side[: 16 * RATE_HZ] for side in tracks_of(FIXTURES / "audio" / "wifi-missed.opus"))
        heard_live(analyzer, Spool(Path(folder)), "warm", agent, customer)


if __name__ == "__main__":
    main()
