"""An hour of four calls at once: whether memory stays, whether times drift, and how long moments take all the while.

A server in a process of its own hears the bundled calls, played one after the other again and again at the speed of speech by so
many callers. Each round of the tape is the same sound, so its turns should lie at the same times of each round: what they move by
is drift. Nothing else should run on the machine.

    .venv/bin/python benchmarks/live_hour.py --calls 4 --minutes 60
"""

import argparse
import multiprocessing
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from live_agreement import FIXTURES, RATE_HZ, tracks_of
from live_latency import APART_S, PORT, NoAnalysis, Watch, play, warm_up, watch_store

from audio.g711 import Pcm
from audio.memory import share_freed_memory
from monitor.analyze import Analyzer
from monitor.live.outlets import open_outlets
from monitor.live.serving import Service, models_of
from monitor.settings import LiveSettings, load_settings
from monitor.store import Store

TAPE = ("wifi-missed.opus", "wifi-handled.mp3", "repair-excerpt.flac")
PAUSE_S = 3.0
SAMPLE_S = 60.0


def tape() -> tuple[Pcm, Pcm]:
    """The agent's and the customer's sound of one round."""
    silence = np.zeros(int(PAUSE_S * RATE_HZ), np.int16)
    calls = [tracks_of(FIXTURES / "audio" / name) for name in TAPE]
    agent, customer = (np.concatenate([part for call in calls for part in (call[side], silence)]) for side in (0, 1))
    return agent, customer


def serve(
    folder: Path, ready: "multiprocessing.synchronize.Event", results: "multiprocessing.Queue[dict[str, object]]"
) -> None:
    """The server, until `ready` is cleared; then hands over what it noted."""
    share_freed_memory()  # as `heard listen` does, before anything starts a thread
    analyzer = Analyzer(load_settings())
    warm_up(analyzer)
    live = LiveSettings(spool=folder / "spool", port=PORT)
    with Store.open(str(folder / "live.db")) as store:
        outlets = open_outlets(store, live, address=f"ws://127.0.0.1:{PORT}")
        watch = Starts(outlets.broadcast)
        service = Service(live, models_of(analyzer), analyzer.rules, watch, NoAnalysis())
        servers: list[object] = []
        threading.Thread(target=service.run, args=(servers.append,), daemon=True).start()
        while not servers or not servers[0].started:  # type: ignore[attr-defined]
            time.sleep(0.05)
        ready.set()
        while ready.is_set():
            time.sleep(0.2)
        servers[0].should_exit = True  # type: ignore[attr-defined]
        time.sleep(2.0)
        outlets.broadcast.close()
    results.put({"causes": watch.causes, "lags": watch.lags, "turns": dict(watch.turns)})


class Starts(Watch):
    """Notes where the turns lie, too."""

    def __init__(self, onward: object) -> None:
        super().__init__(onward)
        self.turns: dict[str, list[tuple[str, float]]] = defaultdict(list)

    def tell(self, event: object) -> None:
        """Take an event."""
        turn = getattr(event, "turn", None)
        if type(event).__name__ == "TurnSettled" and turn is not None:
            self.turns[event.call_id].append((turn.speaker, turn.start_s))  # type: ignore[attr-defined]
        super().tell(event)  # type: ignore[arg-type]


def memory_mb(pid: int) -> float:
    """What a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def drift_s(turns: list[tuple[str, float]], round_s: float) -> list[float]:
    """By how much the turns of the last rounds lie later in theirs than the same turns of the second round in its own."""
    rounds = defaultdict(list)
    for speaker, start_s in turns:
        rounds[int(start_s // round_s)].append((speaker, start_s % round_s))
    last = max(rounds) - 1
    moved = []
    for speaker, start_s in rounds[1]:
        near = [other - start_s for name, other in rounds[last] if name == speaker and abs(other - start_s) < 1.0]
        moved += sorted(near, key=abs)[:1]
    return moved


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=60.0)
    given = parser.parse_args()
    one = tape()
    round_s = len(one[0]) / RATE_HZ
    rounds = int(np.ceil(given.minutes * 60 / round_s))
    agent, customer = (np.tile(side, rounds)[: int(given.minutes * 60 * RATE_HZ)] for side in one)
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder, ready, results = Path(name), spawn.Event(), spawn.Queue()
        server = spawn.Process(target=serve, args=(folder, ready, results))
        server.start()
        ready.wait()
        seen: dict[tuple[str, str], float] = {}
        starts: dict[str, float] = {}
        stop = threading.Event()
        with Store.open(str(folder / "live.db")) as store:
            watching = threading.Thread(target=watch_store, args=(store, seen, stop))
            watching.start()
            players = [
                threading.Thread(target=play, args=(f"call{n}", agent, customer, starts)) for n in range(given.calls)
            ]
            for player in players:
                player.start()
                time.sleep(APART_S)
            began, held = time.monotonic(), []
            while any(player.is_alive() for player in players):
                if time.monotonic() - began >= len(held) * SAMPLE_S:
                    held.append(memory_mb(server.pid or 0))
                    print(f"{len(held) - 1} min: {held[-1]:.0f} MB, {len(seen)} moments", flush=True)
                time.sleep(0.5)
            ready.clear()
            noted = results.get()
            stop.set()
            watching.join()
        server.join()
        sizes = [(path.stat().st_size - 44) / 4 / RATE_HZ for path in sorted((folder / "spool").glob("*.wav"))]
    report(noted, seen, starts, held, sizes, round_s)


def report(noted: dict, seen: dict, starts: dict, held: list[float], sizes: list[float], round_s: float) -> None:  # type: ignore[type-arg]
    """Print what was measured."""
    waits = [at - starts[key[0]] - noted["causes"][key] for key, at in seen.items() if key in noted["causes"]]
    middle, high, most = np.percentile(waits, [50, 95, 100])
    moved = [moment for turns in noted["turns"].values() for moment in drift_s(turns, round_s)]
    print(
        f"moments {len(waits)}: median {middle:.1f} s, 95th percentile {high:.1f} s, longest {most:.1f} s after their cause"
    )
    print(f"lag: {max(noted['lags'], default=0.0):.1f} s at most")
    print(
        f"memory: {held[min(5, len(held) - 1)]:.0f} MB after 5 min, {held[-1]:.0f} MB at the end, {max(held):.0f} MB at most"
    )
    print(f"recordings: {', '.join(f'{size:.2f}' for size in sizes)} s")
    print(
        f"drift of {len(moved)} turns between the second round and the last but one: median {np.median(moved) * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
