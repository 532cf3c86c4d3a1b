"""Times every page of the dashboard on a large store: what one run of its script takes, and what memory it needs.

    python benchmarks/dashboard_volume.py year.db --calls 100000
    python benchmarks/dashboard_speed.py year.db

Every address below is opened anew, as by somebody who comes by a link; nothing that an earlier visit remembered is used.
Without a store, only the page of a call of three hours is timed, in a store of its own.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import resource
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import streamlit as st
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parent.parent))

from audio.facts import Voice, Waveform, Word
from dashboards.state import served
from monitor.records import CallReport, Channels, FrustrationPoint, Moment, Provenance, ReadTurn, Response, Summary
from monitor.settings import Settings
from monitor.store import Store, queue

VISITS = {
    "queue": (
        "", "reviewed=any", "teams=VIP&verdicts=missed&severities=critical", "kinds=policy_shield&verdicts=missed", "text=router",
        "text=\"unplug the router\"", "text=退款", "since=2026-06-01&until=2026-06-30&outcomes=unresolved", "languages=zh&sort=when",
        "reviewed=any&page=3000", "agents=Ada Adler", "text=i have",
    ),
    "call": ("call={call}",),
    "overview": ("", "period=13w", "period=52w", "period=all", "team=VIP&period=52w", "language=zh", "team=VIP"),
    "coaching": ("", "period=13w", "period=all", "team=VIP&period=52w", "agent=Ada Adler&period=52w", "agent=Ada Adler"),
    "health": ("",),
    "runs": ("", "show=failed"),
}  # fmt: skip


PEAKS_HZ = 20.0

SCRIPT = """
import time
import streamlit as st
from dashboards.shell import show_page
began = time.perf_counter(), time.thread_time()
show_page({page!r})
st.session_state["took"] = time.perf_counter() - began[0], time.thread_time() - began[1]
"""


def visit(page: str, query: str) -> tuple[float, float]:
    """Seconds that one run of a page's script takes, by the clock and of processor time; the run must not fail."""
    app = AppTest.from_string(SCRIPT.format(page=page), default_timeout=60)
    for name, values in parse_qs(query).items():
        app.query_params[name] = values
    st.cache_data.clear()
    app.run()
    bodies = "".join(element.proto.body for element in app.get("html"))
    if app.exception or 'class="state"' in bodies:
        sys.exit(f"{page}?{query} drew no page: {app.exception or bodies[-400:]}")
    return app.session_state["took"]  # type: ignore[no-any-return]


def save_long_call(path: Path, hours: float = 3.0) -> None:
    """Store one call of so many hours, as dense as a real one: a turn every 5 s with its words, a moment every 80 s."""
    text = "I unplugged the router and waited as you said but the light is still red"
    said = text.split()
    turns, moments, points = [], [], []
    for index in range(int(hours * 720)):
        start, customer = 5.0 * index, index % 2 == 1
        words = tuple(
            Word(text=word, start_s=start + 0.3 * k, end_s=start + 0.3 * (k + 1), confidence=0.9)
            for k, word in enumerate(said)
        )
        turns.append(
            ReadTurn(
                index=index,
                speaker="customer" if customer else "agent",
                start_s=start,
                end_s=start + 4.5,
                text=" ".join(said),
                words=words,
                acts={"gives_information": 0.8, "already_done": 0.6, "asks_question": 0.2},
                frustration=0.5 if customer else None,
                voice=Voice(f0_hz=200.0, level_db=-20.0, tilt_db=-6.0, arousal=0.4) if customer else None,
            )
        )
        points.append(FrustrationPoint(time_s=start, level=0.5, low=0.4, high=0.6))
        if index % 16 == 2:
            met = index % 32 == 2
            moments.append(
                Moment(
                    kind="unacknowledged_frustration",
                    verdict="handled" if met else "missed",
                    severity="critical",
                    turn=index,
                    start_s=start - 5,
                    end_s=start + 4,
                    confidence=0.8,
                    quote=text,
                    why="It was so (0:05).",
                    opening_turn=index - 1,
                    response=Response(turn=index, latency_s=1.0) if met else None,
                )
            )
    duration_s = hours * 3600
    report = CallReport(
        call_id="long", source="long.wav", language="en", duration_s=duration_s, channels=Channels(layout="stereo", agent="left"),
        turns=tuple(turns), moments=tuple(moments), frustration=tuple(points), provenance=Provenance(heard="0.1.0", models={}, rules="speed"),
        summary=Summary(outcome="resolved", recovered=False, contact_value="eliminate", peak_frustration=0.5, end_frustration=0.5,
                        critical_missed=len(moments) // 2, minor_missed=0, handled=len(moments) // 2, empathy_rate=0.5),
    )  # fmt: skip
    outline = bytes(range(100)) * int(duration_s * PEAKS_HZ / 100)
    with Store.open(str(path)) as store:
        store.save(
            report,
            content_sha256="long",
            waveform=Waveform(peaks_hz=PEAKS_HZ, sides=("left", "right"), peaks=(outline, outline)),
        )


def time_long_call(rounds: int) -> dict[str, Any]:
    """What the page of a call of three hours takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.db"
        save_long_call(path)
        served.configure(Settings(store=str(path)))
        visit("call", "call=long")
        return summed([visit("call", "call=long") for _ in range(rounds)])


def summed(taken: list[tuple[float, float]]) -> dict[str, Any]:
    """The figures that are printed of several runs, in seconds."""
    clock, processor = sorted(one[0] for one in taken), sorted(one[1] for one in taken)
    return {
        "median_s": round(statistics.median(clock), 3), "p95_s": round(percentile(clock), 3),
        "p95_processor_s": round(percentile(processor), 3),
    }  # fmt: skip


def percentile(ordered: list[float], share: float = 0.95) -> float:
    """The value that this share of the values does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", nargs="*", default=list(VISITS))
    parser.add_argument("--json", type=Path, help="write the figures here too")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    figures = {"call of 3 h": time_long_call(given.rounds)}
    calls = 0 if given.store is None else time_store(given.store, given.pages, given.rounds, figures)
    for name, taken in figures.items():
        print(f"  {name:11}", "  ".join(f"{key} {value}" for key, value in taken.items()))
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  memory of the process, at most: {memory_mb:.0f} MB")
    if given.json:
        given.json.write_text(json.dumps({"calls": calls, "pages": figures, "memory_mb": round(memory_mb)}, indent=2))


def time_store(path: Path, pages: list[str], rounds: int, figures: dict[str, dict[str, Any]]) -> int:
    """Add what each page takes on this store to the figures; returns how many calls it holds."""
    with Store.open(str(path), create=False) as store:
        page = queue(store, size=1)
        call, calls = page.rows[0].call_id, page.total
    served.configure(Settings(store=str(path)))
    print(f"{calls:,} calls. Seconds for one run of the page's script, {rounds} rounds of every address:")
    for name in pages:
        visit(name, VISITS[name][0].format(call=call))  # libraries are loaded once, by the first visitor
        taken = [(*visit(name, query.format(call=call)), query) for query in VISITS[name] for _ in range(rounds)]
        figures[name] = {**summed([one[:2] for one in taken]), "slowest": max(taken)[2]}
    return calls


if __name__ == "__main__":
    main()
