"""Copies of a store: of a file by SQLite's backup interface while it is in use, of a server by pg_dump."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from audio.errors import StoreError
from monitor.store.engine import failures_of, file_of, parse_url, shown

_PAGES_AT_A_TIME = 5_000
"""20 MB between two reports of progress."""

Progress = Callable[[int, int], None]
"""Told how many pages are copied, and how many there are."""


def backup(store: str, target: Path, progress: Progress = lambda *_: None) -> None:
    """Write a consistent copy of a store, which may be in use, to a file that is not there yet.

    Raises:
        StoreError: the store cannot be read, the file is there or cannot be written, or pg_dump is missing.
    """
    url = parse_url(store)
    if target.exists():
        raise StoreError(f"{target} is there already; choose another name for the backup.")
    if not target.parent.is_dir():
        raise StoreError(f"{target} cannot be made: there is no folder {target.parent}.")
    part = target.with_name(f".{target.name}.part")
    try:
        if url.get_backend_name() == "sqlite":
            _copy(url, part, progress)
        else:
            _dump(url, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _copy(url: URL, target: Path, progress: Progress) -> None:
    file = file_of(url)
    if file is None or not file.exists():
        raise StoreError(f"There is no store at {shown(url)} to copy; name another with --store.")
    with failures_of(url), closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
        # A read that has begun holds one moment of the store while others write: otherwise each of their writes would make the
        # backup begin anew (https://sqlite.org/backup.html).
        source.isolation_level = None
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM alembic_version").fetchone()
        source.backup(
            copy,
            pages=_PAGES_AT_A_TIME,
            progress=lambda _, remaining, total: progress(total - remaining, max(1, total)),
        )


def _dump(url: URL, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreError(
            "A PostgreSQL store is copied by pg_dump, which is not installed; install PostgreSQL's client programs."
        )
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    password = {"PGPASSWORD": str(url.password)} if url.password is not None else {}
    run = subprocess.run(
        [program, "--format=custom", "--no-owner", f"--file={target}", f"--dbname={address}"],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        reason = (run.stderr.strip().splitlines() or ["no reason given"])[0]
        raise StoreError(f"pg_dump could not copy {shown(url)}: {reason.removeprefix('pg_dump: ')}.")
