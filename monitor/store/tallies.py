"""Counts of moments by day, team, language, kind, verdict and severity, kept up to date as calls are saved and reviewed.

A million moments are grouped in seconds, their tallies in a tenth of one.
"""

from collections import Counter

from sqlalchemy import Connection, delete, func, select, text

from monitor.store.more_tables import Tally
from monitor.store.tables import Call, MomentRow

Key = tuple[int, str, str, str, str, str]
"""Day, team, language, kind, verdict, severity."""

_ADD = text("""
    INSERT INTO tallies (day, team, language, kind, verdict, severity, n)
    VALUES (:day, :team, :language, :kind, :verdict, :severity, :n)
    ON CONFLICT (day, team, language, kind, verdict, severity) DO UPDATE SET n = tallies.n + excluded.n
""")


def tally_of(connection: Connection, call_id: str) -> Counter[Key]:
    """What a call adds to the tallies, as it is stored now."""
    query = (
        select(
            Call.called_hour // 24,
            func.coalesce(Call.team, ""),
            Call.language,
            MomentRow.kind,
            MomentRow.verdict,
            MomentRow.severity,
            func.count(),
        )
        .join(MomentRow, MomentRow.call_id == Call.call_id)
        .where(Call.call_id == call_id, func.coalesce(MomentRow.decision, "") != "dismiss")
        .group_by(Call.called_hour, Call.team, Call.language, MomentRow.kind, MomentRow.verdict, MomentRow.severity)
    )
    return Counter({(*row[:6],): row[6] for row in connection.execute(query)})


def move_tallies(connection: Connection, before: Counter[Key], after: Counter[Key]) -> None:
    """Take away what a call added before, and add what it adds now."""
    change = Counter(after)
    change.subtract(before)
    # In one order everywhere, so that two writers never wait for each other's rows.
    rows = [dict(zip(_NAMES, (*key, n), strict=True)) for key, n in sorted(change.items()) if n]
    if rows:
        connection.execute(_ADD, rows)
        connection.execute(delete(Tally).where(Tally.n <= 0))


_NAMES = ("day", "team", "language", "kind", "verdict", "severity", "n")
