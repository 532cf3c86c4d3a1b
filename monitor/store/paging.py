"""Which calls are on a page of the queue.

Where many calls fit, those of the first pages are among the first in the queue's order: these are looked at one by one, which takes a
few milliseconds, and only if too few of them fit are all that fit looked up and sorted.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from monitor.store.filters import Filters, conditions, counting
from monitor.store.search import phrases
from monitor.store.tables import Call
from monitor.store.walk import MANY

FIRST = 1_000
"""So many calls are looked at; a hundredth of a large store."""
_SHARE = 100
"""They are worth looking at where so many times as many calls fit as are wanted."""


def found(
    connection: Connection,
    filters: Filters,
    order: Sequence[ColumnElement[Any]],
    key: InstrumentedAttribute[Any],
    *,
    descending: bool,
    page: int,
    size: int,
) -> tuple[Sequence[str], int, int]:
    """The calls of a page in order, how many there are on all pages, and the page's number: one beyond the last is the last.

    order, key: the order, and the column of `calls` that it is by; equal ones are in the order of their ids
    """
    dialect = connection.dialect.name
    if phrases(filters.text) and filters != Filters(text=filters.text):
        return _searched(connection, conditions(filters, dialect), order, page, size)
    total = connection.execute(counting(filters, dialect)).scalar_one()
    page = max(0, min(page, (total - 1) // size))
    wanted = (page + 1) * size
    if total >= _SHARE * wanted and (reach := _reach(connection, order, key, descending)) is not None:
        among = (reach, *conditions(filters, dialect, "first"))
        first = connection.execute(select(Call.call_id).where(*among).order_by(*order).limit(wanted)).scalars().all()
        if len(first) == wanted:
            return first[-size:], total, page
    where = conditions(filters, dialect, "many" if total > MANY else "any")
    query = select(Call.call_id).where(*where).order_by(*order).limit(size).offset(page * size)
    return connection.execute(query).scalars().all() if total else (), total, page


def _searched(
    connection: Connection,
    where: Sequence[ColumnElement[bool]],
    order: Sequence[ColumnElement[Any]],
    page: int,
    size: int,
) -> tuple[Sequence[str], int, int]:
    """The same for words and more: to find such calls costs more than to sort them, so they are counted in the same pass."""
    query = select(Call.call_id, func.count().over()).where(*where).order_by(*order).limit(size)
    rows = connection.execute(query.offset(max(0, page) * size)).all()
    if not rows and page > 0:  # beyond the last page
        total = connection.execute(select(func.count()).select_from(Call).where(*where)).scalar_one()
        return _searched(connection, where, order, (total - 1) // size, size)
    return [row[0] for row in rows], rows[0][1] if rows else 0, max(0, page)


def _reach(
    connection: Connection, order: Sequence[ColumnElement[Any]], key: InstrumentedAttribute[Any], descending: bool
) -> ColumnElement[bool] | None:
    """That a call is one of the first; None where there are no more, or they have no place in the order."""
    last = connection.execute(select(key, Call.call_id).order_by(*order).offset(FIRST).limit(1)).one_or_none()
    if last is None or last[0] is None:
        return None
    place, end = tuple_(key, Call.call_id), tuple_(*last)
    return place >= end if descending else place <= end
