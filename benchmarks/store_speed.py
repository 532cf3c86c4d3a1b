"""Times what the review queue asks of a large store: its pages and its search.

    python benchmarks/dashboard_volume.py year.db --calls 100000
    python benchmarks/store_speed.py year.db

Each question is asked several times over a connection that has been used before, as a running dashboard does, and the median of
the clock and of processor time is told. The aim is below 50 ms at 100,000 calls.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from monitor.store import Filters, Store, choices, next_call, queue

AIM_MS = 50.0
TIMES = 7
QUESTIONS: dict[str, Callable[[Store], object]] = {
    "first page": lambda store: queue(store),
    "first page, not reviewed": lambda store: queue(store, Filters(reviewed=False)),
    "newest first": lambda store: queue(store, sort="when"),
    "most missed": lambda store: queue(store, sort="missed"),
    "by agent": lambda store: queue(store, sort="agent"),
    "by empathy": lambda store: queue(store, sort="empathy"),
    "page 50": lambda store: queue(store, page=50),
    "page 3,000": lambda store: queue(store, page=3_000),
    "one team, critical misses": lambda store: queue(
        store, Filters(teams=("VIP",), verdicts=("missed",), severities=("critical",))
    ),
    "one kind": lambda store: queue(store, Filters(kinds=("policy_shield",), verdicts=("missed",))),
    "one kind, not reviewed": lambda store: queue(
        store, Filters(kinds=("policy_shield",), verdicts=("missed",), reviewed=False)
    ),
    "one kind, one team": lambda store: queue(store, Filters(kinds=("policy_shield",), teams=("VIP",))),
    "one kind, page 100": lambda store: queue(store, Filters(kinds=("policy_shield",)), page=100),
    "confirmed": lambda store: queue(store, Filters(decisions=("confirm",))),
    "not decided": lambda store: queue(store, Filters(decisions=("none",))),
    "one language, unresolved": lambda store: queue(store, Filters(languages=("zh",), outcomes=("unresolved",))),
    "one agent": lambda store: queue(store, Filters(agents=("Ada Adler",))),
    "search: a word": lambda store: queue(store, Filters(text="router")),
    "search: a phrase": lambda store: queue(store, Filters(text='"unplug the router"')),
    "search: two words": lambda store: queue(store, Filters(text="refund arrived")),
    "search: two words, not reviewed": lambda store: queue(store, Filters(text="refund arrived", reviewed=False)),
    "search: two words, one team": lambda store: queue(store, Filters(text="refund arrived", teams=("VIP",))),
    "search: two words, one kind": lambda store: queue(store, Filters(text="refund arrived", kinds=("policy_shield",))),
    "search: Chinese": lambda store: queue(store, Filters(text="退款")),
    "search: in every call": lambda store: queue(store, Filters(text="i have")),
    "search: a rare word": lambda store: queue(store, Filters(text="zebra")),
    "next call": lambda store: next_call(store, Filters(reviewed=False)),
    "choices of filters": lambda store: choices(store),
}


def main() -> None:
    """Prints a line for each question, and which are over the aim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    options = parser.parse_args()
    with Store.open(options.store, create=False) as store:
        print(f"{store.count()} calls; median of {TIMES}: ms by the clock, ms of the processor")
        for question, ask in QUESTIONS.items():
            ask(store)
            clock, processor = (
                statistics.median(times) for times in zip(*(timed(ask, store) for _ in range(TIMES)), strict=True)
            )
            print(
                f"{question:34}{clock:8.1f}{processor:8.1f}{'   over the aim' if processor > AIM_MS else ''}",
                flush=True,
            )


def timed(ask: Callable[[Store], object], store: Store) -> tuple[float, float]:
    """Milliseconds by the clock and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    ask(store)
    return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)


if __name__ == "__main__":
    main()
