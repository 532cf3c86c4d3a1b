"""The review queue: which calls to listen to, in which order, a page at a time."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from audio.facts import Fact, Span
from monitor.records import Severity, Verdict
from monitor.store.filters import Filters, conditions
from monitor.store.paging import found, plan_for
from monitor.store.records import Scores
from monitor.store.search import may_hold, phrases, says, turns_that_say
from monitor.store.store import Store
from monitor.store.tables import Call, MomentRow, TurnRow

Sort = Literal["attention", "when", "missed", "frustration", "duration", "agent", "empathy"]

_SORTS: dict[Sort, InstrumentedAttribute[Any]] = {
    "attention": Call.attention,
    "when": Call.called_at,
    "missed": Call.critical_missed,
    "frustration": Call.peak_frustration,
    "duration": Call.duration_s,
    "agent": Call.agent_name,
    "empathy": Call.empathy_rate,
}
_NULLABLE: Final = ("agent", "empathy")
"""Orders in which a call may have no place; it then comes behind all others, or before them in the ascending order."""
_MOST_HITS = 3
EVERYTHING: Final = Filters()


class Glimpse(Span):
    """The moment of a call that speaks loudest for listening to it."""

    kind: str
    severity: Severity
    verdict: Verdict
    confidence: float
    quote: str


class Hit(Fact):
    """A turn in which the words searched for were said."""

    turn: int
    speaker: str
    start_s: float
    text: str


class QueueRow(Scores):
    """One call as the queue shows it."""

    call_id: str
    called_at: datetime
    agent_name: str | None
    team: str | None
    language: str
    duration_s: float
    layout: str
    """"transcript" where there is no sound."""
    agent_side: str | None
    agent_side_given: str | None
    """What a reviewer says; where it differs from `agent_side`, the call waits for another analysis."""
    attention: float
    assigned_to: str | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    worst: Glimpse | None = None
    hits: tuple[Hit, ...] = ()


class QueuePage(Fact):
    """A page of the queue; pages are counted from 0."""

    rows: tuple[QueueRow, ...]
    total: int
    """Calls on all pages."""
    counted: bool = True
    """Whether `total` is all of them. Where counting takes long it is as many as were counted, at least one of the next page."""
    page: int
    size: int


class Choices(Fact):
    """What there is to choose from in filters."""

    teams: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    calls: int = 0


_SEEN = tuple(Glimpse.model_fields)
_COLUMNS = [getattr(Call, name) for name in QueueRow.model_fields if name not in ("worst", "hits")]


def queue(
    store: Store,
    filters: Filters = EVERYTHING,
    *,
    sort: Sort = "attention",
    descending: bool = True,
    page: int = 0,
    size: int = 25,
) -> QueuePage:
    """The calls that fit the filters, in order; a page beyond the last is the last."""
    with store.transaction(write=False) as connection:
        order = _order(sort, descending)
        here = found(connection, filters, order, _SORTS[sort], descending=descending, page=page, size=size)
        query = select(*_COLUMNS).where(Call.call_id.in_(here.call_ids)).order_by(*order)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        return QueuePage(
            rows=_dressed(connection, rows, filters),
            total=here.total,
            counted=here.counted,
            page=here.page,
            size=size,
        )


def glance(store: Store, call_id: str, *, limited_to: Sequence[str] | None = None) -> QueueRow | None:
    """One call as the queue shows it; None where there is none, or it is of a team that may not be seen."""
    seen = Filters(limited_to=None if limited_to is None else tuple(limited_to))
    with store.transaction(write=False) as connection:
        where = (Call.call_id == call_id, *conditions(seen, connection.dialect.name))
        rows = [dict(row) for row in connection.execute(select(*_COLUMNS).where(*where)).mappings()]
        return _dressed(connection, rows, EVERYTHING)[0] if rows else None


def next_call(
    store: Store,
    filters: Filters = EVERYTHING,
    *,
    sort: Sort = "attention",
    descending: bool = True,
    after: str | None = None,
) -> str | None:
    """The call that follows `after` in the queue, or the first; None at the end. `after` need not fit the filters."""
    with store.transaction(write=False) as connection:
        where = conditions(filters, connection.dialect.name, plan_for(connection, filters))
        if after is not None:
            key = connection.execute(select(_SORTS[sort]).where(Call.call_id == after)).one_or_none()
            if key is not None:
                where.append(_behind(sort, descending, key[0], after))
        query = select(Call.call_id).where(*where).order_by(*_order(sort, descending)).limit(1)
        return connection.execute(query).scalar()


def find_turns(store: Store, call_id: str, text: str) -> tuple[int, ...]:
    """The turns of a call in which any of the words or phrases is said."""
    asked = phrases(text)
    with store.transaction(write=False) as connection:
        of_call = (TurnRow.call_id == call_id, may_hold(asked, connection.dialect.name))
        query = select(TurnRow.position, TurnRow.text).where(*of_call).order_by(TurnRow.position)
        return tuple(row.position for row in connection.execute(query).all() if says(row.text, asked))


def choices(store: Store, *, limited_to: Sequence[str] | None = None) -> Choices:
    """Every value that a filter may take, for what the asker may see."""
    seen = Filters(limited_to=None if limited_to is None else tuple(limited_to))
    with store.transaction(write=False) as connection:
        where = conditions(seen, connection.dialect.name)
        # One query each: an index answers it then, where all together would read every call.
        first = connection.execute(select(func.min(Call.called_at)).where(*where)).scalar()
        last = connection.execute(select(func.max(Call.called_at)).where(*where)).scalar()
        return Choices(
            teams=_distinct(connection, Call.team, where),
            agents=_distinct(connection, Call.agent_name, where),
            languages=_distinct(connection, Call.language, where),
            assignees=_distinct(connection, Call.assigned_to, where),
            kinds=_distinct(connection, MomentRow.kind, ()),
            since=first and first.date(),
            until=last and last.date(),
            calls=connection.execute(select(func.count()).select_from(Call).where(*where)).scalar_one(),
        )


def _distinct(
    connection: Connection, column: InstrumentedAttribute[Any], where: Sequence[ColumnElement[bool]]
) -> tuple[str, ...]:
    """The distinct values; each is looked up in the index behind the one before, since "distinct" would read every row."""
    least = select(func.min(column).label("value")).where(*where)
    values = least.cte(recursive=True)
    following = select(least.where(column > values.c.value).scalar_subquery()).where(values.c.value.is_not(None))
    found = values.union_all(following)
    return tuple(connection.execute(select(found.c.value).where(found.c.value.is_not(None))).scalars())


def _order(sort: Sort, descending: bool) -> list[ColumnElement[Any]]:
    first, second = (key.desc() if descending else key.asc() for key in (_SORTS[sort], Call.call_id))
    if sort in _NULLABLE:
        first = first.nulls_last() if descending else first.nulls_first()
    return [first, second]


def _behind(sort: Sort, descending: bool, value: Any, call_id: str) -> ColumnElement[bool]:
    key = _SORTS[sort]
    tied = Call.call_id < call_id if descending else Call.call_id > call_id
    if value is None:
        return and_(key.is_(None), tied) if descending else or_(key.is_not(None), tied)
    further = key < value if descending else key > value
    if descending and sort in _NULLABLE:
        further = or_(further, key.is_(None))
    return or_(further, and_(key == value, tied))


def _dressed(connection: Connection, rows: Sequence[dict[str, Any]], filters: Filters) -> tuple[QueueRow, ...]:
    """The rows with their loudest moments, and the turns that were searched for."""
    call_ids = [row["call_id"] for row in rows]
    worst = _worst(connection, call_ids, filters.kinds)
    said = turns_that_say(connection, call_ids, filters.text, most=_MOST_HITS)
    return tuple(
        QueueRow(**row, worst=worst.get(row["call_id"]), hits=_hits(said.get(row["call_id"], ()))) for row in rows
    )


def _worst(connection: Connection, call_ids: Sequence[str], kinds: Sequence[str]) -> dict[str, Glimpse]:
    """By call, its loudest miss; one of these kinds, if there is any."""
    query = select(MomentRow.call_id, *(getattr(MomentRow, name) for name in _SEEN)).where(
        MomentRow.call_id.in_(call_ids),
        MomentRow.verdict == "missed",
        func.coalesce(MomentRow.decision, "") != "dismiss",
    )
    loudest: dict[str, Row[Any]] = {}
    for row in connection.execute(query).all():
        other = loudest.get(row.call_id)
        if other is None or _loudness(row, kinds) > _loudness(other, kinds):
            loudest[row.call_id] = row
    return {call_id: Glimpse(**{name: getattr(row, name) for name in _SEEN}) for call_id, row in loudest.items()}


def _loudness(moment: Row[Any], kinds: Sequence[str]) -> tuple[bool, bool, float, float]:
    return moment.kind in kinds, moment.severity == "critical", moment.confidence, -moment.start_s


def _hits(turns: Sequence[TurnRow]) -> tuple[Hit, ...]:
    return tuple(Hit(turn=turn.position, speaker=turn.speaker, start_s=turn.start_s, text=turn.text) for turn in turns)
