"""Whether a store is whole and agrees with itself: nothing damaged, nothing left over, and every count as a recount has it."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Table,
    column,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    table,
    text,
)

from audio.facts import Fact
from monitor.records import CallReport
from monitor.store.kept_tables import KeptRow
from monitor.store.more_tables import Transcript
from monitor.store.search import put_transcript, transcript_parts
from monitor.store.store import Store
from monitor.store.tables import Base, Call, Report, TurnRow, WordsRow
from monitor.store.tallies import move_tallies, recount, standing_tallies
from monitor.store.tally_tables import CallTally, Tally
from monitor.store.words import with_words

_READ_AT_A_TIME = 200
_NAMED = 3

Progress = Callable[[int, int], None]
"""Told how many calls have been read, and how many there are."""


class Problem(Fact):
    """Something that is wrong, and what to do about it."""

    what: str
    advice: str
    repairable: bool = False
    """Whether `repair` puts it right."""


def check(store: Store, progress: Progress = lambda *_: None) -> tuple[Problem, ...]:
    """Everything that is wrong with a store; nothing is changed."""
    with store.transaction(write=False) as connection:
        damaged = tuple(_damage(connection))
        if damaged:  # whatever else is found in a damaged file means nothing
            return damaged
        return (
            *_orphans(connection),
            *_reports(connection, progress),
            *_counts(connection),
            *_search(connection),
        )


def repair(store: Store) -> None:
    """Make counts and search index anew from what they are made of, and delete rows of calls that are gone."""
    with store.transaction(write=True) as connection:
        for referring, own, parent in _references():
            connection.execute(delete(referring).where(own.is_not(None), own.not_in(select(parent))))
        for tallies in (Tally, CallTally):
            connection.execute(delete(tallies))
        move_tallies(connection, standing_tallies(connection), recount(connection))
        for call_id in _unsearchable(connection):
            put_transcript(connection, call_id, _said(connection, call_id))


def _damage(connection: Connection) -> Iterator[Problem]:
    """Pages that SQLite finds damaged; PostgreSQL checks its own pages as it reads them."""
    if connection.dialect.name != "sqlite":
        return
    found = [row[0] for row in connection.execute(text("PRAGMA integrity_check(10)"))]
    if found != ["ok"]:
        yield Problem(
            what=f"The database file is damaged: {found[0]}",
            advice="restore a backup, or save what can be read with `sqlite3 STORE .recover`",
        )


def _references() -> Iterator[tuple[Table, ColumnElement[Any], Column[Any]]]:
    """Every column that refers to a row of another table: the table, the column, and the column that it refers to."""
    for each in Base.metadata.sorted_tables:
        for key in each.foreign_keys:
            yield each, key.parent, key.column


def _orphans(connection: Connection) -> Iterator[Problem]:
    for referring, own, parent in _references():
        missing = select(func.count()).select_from(referring).where(own.is_not(None), own.not_in(select(parent)))
        n = connection.execute(missing).scalar_one()
        if n:
            yield Problem(
                what=f"{n} rows of {referring.name} belong to {parent.table.name} that are gone",
                advice="`heard store check --repair` deletes them",
                repairable=True,
            )


def _reports(connection: Connection, progress: Progress) -> Iterator[Problem]:
    """Reports that are not there or cannot be read, and what was kept of calls and cannot be unpacked."""
    from monitor.kept import unpacked

    without = connection.execute(select(Call.call_id).outerjoin(Report).where(Report.call_id.is_(None))).scalars().all()
    unread, unkept = list(without), []
    total = connection.execute(select(func.count()).select_from(Call)).scalar_one()
    query = (
        select(Report.call_id, Report.json, WordsRow.words, KeptRow.understood)
        .outerjoin(WordsRow, WordsRow.call_id == Report.call_id)
        .outerjoin(KeptRow, KeptRow.call_id == Report.call_id)
    )
    found = connection.execution_options(yield_per=_READ_AT_A_TIME).execute(query.order_by(Report.call_id))
    for number, row in enumerate(found, 1):
        try:
            if with_words(CallReport.model_validate_json(row.json), row.words).call_id.replace("\0", "") != row.call_id:
                unread.append(row.call_id)
        except ValueError:
            unread.append(row.call_id)
        try:
            unpacked(row.understood) if row.understood else None
        except ValueError:
            unkept.append(row.call_id)
        progress(number, total)
    if unread:
        yield Problem(what=f"The report of {_named(unread)} cannot be read", advice="analyze the recording again")
    if unkept:
        yield Problem(
            what=f"What was kept of {_named(unkept)} cannot be read",
            advice="analyze the recording again, or else rules cannot be applied to it",
        )


def _counts(connection: Connection) -> Iterator[Problem]:
    if standing_tallies(connection) != recount(connection):
        yield Problem(
            what="The counts by day differ from a recount of calls and moments",
            advice="`heard store check --repair` makes them anew",
            repairable=True,
        )


def _search(connection: Connection) -> Iterator[Problem]:
    missing = _unsearchable(connection)
    if missing:
        yield Problem(
            what=f"Search does not find {_named(missing)}",
            advice="`heard store check --repair` makes it find them",
            repairable=True,
        )


def _unsearchable(connection: Connection) -> list[str]:
    """Calls in which something was said that is not in the search index."""
    tokens = table("transcript_tokens", column("rowid", Integer))
    of_call = select(Transcript.id).where(Transcript.call_id == Call.call_id)
    inside = exists(select(tokens.c.rowid).where(tokens.c.rowid == Transcript.id))
    indexed, broken = exists(of_call.where(inside)), exists(of_call.where(not_(inside)))
    found = connection.execute(select(Call.call_id).where(or_(not_(indexed), broken)).order_by(Call.call_id)).scalars()
    # Where nothing but silence or signs was said there is nothing to be found.
    return [one for one in found.all() if transcript_parts(_said(connection, one), connection.dialect.name)]


def _said(connection: Connection, call_id: str) -> list[str]:
    query = select(TurnRow.text).where(TurnRow.call_id == call_id).order_by(TurnRow.position)
    return list(connection.execute(query).scalars())


def _named(call_ids: list[str]) -> str:
    shown = ", ".join(call_ids[:_NAMED])
    more = len(call_ids) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
