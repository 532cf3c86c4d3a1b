"""What a live server does when it is killed in a call, and when it gets more calls than the machine can hear; with the real models.

    .venv/bin/python benchmarks/live_faults.py            # both; a few minutes, on a machine that does nothing else
    .venv/bin/python benchmarks/live_faults.py --calls 12 --seconds 60

First `heard listen` is killed with SIGKILL while a bundled call is played to it, and started again; the caller connects anew and goes on.
Then so many calls are played at once. Printed is what was in the store when the server died, the lag, whether every call's recording is whole,
and what the last analyses found. The exit code is 1 where sound or a call was lost.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from live_agreement import FIXTURES, RATE_HZ, tracks_of

from monitor.live.simulate import Sides, Simulation, simulate
from monitor.store import Store, live_calls, live_view

PORT = 18_767
HEARD = Path(sys.executable).with_name("heard")
CALL = FIXTURES / "audio" / "wifi-missed.opus"
KILLED_AFTER_S = 60.0
ANALYSED_S = 900.0


def main() -> None:
    """Kill, then overload; print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    agent, customer = tracks_of(CALL)
    with tempfile.TemporaryDirectory() as folder:
        whole = killed(Path(folder), Sides("killed", customer, agent))
    length = round(given.seconds * RATE_HZ)
    with tempfile.TemporaryDirectory() as folder:
        calls = [Sides(f"call{n}", np.roll(customer, 997 * n)[:length], agent[:length]) for n in range(given.calls)]
        whole &= overloaded(Path(folder), calls)
    sys.exit(0 if whole else 1)


def killed(folder: Path, sides: Sides) -> bool:
    """A server dies in the middle of a call."""
    server = serve(folder)
    caller = threading.Thread(target=play, args=([sides],))
    caller.start()
    time.sleep(KILLED_AFTER_S)
    server.send_signal(signal.SIGKILL)
    server.wait()
    with Store.open(str(folder / "heard.db")) as store:
        [call] = live_calls(store)
        view = live_view(store, call.call_id)
        assert view is not None
        found = ", ".join(f"{one.moment.kind} {one.moment.verdict}" for one in view.moments)
        print(
            f"killed after {KILLED_AFTER_S:.0f} s: heard up to {call.heard_s:.1f} s, {len(view.turns)} turns, {found}"
        )
        server = serve(folder)
        caller.join()
        whole = settled(store, folder, [sides])
    stop(server)
    return whole


def overloaded(folder: Path, calls: list[Sides]) -> bool:
    """More calls at once than the machine can hear."""
    server = serve(folder)
    caller = threading.Thread(target=play, args=(calls,))
    caller.start()
    lag_s, analysed = 0.0, 0
    with Store.open(str(folder / "heard.db")) as store:
        while caller.is_alive():
            lag_s = max([lag_s, *(call.lag_s for call in live_calls(store))])
            time.sleep(0.5)
        print(
            f"{len(calls)} calls of {calls[0].duration_s:.0f} s at once: a lag of {lag_s:.1f} s at most while they lasted"
        )
        began = time.monotonic()
        whole = settled(store, folder, calls)
        analysed = store.count()
    alive = server.poll() is None
    print(
        f"the server is {'there' if alive else 'gone'}; {analysed} calls analysed {time.monotonic() - began:.0f} s after their end"
    )
    stop(server)
    return whole and alive


def settled(store: Store, folder: Path, calls: list[Sides]) -> bool:
    """Waits for the last analyses; prints them, and whether all sound is there and every call was analysed once."""
    until = time.monotonic() + ANALYSED_S
    while store.count() < len(calls) and time.monotonic() < until:
        time.sleep(1.0)
    sizes_s = [(path.stat().st_size - 44) / 4 / RATE_HZ for path in (folder / "live-calls").glob("*.wav")]
    lost_s = sum(sides.duration_s for sides in calls) - sum(sizes_s)
    lost_s += sum(call.trouble.lost_s for call in live_calls(store))
    missed = [stored.critical_missed for stored in store.list()]
    print(f"{store.count()} of {len(calls)} calls analysed, {lost_s:.2f} s of sound lost, critical misses {missed}")
    return store.count() == len(calls) and lost_s < 0.2 * len(calls)


def serve(folder: Path) -> "subprocess.Popen[bytes]":
    """A server with the real models, ready to be connected to."""
    log = (folder / "server.log").open("ab")
    command = [str(HEARD), "listen", "--port", str(PORT), "--store", "heard.db", "--language", "en"]
    server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "NO_COLOR": "1"})
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                return server
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit((folder / "server.log").read_text("utf-8"))


def play(calls: list[Sides]) -> None:
    """Plays calls at the speed of speech."""
    simulate(calls, Simulation(f"ws://127.0.0.1:{PORT}", "pcm"))


def stop(server: "subprocess.Popen[bytes]") -> None:
    """Ends a server as an operator would."""
    server.send_signal(signal.SIGINT)
    server.wait(60)


if __name__ == "__main__":
    main()
