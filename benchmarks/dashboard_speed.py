"""Times every page of the dashboard on a large store: what one run of its script takes, and what memory it needs.

    python benchmarks/dashboard_volume.py year.db --calls 100000
    python benchmarks/dashboard_speed.py year.db

Every address below is opened anew, as by somebody who comes by a link; nothing that an earlier visit remembered is used.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import resource
import statistics
import sys
from pathlib import Path
from urllib.parse import parse_qs

import streamlit as st
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parent.parent))

from dashboards.state import served
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


def percentile(ordered: list[float], share: float = 0.95) -> float:
    """The value that this share of the values does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", nargs="*", default=list(VISITS))
    parser.add_argument("--json", type=Path, help="write the figures here too")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    with Store.open(str(given.store), create=False) as store:
        page = queue(store, size=1)
        call, calls = page.rows[0].call_id, page.total
    served.configure(Settings(store=str(given.store)))
    print(f"{calls:,} calls. Seconds for one run of the page's script, {given.rounds} rounds of every address:")
    figures = {}
    for name in given.pages:
        visit(name, VISITS[name][0].format(call=call))  # libraries are loaded once, by the first visitor
        taken = [(*visit(name, query.format(call=call)), query) for query in VISITS[name] for _ in range(given.rounds)]
        clock, processor = sorted(one[0] for one in taken), sorted(one[1] for one in taken)
        figures[name] = {
            "median_s": round(statistics.median(clock), 3), "p95_s": round(percentile(clock), 3),
            "p95_processor_s": round(percentile(processor), 3), "slowest": max(taken)[2],
        }  # fmt: skip
        print(f"  {name:10}", "  ".join(f"{key} {value}" for key, value in figures[name].items()))
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  memory of the process, at most: {memory_mb:.0f} MB")
    if given.json:
        given.json.write_text(json.dumps({"calls": calls, "pages": figures, "memory_mb": round(memory_mb)}, indent=2))


if __name__ == "__main__":
    main()
