"""The store as Parquet files, one a table, for notebooks and query engines: docs/STORE.md describes the columns.

Rows are read and written in groups, so that a store of any size needs the memory of one group. All files show the store at
one and the same moment, and each appears when it is whole.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Float, Integer, func, select, text

from audio.errors import BadSettings, HeardError
from monitor.files import written_whole
from monitor.store.more_tables import ReviewRow
from monitor.store.store import Store
from monitor.store.tables import Base, Call, FrustrationRow, MomentRow, SoundRow, TurnRow, UtcDateTime

GROUP_ROWS = 20_000
"""Rows in a row group: some megabytes of turns."""

TABLES: dict[str, type[Base]] = {
    "calls": Call,
    "turns": TurnRow,
    "moments": MomentRow,
    "frustration_points": FrustrationRow,
    "sounds": SoundRow,
    "reviews": ReviewRow,
}
"""By the name of its file, what is written."""

Progress = Callable[[int, int], None]
"""Told how many rows are written, and how many there are."""


def write_parquet(store: Store, folder: Path, progress: Progress = lambda *_: None) -> dict[str, int]:
    """Write every table into a folder, in place of files of these names; gives the number of rows of each.

    Raises:
        BadSettings: pyarrow is not installed.
        HeardError: a file cannot be written.
    """
    try:
        import pyarrow  # noqa: F401  (asked for before any file is begun)
    except ImportError as error:
        raise BadSettings("Parquet needs pyarrow; install it with: pip install 'heard[parquet]'.") from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with store.transaction(write=False) as connection, ExitStack() as whole:
            if connection.dialect.name == "postgresql":  # SQLite reads of one moment anyway
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            counts = {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in TABLES.items()
            }
            done = 0
            for name, table in TABLES.items():
                file = whole.enter_context(written_whole(folder / f"{name}.parquet"))
                for rows in _write(connection, table, file):
                    done += rows
                    progress(done, sum(counts.values()))
    except OSError as error:
        raise HeardError(f"{folder} cannot be written: {error.strerror or error}.") from error
    return counts


def _write(connection: Connection, table: type[Base], file: Any) -> Iterator[int]:
    """Write a table, group by group; gives the number of rows of each group."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    described = table.metadata.tables[table.__tablename__]
    columns = list(described.columns)
    schema = pa.schema([pa.field(column.name, _type(column), nullable=bool(column.nullable)) for column in columns])
    query = select(*columns).order_by(*described.primary_key.columns)
    found = connection.execution_options(yield_per=GROUP_ROWS).execute(query)
    with ParquetWriter(file, schema, compression="zstd") as writer:
        for rows in found.partitions(GROUP_ROWS):
            arrays = [
                pa.array(_values(column, values), field.type)
                for column, field, values in zip(columns, schema, zip(*rows, strict=True), strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield len(rows)


def _values(column: Column[Any], values: tuple[Any, ...]) -> Any:
    return [list(value.items()) for value in values] if isinstance(column.type, JSON) else values


def _type(column: Column[Any]) -> Any:
    """The Arrow type of a column."""
    import pyarrow as pa

    kind = column.type
    if isinstance(kind, UtcDateTime):
        return pa.timestamp("us", tz="UTC")
    if isinstance(kind, JSON):
        return pa.map_(pa.string(), pa.float64())
    if isinstance(kind, Boolean):
        return pa.bool_()
    if isinstance(kind, Integer):
        return pa.int64()
    return pa.float64() if isinstance(kind, Float) else pa.string()
