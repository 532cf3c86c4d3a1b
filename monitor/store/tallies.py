"""Counts by day of moments and of calls, kept up to date as calls are saved and reviewed.

A million moments are grouped in seconds, their tallies in a tenth of one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, TextClause, case, delete, func, literal, select, text, true

from monitor.store.figures import FRUSTRATED
from monitor.store.tables import Call, MomentRow
from monitor.store.tally_tables import CallTally, Tally

Key = tuple[Any, ...]

_MOMENT_KEY = ("day", "team", "language", "kind", "verdict", "severity")
_CALL_KEY = ("day", "team", "language", "contact_value")


def _counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


COUNTS: dict[str, ColumnElement[int]] = {
    "calls": literal(1),
    "critical": Call.critical_missed.expression,
    "minor": Call.minor_missed.expression,
    "openings": Call.openings.expression,
    "met": Call.met.expression,
    "frustrated": _counted(Call.peak_frustration >= FRUSTRATED),
    "recovered": _counted(Call.recovered.is_(True)),
    "repeat_contacts": _counted(Call.repeat_contacts > 0),
    "resolved": _counted(Call.outcome == "resolved"),
}
"""What one call adds to each figure, by the name that it has in `call_tallies`."""


def _adding(table: str, key: Sequence[str], counts: Iterable[str]) -> TextClause:
    """Adds counts to the row of a key, which may be new."""
    names = [*key, *counts]
    more = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in counts)
    return text(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {more}"
    )


_ADD_MOMENTS = _adding("tallies", _MOMENT_KEY, ("n",))
_ADD_CALLS = _adding("call_tallies", _CALL_KEY, COUNTS)


@dataclass(frozen=True)
class Tallied:
    """What calls add to the tallies."""

    moments: Counter[Key]
    calls: dict[Key, tuple[int, ...]]
    """The values are in the order of `COUNTS`; there is no row where no call is stored."""


def tally_of(connection: Connection, *call_ids: str) -> Tallied:
    """What calls add to the tallies together, as they are stored now."""
    return _tallied(connection, Call.call_id.in_(call_ids))


def recount(connection: Connection) -> Tallied:
    """What all calls add to the tallies together, counted anew."""
    return _tallied(connection, true())


def standing_tallies(connection: Connection) -> Tallied:
    """The tallies as they stand."""
    moments = select(*(getattr(Tally, name) for name in _MOMENT_KEY), Tally.n)
    calls = select(*(getattr(CallTally, name) for name in (*_CALL_KEY, *COUNTS)))
    keys = len(_CALL_KEY)
    return Tallied(
        moments=Counter({(*row[:-1],): row[-1] for row in connection.execute(moments)}),
        calls={(*row[:keys],): (*row[keys:],) for row in connection.execute(calls)},
    )


def _tallied(connection: Connection, which: ColumnElement[bool]) -> Tallied:
    place = (Call.called_hour, func.coalesce(Call.team, ""), Call.language)
    moments = (
        select(*place, MomentRow.kind, MomentRow.verdict, MomentRow.severity, func.count())
        .join(MomentRow, MomentRow.call_id == Call.call_id)
        .where(which, func.coalesce(MomentRow.decision, "") != "dismiss")
        .group_by(Call.called_hour, Call.team, Call.language, MomentRow.kind, MomentRow.verdict, MomentRow.severity)
    )
    calls = select(*place, Call.contact_value, *COUNTS.values()).where(which)
    of_moments: Counter[Key] = Counter()
    for hour, *rest, n in connection.execute(moments):
        of_moments[hour // 24, *rest] += n
    of_calls: dict[Key, tuple[int, ...]] = {}
    for hour, team, language, value, *counts in connection.execute(calls):
        key = (hour // 24, team, language, value)
        of_calls[key] = tuple(map(sum, zip(counts, of_calls.get(key, (0,) * len(counts)), strict=True)))
    return Tallied(moments=of_moments, calls=of_calls)


def move_tallies(connection: Connection, before: Tallied, after: Tallied) -> None:
    """Take away what a call added before, and add what it adds now."""
    change = Counter(after.moments)
    change.subtract(before.moments)
    # In one order everywhere, so that two writers never wait for each other's rows.
    rows = [dict(zip((*_MOMENT_KEY, "n"), (*key, n), strict=True)) for key, n in sorted(change.items()) if n]
    if rows:
        connection.execute(_ADD_MOMENTS, rows)
        connection.execute(delete(Tally).where(Tally.n <= 0))
    none = (0,) * len(COUNTS)
    for key in sorted({*before.calls, *after.calls}):
        then, now = before.calls.get(key, none), after.calls.get(key, none)
        if then != now:
            more = [new - old for old, new in zip(then, now, strict=True)]
            connection.execute(_ADD_CALLS, dict(zip((*_CALL_KEY, *COUNTS), (*key, *more), strict=True)))
            if key not in after.calls:
                connection.execute(delete(CallTally).where(CallTally.calls <= 0))
