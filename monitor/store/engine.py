"""Connections: which database a name means, how it is set up, and its failures in one sentence."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from audio.errors import StoreError

BUSY_TIMEOUT_S = 15.0
"""How long a write waits for another process's write; one save takes milliseconds."""


def parse_url(store: str) -> URL:
    """The database that a path or an SQLAlchemy URL names."""
    if "://" not in store:
        return URL.create("sqlite", database=store)
    try:
        url = make_url(store)
    except ArgumentError as error:
        raise StoreError(f"The store {store!r} is neither a path nor a database URL.") from error
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(
            f"The store {shown(url)} is neither SQLite nor PostgreSQL, which are the two that heard knows."
        )
    return url


def shown(url: URL) -> str:
    """The store's name as a person may see it: the path, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    return url.render_as_string(hide_password=True).replace("+psycopg", "")


def file_of(url: URL) -> Path | None:
    """The SQLite file, None for a server or for memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(url.database)


def connect(url: URL) -> Engine:
    """An engine whose transactions really begin at BEGIN: reads deferred, writes immediate."""
    options: dict[str, Any] = (
        {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if url.get_backend_name() == "sqlite" else {}
    )
    try:
        engine = create_engine(url, **options)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise StoreError(
            f"{shown(url)} needs a PostgreSQL driver; install it with: pip install 'heard[postgres]'"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would begin transactions on its own, and never before DDL; `_begin_sqlite` does it instead.
    connection.isolation_level = None
    _write_ahead(connection)
    connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set WAL, which lets readers go on while a call is saved.

    It is a lasting property of the file, so a store that already has it can also be read where it may not be written. SQLite
    does not always wait here for another that does the same, or that is just closing the file as its last user (its
    documentation, "Sometimes Queries Return SQLITE_BUSY In WAL Mode").
    """
    until = monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can fail at once with "locked"; one that takes the lock first waits.
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def transaction(engine: Engine, *, write: bool) -> Iterator[Connection]:
    """One transaction, whose failures are StoreErrors of one sentence."""
    with failures_of(engine.url), engine.connect() as connection, connection.execution_options(write=write).begin():
        yield connection


def lock(connection: Connection, name: str) -> None:
    """Let no one else hold the lock of this name until the transaction ends; SQLite's own write lock is wider."""
    if connection.dialect.name == "postgresql":
        key = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def upsert(connection: Connection, table: Any) -> Any:
    """An INSERT that can say what is done where the row is there already (`on_conflict_do_...`)."""
    from sqlalchemy.dialects import postgresql, sqlite

    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


@contextmanager
def failures_of(url: URL) -> Iterator[None]:
    """Turn the database's failures into StoreErrors."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(_sentence(url, error)) from error


_SQLITE_REASONS = {
    "locked": "is busy: another process has been writing to it for too long; try again when that is done",
    "readonly": "cannot be written: the file or its folder is read-only; choose another with --store",
    "read-only": "cannot be written: the file or its folder is read-only; choose another with --store",
    "unable to open": "cannot be opened: check that its folder exists and may be written to",
    "not a database": "is no store: the file holds something other than a database; choose another with --store",
    "malformed": "is damaged; restore it from a backup or choose another with --store",
    "disk is full": "cannot be written: the disk is full; free some space and run it again",
    "disk i/o": "cannot be read or written: the disk reports an error",
}


def _sentence(url: URL, error: Exception) -> str:
    detail = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
    if url.get_backend_name() == "sqlite":
        for sign, reason in _SQLITE_REASONS.items():
            if sign in detail.lower():
                return f"The store {shown(url)} {reason}."
    return f"The store {shown(url)} cannot be used: {detail.rstrip('.')}."


def identity(path: Path) -> tuple[int, int] | None:
    """Which file a path names just now, to notice when it is deleted or replaced; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
