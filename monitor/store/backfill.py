"""Fills what schema 0002 added from the reports that a store of schema 0001 has."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from monitor.records import STANDALONE_KINDS
from monitor.store.search import put_transcript

_BATCH = 200


def fill(connection: Connection) -> None:
    """Ranking, time axis, effort, search tokens and tallies of every call that is stored."""
    connection.execute(text("UPDATE moments SET found_kind = kind, found_verdict = verdict"))
    for call_ids in _batches(connection):
        for call_id in call_ids:
            _fill_call(connection, call_id)
    connection.execute(
        text("""
            INSERT INTO tallies (day, team, language, kind, verdict, severity, n)
            SELECT called_hour / 24, coalesce(team, ''), language, kind, verdict, severity, count(*)
            FROM calls JOIN moments USING (call_id) GROUP BY 1, 2, 3, 4, 5, 6
        """)
    )


def _batches(connection: Connection) -> Iterator[list[str]]:
    query = text(f"SELECT call_id FROM calls WHERE call_id > :after ORDER BY call_id LIMIT {_BATCH}")
    after: str | None = None
    while True:
        rows = connection.execute(
            query if after is not None else text(f"SELECT call_id FROM calls ORDER BY call_id LIMIT {_BATCH}"),
            {"after": after} if after is not None else {},
        )
        found = [str(call_id) for (call_id,) in rows]
        if not found:
            return
        yield found
        after = found[-1]


def _fill_call(connection: Connection, call_id: str) -> None:
    of_call = {"call_id": call_id}
    call = connection.execute(
        text("SELECT started_at, analyzed_at, peak_frustration FROM calls WHERE call_id = :call_id"), of_call
    ).one()
    report = connection.execute(text("SELECT json FROM reports WHERE call_id = :call_id"), of_call).scalar()
    moments = connection.execute(
        text("SELECT kind, verdict, severity, confidence FROM moments WHERE call_id = :call_id"), of_call
    ).all()
    called_at = _instant(call.started_at or call.analyzed_at)
    missed = [moment for moment in moments if moment.verdict == "missed"]
    answered = [moment for moment in moments if moment.verdict == "missed" or moment.kind not in STANDALONE_KINDS]
    connection.execute(
        text("""
            UPDATE calls SET called_at = :called_at, called_hour = :called_hour, openings = :openings, met = :met,
                attention = :attention, repeat_contacts = :repeat_contact, holds = :holds, transfers = :transfers,
                repeats = :repeats
            WHERE call_id = :call_id
        """),
        {
            **of_call,
            **_effort(report),
            "called_at": called_at.isoformat(" ", "microseconds") if connection.dialect.name == "sqlite" else called_at,
            "called_hour": int((called_at - datetime(1970, 1, 1)).total_seconds() // 3600),
            "openings": len(answered),
            "met": sum(moment.verdict == "handled" for moment in answered),
            "attention": call.peak_frustration
            + sum(moment.confidence * (1.0 if moment.severity == "critical" else 0.2) for moment in missed),
        },
    )
    turns = connection.execute(
        text("SELECT text FROM turns WHERE call_id = :call_id ORDER BY position"), of_call
    ).scalars()
    put_transcript(connection, call_id, turns.all())


def _effort(report: str | None) -> dict[str, int]:
    effort: dict[str, Any] = json.loads(report or "{}").get("summary", {}).get("effort", {})
    return {name: int(effort.get(name, 0)) for name in ("repeat_contact", "holds", "transfers", "repeats")}


def _instant(value: datetime | str) -> datetime:
    # Text queries know no column types, and SQLite keeps times as text.
    return datetime.fromisoformat(value) if isinstance(value, str) else value
