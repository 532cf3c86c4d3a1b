"""What an archive is made of: files, folders, globs, manifests and URLs, listed one call after the other.

Nothing is read here but names, and nothing is held but the folder that is being listed.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from glob import iglob
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from audio.errors import BadInput, HeardError
from monitor.archive.describe import NamePattern, describe
from monitor.archive.files import MAGIC, Remote, Unreachable, is_url, local_path, remote_stamp, stamp_of
from monitor.archive.manifest import is_manifest, rows
from monitor.store.job_records import Asked, Item

RECORDINGS = frozenset(
    ("." + name)
    for name in (
        *("wav", "w64", "aif", "aiff", "au", "caf", "flac"),
        *("mp3", "aac", "amr", "gsm", "ogg", "oga", "opus", "wma"),
        *("m4a", "m4b", "mp4", "mov", "3gp", "mka", "mkv", "webm", "asf", "avi", "ts", "mpg", "mpeg", "flv"),
    )
)
"""Names by which a recording is known in a folder; a file that is named by itself, or by a glob, may be called anything."""
_PROBLEMS_KEPT = 100


class Listing:
    """The calls of an archive: iterate over it, and afterwards ask what was wrong with it.

    asked: holds for every call of which the archive says nothing else
    """

    def __init__(
        self, sources: Sequence[str], *, pattern: NamePattern | None = None, asked: Asked | None = None
    ) -> None:
        self._sources = sources
        self._pattern = pattern
        self._asked = asked or Asked()
        self.listed = 0
        self.left_out: Counter[str] = Counter()
        """By suffix, how many files of folders are no recordings by their names."""
        self.unfitting = 0
        """How many paths do not fit the name pattern."""
        self.problems: list[str] = []
        """The first of the problems, each one sentence."""
        self.problem_count = 0

    def __iter__(self) -> Iterator[Item]:
        for source in self._sources:
            before = self.listed, self.problem_count, self.left_out.total()
            try:
                yield from self._of(source)
            except HeardError as error:
                self._problem(str(error))
            except Exception as error:
                if not is_url(source):
                    raise
                # Every file system behind a URL has failures of its own kind.
                self._problem(f"{source} cannot be listed: {(str(error) or type(error).__name__).splitlines()[0]}")
            if before[:2] == (self.listed, self.problem_count):
                self._problem(self._nothing(source, self.left_out.total() - before[2]))

    def _of(self, source: str) -> Iterator[Item]:
        if is_manifest(source):
            yield from self._manifest(source)
        elif is_url(source):
            yield from self._remote(source)
        else:
            yield from self._local(source)

    def _local(self, source: str) -> Iterator[Item]:
        path = local_path(source)
        if path.is_dir():
            for found in walk(path, self._problem):
                if self._is_recording(found.suffix):
                    yield from self.item(str(found), stamp_of(found))
        elif path.exists() or not MAGIC & set(source):
            if not path.exists():
                raise BadInput(f"{path} does not exist; check the name.")
            yield from self.item(str(path), stamp_of(path))
        else:
            for name in iglob(str(path), recursive=True):  # noqa: PTH207  (the pattern is a whole path)
                if Path(name).is_file():
                    yield from self.item(name, stamp_of(Path(name)))

    def _remote(self, source: str) -> Iterator[Item]:
        remote = Remote(source)
        if MAGIC & set(source):
            for url, stamp in remote.glob():
                yield from self.item(url, stamp)
            return
        try:
            about = remote.system.info(remote.path)
        except FileNotFoundError:
            raise BadInput(f"{source} does not exist; check the address and the credentials.") from None
        except Exception as error:
            raise Unreachable(f"{source} cannot be reached: {error}.") from error
        if about["type"] == "directory":
            for url, stamp in remote.walk():
                if self._is_recording(PurePosixPath(url).suffix):
                    yield from self.item(url, stamp)
        else:
            yield from self.item(source, remote_stamp(about))

    def _manifest(self, manifest: str) -> Iterator[Item]:
        for where, told in rows(manifest):
            try:
                source = _beside(manifest, str(told.pop("source")).strip())
                yield from self.item(source, "" if is_url(source) else stamp_of(Path(source)), told)
            except HeardError as error:
                self._problem(f"{where}: {error}")

    def _is_recording(self, suffix: str) -> bool:
        if suffix.lower() in RECORDINGS:
            return True
        self.left_out[suffix.lower() or "no suffix"] += 1
        return False

    def item(self, source: str, stamp: str, told: dict[str, Any] | None = None) -> Iterator[Item]:
        """The call that a file is, by what a manifest has told of it and what its path tells; none if that cannot be read."""
        if not _is_storable(source):
            self._problem(f"{source.encode(errors='replace').decode()} has a name that is not UTF-8; rename it.")
            return
        read = self._pattern.read(source) if self._pattern else {}
        if read is None:
            self.unfitting += 1
        try:
            # A manifest knows better than a name.
            known = {field: value for field, value in (told or {}).items() if value is not None and value != ""}
            item = describe(source, stamp, {**(read or {}), **known}, self._asked)
        except BadInput as error:
            self._problem(str(error))
            return
        self.listed += 1
        yield item

    def _problem(self, sentence: str) -> None:
        self.problem_count += 1
        if len(self.problems) < _PROBLEMS_KEPT:
            self.problems.append(sentence)

    def _nothing(self, source: str, left_out: int) -> str:
        if left_out:
            return (
                f"{source} holds no recordings by their names; name other files, or transcripts, by a pattern "
                f"such as '{source.rstrip('/')}/*.json'."
            )
        return f"{source} holds no calls."


def walk(folder: Path, problem: Callable[[str], None]) -> Iterator[Path]:
    """Every file below a folder, in order, hidden ones and links to folders left out."""
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208  (names alone)
    except OSError as error:
        problem(f"{folder} cannot be listed: {error.strerror or error}.")
        return
    for name in names:
        path = folder / name
        if path.is_dir():
            if not path.is_symlink():
                yield from walk(path, problem)
        elif path.is_file():
            yield path


def _is_storable(source: str) -> bool:
    try:
        source.encode()
    except UnicodeEncodeError:  # bytes of a file's name that are no text
        return False
    return "\0" not in source


def _beside(manifest: str, source: str) -> str:
    """A source that a manifest names; relative ones are relative to the manifest's own folder."""
    if is_url(source):
        return source
    if is_url(manifest) and not Path(source).is_absolute():
        parts = urlsplit(manifest)
        return f"{parts.scheme}://{parts.netloc}{PurePosixPath(parts.path).parent / source}"
    return str(local_path(str(local_path(manifest).parent / source.removeprefix("file://"))))
