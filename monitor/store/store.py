"""Reports go in whole or not at all, and come out as they went in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from sqlalchemy import Connection, Engine, func, select

from audio.errors import StoreError
from audio.facts import Waveform
from monitor.records import CallReport, Mention
from monitor.store.engine import connect, file_of, identity, lock, parse_url, shown, transaction
from monitor.store.kept import get_kept, put_kept
from monitor.store.migrate import migrate
from monitor.store.records import CallDetails, StoredCall
from monitor.store.saving import put_report
from monitor.store.tables import Call, Report, WordsRow
from monitor.store.themes import put_mentions
from monitor.store.waveforms import get_waveform, put_waveform
from monitor.store.words import put_words, with_words

if TYPE_CHECKING:
    from monitor.kept import Kept

Order = Literal["newest", "missed", "frustration"]

_ORDERS = {
    "newest": (Call.analyzed_at.desc(),),
    "missed": (Call.critical_missed.desc(), Call.minor_missed.desc(), Call.peak_frustration.desc()),
    "frustration": (Call.peak_frustration.desc(), Call.critical_missed.desc()),
}

_REPORT = select(Report.json, WordsRow.words).outerjoin(WordsRow, WordsRow.call_id == Report.call_id)
_RECENT = select(Call.call_id).order_by(Call.analyzed_at.desc()).limit(1000)
"""Where a mistyped call id is looked for."""


class Store:
    """Analysed calls in SQLite or PostgreSQL. Use it in a `with` block, or close it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file = file_of(engine.url)
        self._identity = self._file and identity(self._file)

    @classmethod
    def open(cls, store: str, *, create: bool = True) -> Self:
        """Open the store that a path or URL names, and bring its schema up to date.

        Raises StoreError: not there (with `create=False`), not a database, not writable, of a newer version.
        """
        url = parse_url(store)
        file = file_of(url)
        if file is not None:
            _check_file(file, create=create)
        engine = connect(url)
        try:
            migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @property
    def name(self) -> str:
        """The store's name as a person may see it."""
        return shown(self._engine.url)

    def save(
        self,
        report: CallReport,
        *,
        content_sha256: str,
        details: CallDetails | None = None,
        waveform: Waveform | None = None,
        mentions: Sequence[Mention] = (),
        kept: "Kept | None" = None,
        replace: bool = False,
    ) -> None:
        """Store a report in one transaction; an earlier one of the same recording is replaced.

        What people added to the call stays: its details, reviews, who has it. `content_sha256` is the hash of the
        recording's bytes. Raises StoreError where the call id belongs to another recording, unless `replace`.
        """
        with self.transaction(write=True) as connection:
            put_call(
                connection,
                report,
                content_sha256=content_sha256,
                details=details,
                waveform=waveform,
                mentions=mentions,
                kept=kept,
                replace=replace,
            )
        self.check_there("; the last call is not in it")

    def check_free(self, call_id: str, *, source: str, content_sha256: str) -> None:
        """Raise StoreError if `save` would refuse this recording, so that it need not be analysed in vain."""
        with self.transaction(write=False) as connection:
            _check_taken(connection, call_id, source, content_sha256)

    def load(self, call_id: str, *, words: bool = True) -> CallReport:
        """The report of a call, as it was saved; without the timed words of its turns it is read in a third of the time.

        Raises StoreError where there is none, naming those alike.
        """
        with self.transaction(write=False) as connection:
            row = connection.execute(_REPORT.where(Report.call_id == call_id)).one_or_none()
            known = () if row is not None else connection.execute(_RECENT).scalars().all()
        if row is None:
            raise StoreError(_unknown(call_id, self.name, known))
        try:
            report = CallReport.model_validate_json(row.json)
            return with_words(report, row.words) if words else report
        except ValueError as error:
            raise StoreError(
                f"The report of {call_id} in {self.name} does not fit this version of heard; analyze the call again."
            ) from error

    def kept(self, call_id: str) -> "Kept":
        """What a call can be judged anew from; where nothing was understood of it yet, only what was heard.

        Raises StoreError where there is no such call.
        """
        report = self.load(call_id)
        with self.transaction(write=False) as connection:
            return get_kept(connection, report)

    def list(self, *, order: Order = "newest", limit: int | None = None) -> tuple[StoredCall, ...]:
        """The calls in the store: the newest analysis first, or the most missed, or the most frustrated."""
        columns = [getattr(Call, name) for name in StoredCall.model_fields]
        query = select(*columns).order_by(*_ORDERS[order], Call.call_id).limit(limit)
        with self.transaction(write=False) as connection:
            return tuple(StoredCall(**row) for row in connection.execute(query).mappings())

    def waveform(self, call_id: str) -> Waveform | None:
        """The outline of a call's recording, None where there is none."""
        with self.transaction(write=False) as connection:
            return get_waveform(connection, call_id)

    def count(self) -> int:
        """How many calls are in the store."""
        with self.transaction(write=False) as connection:
            return connection.execute(select(func.count()).select_from(Call)).scalar_one()

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Connection]:
        """One transaction; its failures are StoreErrors. Reading a file that has vanished is refused."""
        if not write:
            self.check_there()
        with transaction(self._engine, write=write) as connection:
            yield connection

    def check_there(self, consequence: str = "") -> None:
        """Raise StoreError where the file has been deleted or replaced; SQLite itself would go on happily."""
        if self._file is not None and identity(self._file) != self._identity:
            raise StoreError(f"The store {self.name} was moved or deleted while in use{consequence}.")

    def close(self) -> None:
        """Let go of the database; SQLite folds its write-ahead log into the one file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def put_call(
    connection: Connection,
    report: CallReport,
    *,
    content_sha256: str,
    details: CallDetails | None = None,
    waveform: Waveform | None = None,
    mentions: Sequence[Mention] = (),
    kept: "Kept | None" = None,
    replace: bool = False,
) -> None:
    """What `Store.save` does, inside the caller's transaction: whatever else that one writes holds or falls with the call."""
    if "\0" in report.call_id:
        raise StoreError(f"{report.source} has a call id that cannot be stored; give it a --call-id of its own.")
    given = (details or CallDetails()).model_dump(exclude_none=True)
    lock(connection, report.call_id)
    if not replace:
        _check_taken(connection, report.call_id, report.source, content_sha256)
    put_report(connection, report, content_sha256, given)
    put_words(connection, report)
    if waveform is not None:
        put_waveform(connection, report.call_id, waveform)
    put_mentions(connection, report.call_id, mentions)
    put_kept(connection, report.call_id, kept)


def _check_file(file: Path, *, create: bool) -> None:
    if file.is_dir():
        raise StoreError(f"The store {file} is a folder; name a file in it, such as {file / 'heard.db'}.")
    if not create and not file.exists():
        raise StoreError(f"There is no store at {file}; `heard analyze CALL` makes one, or name another with --store.")
    if not file.parent.is_dir():
        raise StoreError(f"The store {file} cannot be made: there is no folder {file.parent}.")


def _check_taken(connection: Connection, call_id: str, source: str, content_sha256: str) -> None:
    query = select(Call.source, Call.content_sha256).where(Call.call_id == call_id)
    taken = connection.execute(query).one_or_none()
    if taken is not None and taken.content_sha256 != content_sha256:
        raise StoreError(
            f"{source} has the call id {call_id}, which the store already has for another recording, {taken.source}; "
            "give this one a --call-id of its own, or --replace the other."
        )


def _unknown(call_id: str, store: str, known: Sequence[str]) -> str:
    import difflib

    alike = difflib.get_close_matches(call_id, known, n=3)
    hint = f"did you mean {' or '.join(alike)}?" if alike else "`heard list` shows those that are."
    return f"There is no call {call_id} in {store}: {hint}"
