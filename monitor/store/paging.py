"""Which calls are on a page of the queue.

Where many calls fit, those of the first pages are among the first in the queue's order: these are looked at one by one, which takes a
few milliseconds, and only if too few of them fit are all that fit looked up and sorted. Where counting takes long, it ends some calls
beyond the page.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from monitor.store.filters import Filters, Plan, conditions, counting, moments
from monitor.store.search import phrases
from monitor.store.tables import Call
from monitor.store.walk import MANY, WALKED, count_up_to, more_than, said_by_many, walked

FIRST = 1_000
"""So many calls are looked at; a hundredth of a large store."""
_SHARE = 100
"""They are worth looking at where so many times as many calls fit as are wanted."""
COUNTED = 1_000
"""Where calls have to be asked for their moments one by one, so many are counted; of more it is only told that they are more."""


class Found(NamedTuple):
    """The calls of a page."""

    call_ids: Sequence[str]
    """In order."""
    total: int
    """Calls on all pages."""
    page: int
    """Its number, from 0: one beyond the last is the last."""
    counted: bool = True
    """Whether `total` is all of them."""


def found(
    connection: Connection,
    filters: Filters,
    order: Sequence[ColumnElement[Any]],
    key: InstrumentedAttribute[Any],
    *,
    descending: bool,
    page: int,
    size: int,
) -> Found:
    """The calls of a page.

    order, key: the order, and the column of `calls` that it is by; equal ones are in the order of their ids
    """
    if walk := _walked(connection, filters, order, page, size):
        return walk
    dialect = connection.dialect.name
    searched = phrases(filters.text) and filters != Filters(text=filters.text)
    plan = "few" if searched else plan_for(connection, filters)
    if plan == "few":
        return _looked_up(connection, conditions(filters, dialect, plan), order, page, size)
    total, counted = _count(connection, filters, plan, least=(max(0, page) + 1) * size)
    page = max(0, min(page, (total - 1) // size))
    wanted = (page + 1) * size
    if (not counted or total >= _SHARE * wanted) and (reach := _reach(connection, order, key, descending)) is not None:
        among = (reach, *conditions(filters, dialect, "first"))
        first = connection.execute(select(Call.call_id).where(*among).order_by(*order).limit(wanted)).scalars().all()
        if len(first) == wanted:
            return Found(first[-size:], total, page, counted)
    where = conditions(filters, dialect, "many" if plan == "any" and total > MANY else plan)
    query = select(Call.call_id).where(*where).order_by(*order).limit(size).offset(page * size)
    return Found(connection.execute(query).scalars().all() if total else (), total, page, counted)


def _walked(
    connection: Connection, filters: Filters, order: Sequence[ColumnElement[Any]], page: int, size: int
) -> Found | None:
    """One of the first pages of a search for what many calls say; None where it must be found otherwise."""
    wanted = (page + 1) * size
    if page < 0 or wanted > WALKED or not said_by_many(connection, filters.text):
        return None
    others = filters.model_copy(update={"text": ""})
    rest = conditions(others, connection.dialect.name, plan_for(connection, others))
    call_ids, ended = walked(connection, rest, order, filters.text, wanted + 1)
    if not ended or len(call_ids) <= page * size:
        return None
    return Found(call_ids[page * size : wanted], len(call_ids), page, counted=len(call_ids) <= wanted)


def plan_for(connection: Connection, filters: Filters) -> Plan:
    """How calls are looked for that have moments of some sort: these are looked up where they are few."""
    asked = moments(filters)
    if asked is None:
        return "any"
    return "each" if more_than(connection, MANY, asked) else "few"


def _count(connection: Connection, filters: Filters, plan: Plan, *, least: int) -> tuple[int, bool]:
    """How many calls fit, and whether that is all of them; `least` are counted in any case."""
    dialect = connection.dialect.name
    if (every := counting(filters, dialect)) is not None:
        return connection.execute(every).scalar_one(), True
    most = max(COUNTED, least)
    total = count_up_to(connection, most + 1, select(Call.call_id).where(*conditions(filters, dialect, plan)))
    return total, total <= most


def _looked_up(
    connection: Connection,
    where: Sequence[ColumnElement[bool]],
    order: Sequence[ColumnElement[Any]],
    page: int,
    size: int,
) -> Found:
    """To look up the few calls with some words or moments costs more than to sort them, so they are counted in the same pass."""
    query = select(Call.call_id, func.count().over()).where(*where).order_by(*order).limit(size)
    rows = connection.execute(query.offset(max(0, page) * size)).all()
    if not rows and page > 0:  # beyond the last page
        total = connection.execute(select(func.count()).select_from(Call).where(*where)).scalar_one()
        return _looked_up(connection, where, order, (total - 1) // size, size)
    return Found([row[0] for row in rows], rows[0][1] if rows else 0, max(0, page))


def _reach(
    connection: Connection, order: Sequence[ColumnElement[Any]], key: InstrumentedAttribute[Any], descending: bool
) -> ColumnElement[bool] | None:
    """That a call is one of the first; None where there are no more, or they have no place in the order."""
    last = connection.execute(select(key, Call.call_id).order_by(*order).offset(FIRST).limit(1)).one_or_none()
    if last is None or last[0] is None:
        return None
    place, end = tuple_(key, Call.call_id), tuple_(*last)
    return place >= end if descending else place <= end
