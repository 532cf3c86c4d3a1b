"""Words that many calls say: the queue is walked from its top until a page is full.

To find all of these calls, only to sort and count them, would take a third of a second at 100,000 calls.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from monitor.store.search import held, may_hold, phrases, rows_with
from monitor.store.tables import Call, TurnRow

MANY = 5_000
"""So many calls are found and counted; of more it is only told that they are more."""
WALKED = 500
"""Pages up to this call are worth walking to."""
_STEP = 32
"""Calls that are looked at first."""
_FARTHEST = 1_600
"""Who has walked past so many calls looks for words that are rare where the other filters lead."""
_HOPELESS = 224
"""From so many calls on it is told whether the walk would end before that."""


def said_by_many(connection: Connection, search: str) -> bool:
    """Whether there is something to search for, and all of it is said in many calls."""
    asked = phrases(search)
    for number, phrase in enumerate(asked):
        if not more_than(connection, MANY, rows_with([phrase], number, connection.dialect.name)):
            return False
    return bool(asked)


def count_up_to(connection: Connection, most: int, rows: Select[Any]) -> int:
    """How many rows there are, `most` at most; no more of them are looked at."""
    return connection.execute(select(func.count()).select_from(rows.limit(most).subquery())).scalar_one()


def more_than(connection: Connection, most: int, rows: Select[Any]) -> bool:
    """Whether there are more rows than so many."""
    return count_up_to(connection, most + 1, rows) > most


def walked(
    connection: Connection,
    where: Sequence[ColumnElement[bool]],
    order: Sequence[ColumnElement[Any]],
    search: str,
    wanted: int,
) -> tuple[list[str], bool]:
    """The first calls that fit and say all that is searched for, in order; and whether the walk came to its end.

    where: without the search
    wanted: so many calls at most
    It comes to an end when there are as many as wanted, or when there are no more calls.
    """
    query = select(Call.call_id).where(*where).order_by(*order).limit(_FARTHEST)
    call_ids = connection.execute(query).scalars().all()
    found: list[str] = []
    at, step = 0, _STEP
    while at < len(call_ids):
        saying = _saying(connection, call_ids[at : at + step], search)
        found += [call_id for call_id in call_ids[at : at + step] if call_id in saying]
        if len(found) >= wanted:
            return found[:wanted], True
        at += step
        if at >= _HOPELESS and len(call_ids) == _FARTHEST and len(found) * _FARTHEST < wanted * at:
            return found, False
        # As many as it takes at this rate, and a few to spare: to read what is said is what takes the time.
        step = min(2 * at, _STEP // 2 + (wanted - len(found)) * at // max(1, len(found)))
    return found, len(call_ids) < _FARTHEST


def _saying(connection: Connection, call_ids: Sequence[str], search: str) -> set[str]:
    """Those of the calls in which all that is searched for is said."""
    asked = phrases(search)
    missing = {call_id: set(asked) for call_id in call_ids}
    of_calls = (TurnRow.call_id.in_(call_ids), may_hold(asked, connection.dialect.name))
    query = select(TurnRow.call_id, TurnRow.text).where(*of_calls)
    for call_id, text in connection.execute(query).all():
        if missing[call_id]:
            missing[call_id].difference_update(list(held(text, missing[call_id])))
    return {call_id for call_id, left in missing.items() if not left}
