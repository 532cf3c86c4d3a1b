"""How fast stored calls are judged anew when rules have changed.

    python benchmarks/rejudge_speed.py --calls 10000

A dozen calls of forty turns are read by the models once and stored many times over; then `heard rules apply` follows three changes of
the rules: one threshold, one new rule with example sentences, and every kind at once. A core's speed is calls by seconds of
processor time, of all processes together, reading and writing the store included.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text
from volume_texts import AGENT, CUSTOMER

from audio.facts import CallFacts, Turn, Word
from monitor.analyze import Analyzer, HeardCall
from monitor.records import Channels
from monitor.rejudge import rejudge_all
from monitor.rules import default_rules
from monitor.settings import Settings
from monitor.store import Store
from monitor.store.check import repair
from monitor.store.rejudged import record_rules

DIFFERENT = 12
TURNS = 40
CHANGES: dict[str, dict[str, Any]] = {
    "one threshold": {"moments": {"unexplained_hold": {"silence_s": 15}}},
    "one rule with examples": {
        "rules": {"cancels": {"role": "customer", "means": ["I want to cancel.", "I'll take my business elsewhere."]}}
    },
    "every kind": {"moments": {name: {"missed_at": 0.41} for name in default_rules().moments}},
}


def main() -> None:
    """Fills a store and prints a line for each change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        name = str(Path(folder) / "rejudge.db")
        print(f"{fill(name, options.calls)} bytes kept of a call of {TURNS} turns")
        for change, rules in CHANGES.items():
            begun, used = time.perf_counter(), processor_s()
            done = rejudge_all(Settings(store=name, **rules), workers=options.workers)
            took, used = time.perf_counter() - begun, processor_s() - used
            rate = done.judged / used
            print(
                f"{change:24}{done.judged:7} calls  {took:6.1f} s  {rate:6.0f} calls a second of one core", flush=True
            )


def processor_s() -> float:
    """Processor time of this process and of those that it has started and that have ended."""
    of = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in of)


def fill(name: str, calls: int) -> int:
    """A store of so many calls; gives the bytes that are kept of one, on average."""
    analyzer = Analyzer(Settings())
    sizes = []
    with Store.open(name) as store:
        for number in range(DIFFERENT):
            examined = analyzer.rejudge(analyzer.understand(made(number)))
            store.save(examined.report, content_sha256=str(number), mentions=examined.mentions, kept=examined.kept)
            sizes.append(len(examined.kept.understood) if examined.kept else 0)
        record_rules(store, analyzer.rules.fingerprint, analyzer.rules.to_json())
        copy(store, -(-calls // DIFFERENT) - 1)
        repair(store)
    return sum(sizes) // len(sizes)


def made(number: int) -> HeardCall:
    """A call of forty turns with timed words."""
    choose = random.Random(number)
    turns: list[Turn] = []
    at = 0.0
    for index in range(TURNS):
        said = choose.choice((CUSTOMER if index % 2 else AGENT)["en"])
        words = []
        at += choose.uniform(0.2, 2.0)
        start = at
        for word in said.split():
            words.append(Word(text=word, start_s=round(at, 2), end_s=round(at + 0.3, 2), confidence=choose.random()))
            at += 0.35
        speaker = "customer" if index % 2 else "agent"
        turns.append(Turn(index=index, speaker=speaker, start_s=start, end_s=at, text=said, words=tuple(words)))
    facts = CallFacts(source=f"{number}.wav", language="en", duration_s=at, layout="stereo", turns=tuple(turns))
    return HeardCall(call_id=f"call-{number:02}", facts=facts, channels=Channels(layout="stereo", agent="left"))


def copy(store: Store, times: int) -> None:
    """Every call so many times more, under other names; what is said in them is not searched for here."""
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {times})"
    with store.transaction(write=True) as connection:
        for table in ("calls", "reports", "turns", "moments", "frustration_points", "mentions", "kept", "words"):
            columns = [row[1] for row in connection.execute(text(f"PRAGMA table_info({table})"))]
            values = ["call_id || '-' || n" if column == "call_id" else column for column in columns]
            if table == "reports":
                new = "'\"call_id\":\"' || call_id || '-' || n || '\"'"
                values[columns.index("json")] = f"replace(json, '\"call_id\":\"' || call_id || '\"', {new})"
            statement = f"{numbers} SELECT {', '.join(values)} FROM {table}, numbers"
            connection.execute(text(f"INSERT INTO {table} ({', '.join(columns)}) {statement}"))


if __name__ == "__main__":
    main()
