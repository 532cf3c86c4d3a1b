"""Manifests: tables, as CSV or Parquet, that name the calls of an archive and tell of each what is known."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from audio.errors import BadInput, BadSettings
from monitor.archive.describe import FIELDS, field_of
from monitor.archive.files import Remote, is_url, local_path

_SUFFIXES = (".csv", ".parquet")
_ROWS_AT_ONCE = 2048


def is_manifest(source: str) -> bool:
    """Whether a source is a table of calls rather than a call."""
    name = urlsplit(source).path if is_url(source) else source
    return PurePosixPath(name).suffix.lower() in _SUFFIXES


def rows(manifest: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The place of each row, for messages, and what it tells by fields of `describe.FIELDS`; `source` is always told.

    Raises BadInput where the manifest cannot be read, or has no column for the source.
    """
    parquet = manifest.lower().endswith(".parquet")
    with _opened(manifest) as file:
        for number, row in _parquet(manifest, file) if parquet else _csv(manifest, file):
            if not str(row.get("source") or "").strip():
                continue  # spreadsheets end in empty rows
            yield f"{manifest}, {'row' if parquet else 'line'} {number}", row


def _csv(manifest: str, file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    # Spreadsheets begin UTF-8 with a byte order mark, and write tables in regions of decimal commas with semicolons.
    try:
        with TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
            head = text.readline()
            delimiter = max(",;\t", key=head.count)
            fields = _fields(manifest, next(csv.reader([head], delimiter=delimiter), []))
            reader = csv.reader(text, delimiter=delimiter)
            for row in reader:
                told = zip(fields, row, strict=False)
                yield reader.line_num + 1, {field: value for field, value in told if field is not None}
    except UnicodeDecodeError:
        raise BadInput(f"{manifest} is not UTF-8 text; export it as CSV in UTF-8.") from None
    except csv.Error as error:
        raise BadInput(f"{manifest} cannot be read as CSV: {error}.") from error


def _parquet(manifest: str, file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise BadSettings(f"{manifest} needs pyarrow; install it with: pip install 'heard[parquet]'") from error
    try:
        table = ParquetFile(file)
        names = table.schema_arrow.names
        fields = dict(zip(names, _fields(manifest, names), strict=True))
        wanted = [name for name, field in fields.items() if field is not None]
        number = 0
        for batch in table.iter_batches(_ROWS_AT_ONCE, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                yield number, {str(fields[name]): value for name, value in row.items()}
    except ArrowException as error:
        raise BadInput(f"{manifest} cannot be read as Parquet: {str(error).splitlines()[0].rstrip('.')}.") from error


def _fields(manifest: str, names: list[str]) -> list[str | None]:
    fields = [field_of(name) for name in names]
    if "source" not in fields:
        raise BadInput(
            f"{manifest} has no column that names the recordings: call it one of {', '.join(FIELDS['source'])}."
        )
    twice = next((field for field in fields if field is not None and fields.count(field) > 1), None)
    if twice:
        raise BadInput(f"{manifest} has two columns for the {twice}: leave one of them out.")
    return fields


@contextmanager
def _opened(manifest: str) -> Iterator[BinaryIO]:
    try:
        if is_url(manifest):
            remote = Remote(manifest)
            with remote.system.open(remote.path, "rb") as file:
                yield file
        else:
            with local_path(manifest).open("rb") as file:
                yield file
    except FileNotFoundError:
        raise BadInput(f"{manifest} does not exist; check the name.") from None
    except PermissionError:
        raise BadInput(f"{manifest} may not be read by this user; change its permissions.") from None
