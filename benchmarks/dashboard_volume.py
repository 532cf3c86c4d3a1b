"""Fills a store with as many calls as a year of a call centre: 100,000 calls, a million moments, two languages.

    python benchmarks/dashboard_volume.py year.db --calls 100000

`dashboard_speed.py` times what the dashboard asks of it.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from volume_texts import AGENT, AGENTS, CUSTOMER, INSTRUCTIONS, NEEDS, REASONS, REQUESTS, TEAMS

from monitor.records import STANDALONE_KINDS
from monitor.store import Store
from monitor.store.search import transcript_parts

LAST_DAY = datetime(2026, 6, 30, tzinfo=UTC)
DAYS = 365
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MISSED = (
    ("unacknowledged_frustration", "critical", 9), ("repeated_instruction", "critical", 8), ("repeat_contact", "critical", 6),
    ("rushed_close", "critical", 4), ("policy_shield", "critical", 4), ("contradiction", "critical", 2),
    ("background_distress", "critical", 1), ("interrogation", "minor", 6), ("unexplained_hold", "minor", 7),
    ("talk_over", "minor", 6), ("hollow_apology", "minor", 4), ("unexplained_failure", "minor", 4),
    ("tone_mismatch", "minor", 2), ("unmet_need", "minor", 4), ("divided_attention", "minor", 2),
)  # fmt: skip
ALONE = tuple(sorted(STANDALONE_KINDS))
TOPICS = {"reason": REASONS, "instruction": INSTRUCTIONS, "refusal": REQUESTS, "need": NEEDS}
TOPIC_OF = {"repeated_instruction": "instruction", "policy_shield": "refusal", "unmet_need": "need"}
TRUST = {kind: 0.1 + 0.4 * (place * 7 % 11) / 11 for place, kind in enumerate((*(m[0] for m in MISSED), *ALONE))}
"""By kind, how often reviewers would agree with the least sure flag: some detectors are better than others."""
BATCH = 1_000

Row = dict[str, Any]


class Factory:
    """Makes calls, each different, from a few hundred dialogues."""

    def __init__(self, calls: int, seed: int = 7) -> None:
        self.random = random.Random(seed)
        self.calls = calls
        self.dialogues = [self._dialogue() for _ in range(min(300, calls))]
        self.themes = self._themes()

    def _dialogue(self) -> Row:
        language = self.random.choices(("en", "zh"), (7, 3))[0]
        turns, t = [], 0.0
        for index in range(self.random.randint(14, 44)):
            agent = index % 2 == 0
            if index == 1:
                text = self.random.choice(REASONS[language])
            elif agent:
                text = self.random.choice(AGENT[language] + INSTRUCTIONS[language])
            else:
                text = self.random.choice(CUSTOMER[language] + REQUESTS[language] + NEEDS[language])
            length_s = 1.0 + len(text) * (0.07 if language == "en" else 0.2)
            level = None if agent else round(self.random.random(), 3)
            turns.append({
                "start_s": round(t, 2), "end_s": round(t + length_s, 2), "index": index, "text": text, "words": [],
                "speaker": "agent" if agent else "customer", "voice": None, "acts": {"instructs": 0.8} if agent else {},
                "frustration": level,
            })  # fmt: skip
            t += length_s + self.random.expovariate(1.0)
        points = [
            {"time_s": turn["end_s"], "level": turn["frustration"], "low": turn["frustration"] * 0.8,
             "high": min(1.0, turn["frustration"] * 1.2), "causes": {"words": 0.1, "voice": 0.0, "turn_taking": 0.0, "background": 0.0}}
            for turn in turns if turn["frustration"] is not None
        ]  # fmt: skip
        shape = np.abs(np.random.default_rng(len(turns)).normal(0, 40, round(t * 20) * 2))
        return {
            "language": language, "turns": turns, "points": points, "duration_s": round(t + 1, 2),
            "turns_json": json.dumps(turns, ensure_ascii=False), "points_json": json.dumps(points),
            "tokens": transcript_parts((turn["text"] for turn in turns), "sqlite"),
            "waveform": zlib.compress(np.minimum(shape, 255).astype(np.uint8).tobytes()),
        }  # fmt: skip

    def _themes(self) -> dict[tuple[str, str], int]:
        """By topic and text, the theme; both languages share one."""
        themes: dict[tuple[str, str], int] = {}
        for topic, texts in TOPICS.items():
            for pair in zip(texts["en"], texts["zh"], strict=True):
                number = len(set(themes.values())) + 1
                themes |= {(topic, text): number for text in pair}
        return themes

    def theme_rows(self) -> list[Row]:
        """The rows of `themes`."""
        rows: dict[int, Row] = {}
        for (topic, text), number in self.themes.items():
            vector = np.random.default_rng(number).standard_normal(512).astype(np.float32)
            unit = (vector / np.linalg.norm(vector)).tobytes()
            rows.setdefault(
                number, {"theme_id": number, "topic": topic, "text": text, "language": "en", "vector": unit, "uses": 1}
            )
        return list(rows.values())

    def call(self, number: int) -> dict[str, list[Row]]:
        """The rows of every table for one call."""
        dialogue = self.random.choice(self.dialogues)
        call_id = f"call-{number:06d}"
        called_at = self._when(number)
        agent = self.random.randrange(len(AGENTS))
        team = TEAMS[agent % len(TEAMS)]
        # The centre learns: in a year the misses fall by a third; agents differ in skill.
        skill = 0.25 + 0.5 * (agent * 37 % 100) / 100 + 0.15 * number / self.calls
        moments = self._moments(dialogue, skill)
        decided = self._decisions(moments) if self.random.random() < 0.06 else [None] * len(moments)
        call = self._call_row(call_id, dialogue, called_at, AGENTS[agent], team, moments, decided)
        keys = {"call_id": call_id}
        return {
            "calls": [call],
            "reports": [keys | {"json": self._report(call, dialogue, moments)}],
            "turns": [
                keys | {"position": t["index"], "acts": json.dumps(t["acts"])}
                | {name: t[name] for name in ("speaker", "start_s", "end_s", "text", "frustration")}
                for t in dialogue["turns"]
            ],
            "moments": [
                keys | {name: value for name, value in m.items() if name != "response"}
                | {"position": k, "response_turn": m["response"] and m["response"]["turn"],
                   "latency_s": m["response"] and m["response"]["latency_s"],
                   "found_kind": m["kind"], "found_verdict": m["verdict"], "decision": decided[k]}
                for k, m in enumerate(moments)
            ],
            "frustration_points": [
                keys | {"position": k, **{n: v for n, v in p.items() if n != "causes"}, **p["causes"]}
                for k, p in enumerate(dialogue["points"])
            ],
            "transcripts": [keys | {"id": number + 1}],
            "transcript_tokens": [{"rowid": number + 1, "tokens": " ".join((*dialogue["tokens"], f"order{number}"))}],
            "mentions": self._mentions(call, dialogue, moments),
            "reviews": [
                keys | {"subject": f"{m['kind']}-{k}", "at": _stamp(called_at + timedelta(days=1)), "reviewer": "Ana",
                        "decision": decided[k], "kind": None, "verdict": None, "comment": "", "moment": json.dumps(m)}
                for k, m in enumerate(moments) if decided[k]
            ],
            "waveforms": [keys | {"peaks_hz": 20.0, "sides": '["left", "right"]', "peaks": dialogue["waveform"]}],
            "runs": [self._run(call)],
        }  # fmt: skip

    def _when(self, number: int) -> datetime:
        day = LAST_DAY - timedelta(days=DAYS - 1 - number * DAYS // self.calls)
        while day.weekday() >= 5 and self.random.random() < 0.7:
            day -= timedelta(days=1)
        return day + timedelta(hours=min(21, max(7, self.random.gauss(13, 3))), seconds=self.random.randrange(3600))

    def _moments(self, dialogue: Row, skill: float) -> list[Row]:
        agents = [turn for turn in dialogue["turns"][2:] if turn["speaker"] == "agent"]
        names, severities, weights = zip(*MISSED, strict=True)
        found = []
        for _ in range(min(len(agents), max(0, round(self.random.gauss(11.3, 4))))):
            turn = self.random.choice(agents)
            before = dialogue["turns"][turn["index"] - 1]
            if self.random.random() < 0.25:
                kind, severity, verdict = self.random.choice(ALONE), "minor", "handled"
            else:
                which = self.random.choices(range(len(names)), weights)[0]
                kind, severity = names[which], severities[which]
                verdict = (
                    "handled" if self.random.random() < skill else self.random.choices(("missed", "late"), (9, 1))[0]
                )
            met = verdict != "missed"
            found.append({
                "kind": kind, "verdict": verdict, "severity": severity, "turn": turn["index"], "opening_turn": before["index"],
                "start_s": before["start_s"], "end_s": turn["end_s"], "confidence": round(self.random.betavariate(5, 2), 3),
                "quote": before["text"], "why": "The agent took it up." if met else "The agent went on without a word about it.",
                "response": {"turn": turn["index"], "latency_s": round(turn["start_s"] - before["end_s"], 2)} if met else None,
            })  # fmt: skip
        return sorted(found, key=lambda moment: (moment["start_s"], moment["end_s"]))

    def _decisions(self, moments: list[Row]) -> list[str | None]:
        """The surer the detector, the oftener a reviewer agrees."""
        return [
            ("confirm" if self.random.random() < TRUST[m["kind"]] + 0.6 * m["confidence"] else "dismiss")
            if self.random.random() < 0.6 else None
            for m in moments
        ]  # fmt: skip

    def _call_row(
        self,
        call_id: str,
        dialogue: Row,
        called_at: datetime,
        agent: str,
        team: str,
        moments: list[Row],
        decided: list[str | None],
    ) -> Row:
        counted = [m for m, decision in zip(moments, decided, strict=True) if decision != "dismiss"]
        missed = [m for m in counted if m["verdict"] == "missed"]
        answered = [m for m in counted if m["verdict"] == "missed" or m["kind"] not in STANDALONE_KINDS]
        met = sum(m["verdict"] == "handled" for m in answered)
        peak = round(min(1.0, self.random.betavariate(2, 3) + 0.05 * len(missed)), 3)
        outcome = self.random.choices(("resolved", "unresolved", "escalated"), (6, 3, 1))[0]
        end = round(peak * self.random.uniform(0.2, 1.0), 3)
        reviewed = any(decided)
        critical = sum(m["severity"] == "critical" for m in missed)
        return {
            "call_id": call_id, "source": f"{call_id}.wav", "content_sha256": call_id, "analyzed_at": _stamp(called_at + timedelta(hours=2)),
            "started_at": _stamp(called_at), "agent_name": agent, "team": team, "language": dialogue["language"],
            "duration_s": dialogue["duration_s"], "layout": "stereo", "agent_side": "left", "role_confidence": 0.98,
            "outcome": outcome, "recovered": peak >= 0.6 and end <= peak - 0.3 and outcome == "resolved",
            "contact_value": self.random.choices(("eliminate", "simplify", "automate", "leverage"), (5, 2, 2, 1))[0],
            "peak_frustration": peak, "end_frustration": end, "critical_missed": critical, "minor_missed": len(missed) - critical,
            "handled": sum(m["verdict"] == "handled" for m in counted), "empathy_rate": met / len(answered) if answered else None,
            "partial": False, "lost_s": 0.0, "heard_version": "0.1.0", "rules_version": "volume", "called_at": _stamp(called_at),
            "called_hour": int((called_at - EPOCH).total_seconds() // 3600),
            "repeat_contacts": sum(m["kind"] == "repeat_contact" for m in counted),
            "holds": sum(m["kind"] == "unexplained_hold" for m in counted), "transfers": int(outcome == "escalated"),
            "repeats": sum(m["kind"] == "repeated_instruction" for m in counted), "openings": len(answered), "met": met,
            "attention": peak + sum(m["confidence"] * (1.0 if m["severity"] == "critical" else 0.2) for m in missed),
            "assigned_to": "Ana" if reviewed else None, "reviewed_by": "Ana" if reviewed else None,
            "reviewed_at": _stamp(called_at + timedelta(days=1)) if reviewed else None, "agent_side_given": None,
        }  # fmt: skip

    def _report(self, call: Row, dialogue: Row, moments: list[Row]) -> str:
        summary = {name: call[name] for name in (
            "outcome", "recovered", "contact_value", "peak_frustration", "end_frustration", "critical_missed", "minor_missed",
            "handled", "empathy_rate",
        )} | {"effort": {"repeat_contact": call["repeat_contacts"], "holds": call["holds"], "transfers": 0, "repeats": call["repeats"]}}  # fmt: skip
        head = json.dumps({"schema": "heard.call/1", "call_id": call["call_id"], "source": call["source"], "language": call["language"],
                           "duration_s": call["duration_s"], "channels": {"layout": "stereo", "agent": "left", "role_confidence": 0.98}})  # fmt: skip
        tail = json.dumps(
            {
                "summary": summary,
                "provenance": {"heard": "0.1.0", "models": {"words": "whisper-base"}, "rules": "volume"},
            }
        )
        middle = f'"turns": {dialogue["turns_json"]}, "frustration": {dialogue["points_json"]}'
        return f'{head[:-1]}, {middle}, "moments": {json.dumps(moments, ensure_ascii=False)}, {tail[1:]}'

    def _mentions(self, call: Row, dialogue: Row, moments: list[Row]) -> list[Row]:
        said = [("reason", dialogue["turns"][1]["text"], 1)]
        for moment in moments:
            topic = TOPIC_OF.get(moment["kind"])
            if topic and (topic != "instruction" or moment["verdict"] == "missed"):
                said.append((topic, self._skewed(TOPICS[topic][call["language"]]), moment["turn"]))
        once = {(topic, self.themes[topic, text]): (topic, text, turn) for topic, text, turn in reversed(said)}
        return [
            {"call_id": call["call_id"], "position": k, "theme_id": self.themes[topic, text], "topic": topic, "text": text,
             "day": call["called_hour"] // 24, "team": call["team"], "contact_value": call["contact_value"], "turn": turn,
             "start_s": dialogue["turns"][turn]["start_s"]}
            for k, (topic, text, turn) in enumerate(once.values())
        ]  # fmt: skip

    def _skewed(self, texts: tuple[str, ...]) -> str:
        return texts[min(int(self.random.expovariate(0.5)), len(texts) - 1)]

    def _run(self, call: Row) -> Row:
        failed = self.random.random() < 0.01
        return {
            "at": call["analyzed_at"], "took_s": round(call["duration_s"] * 0.1, 2), "source": call["source"],
            "call_id": None if failed else call["call_id"], "outcome": "failed" if failed else "analysed",
            "error": f"{call['source']} holds nothing that can be decoded; export it again." if failed else "",
            "heard": "0.1.0", "models": json.dumps({"words": "whisper-base"}), "rules": "volume", "duration_s": call["duration_s"],
        }  # fmt: skip


def make(path: Path, calls: int) -> None:
    """Write a store of so many calls, some ten moments each."""
    if path.exists():
        sys.exit(f"{path} exists; remove it first.")
    Store.open(str(path)).close()
    factory = Factory(calls)
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY;")
    _insert(connection, "themes", factory.theme_rows())
    began = time.perf_counter()
    for first in range(0, calls, BATCH):
        tables: dict[str, list[Row]] = {}
        for number in range(first, min(first + BATCH, calls)):
            for table, rows in factory.call(number).items():
                tables.setdefault(table, []).extend(rows)
        for table, rows in tables.items():
            _insert(connection, table, rows)
        connection.commit()
        print(f"\r{first + BATCH:,} calls, {time.perf_counter() - began:.0f} s", end="", flush=True)
    connection.execute("""
        INSERT INTO tallies (day, team, language, kind, verdict, severity, n)
        SELECT called_hour / 24, team, language, kind, verdict, severity, count(*)
        FROM calls JOIN moments USING (call_id) WHERE coalesce(decision, '') != 'dismiss' GROUP BY 1, 2, 3, 4, 5, 6
    """)
    connection.execute("""
        INSERT INTO call_tallies (day, team, language, contact_value, calls, critical, minor, openings, met, frustrated,
            recovered, repeat_contacts, resolved)
        SELECT called_hour / 24, team, language, contact_value, count(*), sum(critical_missed), sum(minor_missed),
            sum(openings), sum(met), sum(peak_frustration >= 0.6), sum(recovered), sum(repeat_contacts > 0),
            sum(outcome = 'resolved')
        FROM calls GROUP BY 1, 2, 3, 4
    """)
    connection.execute("INSERT INTO transcript_tokens(transcript_tokens) VALUES ('optimize')")
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()
    print(f"\n{path}: {path.stat().st_size / 1e9:.1f} GB in {time.perf_counter() - began:.0f} s")


def _insert(connection: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    if not rows:
        return
    names = list(rows[0])
    query = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    connection.executemany(query, ([row[name] for name in names] for row in rows))


def _stamp(instant: datetime) -> str:
    """A time as SQLAlchemy keeps it in SQLite."""
    return instant.replace(tzinfo=None).isoformat(" ", "microseconds")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--calls", type=int, default=100_000)
    given = parser.parse_args()
    make(given.store, given.calls)


if __name__ == "__main__":
    main()
