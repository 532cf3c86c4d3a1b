"""Single moments across many calls: examples for a training session, and what reviewers' verdicts say of each detector."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from audio.facts import Fact, Span
from monitor.records import Severity, Verdict
from monitor.store.filters import Filters, conditions
from monitor.store.store import Store
from monitor.store.tables import Call, MomentRow


class Example(Span):
    """A moment worth hearing, and the call that it is in."""

    call_id: str
    called_at: datetime
    agent_name: str | None
    team: str | None
    kind: str
    verdict: Verdict
    found_kind: str | None
    """As the detector found it; None where a reviewer added it."""
    found_verdict: Verdict | None
    severity: Severity
    confidence: float
    quote: str
    why: str
    latency_s: float | None
    decision: str | None
    layout: str


class Record(Fact):
    """What reviewers said of one kind and verdict, as the detector found it."""

    kind: str
    verdict: Verdict
    confirmed: int
    wrong: int
    """Dismissed, or relabelled to something else."""

    @property
    def judged(self) -> int:
        """How many moments were judged."""
        return self.confirmed + self.wrong


class Judged(NamedTuple):
    """One moment that a reviewer judged; a tuple, because there are tens of thousands of them."""

    confidence: float
    right: bool


_MOMENT = (
    "kind", "verdict", "found_kind", "found_verdict", "severity", "start_s", "end_s", "confidence", "quote", "why", "latency_s",
    "decision",
)  # fmt: skip
_CALL = ("call_id", "called_at", "agent_name", "team", "layout")


def examples(store: Store, filters: Filters, *, most: int = 20) -> tuple[Example, ...]:
    """Moments that fit the filters: those that a reviewer confirmed first, then the surest."""
    with store.transaction(write=False) as connection:
        found = _surest(connection, filters, MomentRow.decision == "confirm", most)
        if len(found) < most:
            found += _surest(connection, filters, MomentRow.decision.is_(None), most - len(found))
    return tuple(found)


def _surest(connection: Connection, filters: Filters, decided: ColumnElement[bool], most: int) -> list[Example]:
    # Ordered by confidence alone, which an index has: reading stops as soon as there are enough.
    columns = [getattr(Call, name) for name in _CALL] + [getattr(MomentRow, name) for name in _MOMENT]
    about_calls = filters.model_copy(update={"kinds": (), "severities": (), "verdicts": (), "decisions": ()})
    query = select(*columns).join(Call, Call.call_id == MomentRow.call_id)
    query = query.where(decided, *conditions(about_calls, connection.dialect.name))
    if filters.kinds:
        query = query.where(MomentRow.kind.in_(filters.kinds))
    if filters.verdicts:
        query = query.where(MomentRow.verdict.in_(filters.verdicts))
    if filters.severities:
        query = query.where(MomentRow.severity.in_(filters.severities))
    query = query.order_by(MomentRow.confidence.desc()).limit(most)
    return [Example(**dict(row)) for row in connection.execute(query).mappings()]


def records(store: Store, *, limited_to: Sequence[str] | None = None) -> tuple[Record, ...]:
    """By kind and verdict, how often reviewers agreed with the detector."""
    keys = (MomentRow.found_kind, MomentRow.found_verdict)
    query = (
        select(*keys, MomentRow.decision, func.count())
        .where(MomentRow.decision.is_not(None), MomentRow.found_kind.is_not(None), *_seen(limited_to))
        .group_by(*keys, MomentRow.decision)
        .order_by(*keys)
    )
    found: dict[Any, list[int]] = {}
    with store.transaction(write=False) as connection:
        for kind, verdict, decision, n in connection.execute(query):
            found.setdefault((kind, verdict), [0, 0])[decision != "confirm"] += n
    return tuple(Record(kind=kind, verdict=verdict, confirmed=n[0], wrong=n[1]) for (kind, verdict), n in found.items())


def judged(store: Store, *, limited_to: Sequence[str] | None = None) -> dict[tuple[str, Verdict], tuple[Judged, ...]]:
    """By kind and verdict, as the detector found them, every judged moment."""
    query = select(MomentRow.found_kind, MomentRow.found_verdict, MomentRow.confidence, MomentRow.decision).where(
        MomentRow.decision.is_not(None), MomentRow.found_kind.is_not(None), *_seen(limited_to)
    )
    found: dict[Any, list[Judged]] = {}
    with store.transaction(write=False) as connection:
        for kind, verdict, confidence, decision in connection.execute(query).all():
            found.setdefault((kind, verdict), []).append(Judged(confidence, decision == "confirm"))
    return {sort: tuple(flags) for sort, flags in found.items()}


def added_by_reviewers(store: Store, *, limited_to: Sequence[str] | None = None) -> dict[tuple[str, Verdict], int]:
    """By kind and verdict, how many moments reviewers added that no detector had found."""
    query = (
        select(MomentRow.kind, MomentRow.verdict, func.count())
        .where(
            MomentRow.decision.is_not(None),
            MomentRow.found_kind.is_(None),
            MomentRow.decision != "dismiss",
            *_seen(limited_to),
        )
        .group_by(MomentRow.kind, MomentRow.verdict)
    )
    with store.transaction(write=False) as connection:
        found: dict[Any, int] = {(row[0], row[1]): row[2] for row in connection.execute(query)}
    return found


def _seen(limited_to: Sequence[str] | None) -> list[ColumnElement[bool]]:
    """The condition that a moment is of a team that may be seen."""
    if limited_to is None:
        return []
    return [MomentRow.call_id.in_(select(Call.call_id).where(Call.team.in_(limited_to)))]
