"""Single moments across many calls: examples for a training session, and what reviewers' verdicts say of each detector."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

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


class Judged(Fact):
    """One moment that a reviewer judged."""

    confidence: float
    right: bool


_MOMENT = ("kind", "verdict", "severity", "start_s", "end_s", "confidence", "quote", "why", "latency_s", "decision")
_CALL = ("call_id", "called_at", "agent_name", "team", "layout")


def examples(store: Store, filters: Filters, *, most: int = 20, newest_first: bool = False) -> tuple[Example, ...]:
    """Moments that fit the filters: those that a reviewer confirmed first, then the surest; or the newest."""
    columns = [getattr(Call, name) for name in _CALL] + [getattr(MomentRow, name) for name in _MOMENT]
    confirmed = (func.coalesce(MomentRow.decision, "") == "confirm").desc()
    order = [Call.called_at.desc()] if newest_first else [confirmed, MomentRow.confidence.desc(), Call.called_at.desc()]
    about_calls = filters.model_copy(update={"kinds": (), "severities": (), "verdicts": (), "decisions": ()})
    with store.transaction(write=False) as connection:
        query = select(*columns).join(Call, Call.call_id == MomentRow.call_id)
        query = query.where(*conditions(about_calls, connection.dialect.name))
        query = query.where(func.coalesce(MomentRow.decision, "") != "dismiss")
        if filters.kinds:
            query = query.where(MomentRow.kind.in_(filters.kinds))
        if filters.verdicts:
            query = query.where(MomentRow.verdict.in_(filters.verdicts))
        if filters.severities:
            query = query.where(MomentRow.severity.in_(filters.severities))
        query = query.order_by(*order, MomentRow.call_id, MomentRow.position).limit(most)
        return tuple(Example(**dict(row)) for row in connection.execute(query).mappings())


def records(store: Store) -> tuple[Record, ...]:
    """By kind and verdict, how often reviewers agreed with the detector."""
    keys = (MomentRow.found_kind, MomentRow.found_verdict)
    query = (
        select(*keys, MomentRow.decision, func.count())
        .where(MomentRow.decision.is_not(None), MomentRow.found_kind.is_not(None))
        .group_by(*keys, MomentRow.decision)
        .order_by(*keys)
    )
    found: dict[Any, list[int]] = {}
    with store.transaction(write=False) as connection:
        for kind, verdict, decision, n in connection.execute(query):
            found.setdefault((kind, verdict), [0, 0])[decision != "confirm"] += n
    return tuple(Record(kind=kind, verdict=verdict, confirmed=n[0], wrong=n[1]) for (kind, verdict), n in found.items())


def judged(store: Store, kind: str, verdict: Verdict) -> tuple[Judged, ...]:
    """Every judged moment that a detector found, the surest first."""
    query = (
        select(MomentRow.confidence, MomentRow.decision)
        .where(MomentRow.decision.is_not(None), MomentRow.found_kind == kind, MomentRow.found_verdict == verdict)
        .order_by(MomentRow.confidence.desc())
    )
    with store.transaction(write=False) as connection:
        return tuple(Judged(confidence=row[0], right=row[1] == "confirm") for row in connection.execute(query))


def added_by_reviewers(store: Store) -> dict[tuple[str, Verdict], int]:
    """By kind and verdict, how many moments reviewers added that no detector had found."""
    query = (
        select(MomentRow.kind, MomentRow.verdict, func.count())
        .where(MomentRow.decision.is_not(None), MomentRow.found_kind.is_(None), MomentRow.decision != "dismiss")
        .group_by(MomentRow.kind, MomentRow.verdict)
    )
    with store.transaction(write=False) as connection:
        found: dict[Any, int] = {(row[0], row[1]): row[2] for row in connection.execute(query)}
    return found
