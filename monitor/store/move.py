"""Moves a store from one database to another: SQLite to PostgreSQL, and back."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, insert, inspect, select, text

from audio.errors import StoreError

# Each of these modules describes tables, all of which are moved.
from monitor.store import job_tables, kept_tables, live_tables, more_tables, tally_tables
from monitor.store.search import put_transcript
from monitor.store.store import Store
from monitor.store.tables import Base, Call, TurnRow

DESCRIBED = (job_tables, kept_tables, live_tables, more_tables, tally_tables)
ROWS_AT_A_TIME = 2_000
_MADE_ANEW = "transcripts"
"""The search index differs between the databases, and is made anew from the turns."""

Progress = Callable[[int, int], None]
"""Told how many rows are copied, and how many there are."""


def move(source: Store, target: Store, progress: Progress = lambda *_: None) -> int:
    """Copy everything into an empty store, in one transaction; gives the number of calls.

    The source stays as it is; calls that are added to it in the meantime are not copied.

    Raises:
        StoreError: the target holds something already, or not all rows have arrived.
    """
    tables = [table for table in Base.metadata.sorted_tables if table.name != _MADE_ANEW]
    with source.transaction(write=False) as old, target.transaction(write=True) as new:
        if old.dialect.name == "postgresql":
            old.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        _check_described(old)
        filled = [table.name for table in tables if _count(new, table)]
        if filled:
            raise StoreError(f"The store {target.name} is not empty: {filled[0]} has rows; name one that is.")
        counts = {table.name: _count(old, table) for table in tables}
        calls = counts[Call.__tablename__]
        total, done = sum(counts.values()) + calls, 0
        for table in tables:
            for rows in _rows(old, table):
                new.execute(insert(table), rows)
                done += len(rows)
                progress(done, total)
            _number_on(new, table)
        for call_id in new.execute(select(Call.call_id)).scalars().all():
            said = select(TurnRow.text).where(TurnRow.call_id == call_id).order_by(TurnRow.position)
            put_transcript(new, call_id, new.execute(said).scalars().all())
            done += 1
            progress(done, total)
        lost = [name for name, n in counts.items() if _count(new, Base.metadata.tables[name]) != n]
        if lost:
            raise StoreError(f"Not all rows of {lost[0]} arrived in {target.name}; nothing was changed there.")
    return calls


def _check_described(connection: Connection) -> None:
    """Raise StoreError where the store has a table that would be left behind."""
    known = {*Base.metadata.tables, "alembic_version"}
    unknown = [name for name in inspect(connection).get_table_names() if name not in known]
    unknown = [name for name in unknown if not name.startswith("transcript_tokens")]
    if unknown:
        raise StoreError(f"The store has a table {unknown[0]} that heard does not know; remove it first.")


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[dict[str, Any]]]:
    order = table.primary_key.columns
    found = connection.execution_options(yield_per=ROWS_AT_A_TIME).execute(select(table).order_by(*order))
    for rows in found.mappings().partitions(ROWS_AT_A_TIME):
        yield [dict(row) for row in rows]


def _number_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows behind those that came with their numbers; SQLite does so by itself."""
    column = table.autoincrement_column
    if connection.dialect.name == "postgresql" and column is not None:
        highest = f"(SELECT max({column.name}) FROM {table.name})"
        sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
        connection.execute(text(f"SELECT setval({sequence}, {highest}) WHERE {highest} IS NOT NULL"))
