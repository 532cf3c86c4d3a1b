"""Files by path or URL: looked at, listed and fetched; fsspec knows s3://, sftp:// and many more."""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from audio.errors import BadInput, BadSettings, HeardError

_BLOCK = 1 << 20
MAGIC = frozenset("*?[")


class Unreachable(HeardError):
    """A file cannot be got at just now; later it may."""


def is_url(source: str) -> bool:
    """Whether a source is fetched from elsewhere; `file://` is not."""
    return "://" in source and not source.startswith("file://")


def local_path(source: str) -> Path:
    """The path of a local source."""
    return Path(os.path.abspath(source.removeprefix("file://")))  # noqa: PTH100  (links stay as they are named)


def stamp_of(path: Path) -> str:
    """Size in bytes and time of change of a local file; "" where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # a name with NUL in it is no name
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"


class Remote:
    """A file system behind a URL. Raises BadSettings where the URL cannot be used."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.password:
            raise BadSettings(
                f"{parts.scheme}://{parts.hostname} has a password in its URL, which would be stored with every call; "
                "give it by a key or by the environment instead (docs/ARCHIVES.md)."
            )
        import fsspec

        try:
            self.system, self.path = fsspec.core.url_to_fs(url)
            # A listing is read once; kept, that of an archive would fill the memory, and hide what comes to it.
            self.system.dircache.use_listings_cache = False
        except ImportError as error:
            raise BadSettings(
                f"{parts.scheme}:// needs a package that is not installed; install it with: pip install 'heard[remote]'"
            ) from error
        except ValueError as error:
            raise BadSettings(f"{url} cannot be used: {str(error).rstrip('.')}.") from error
        except Exception as error:
            raise Unreachable(f"{url} cannot be reached: {_said(error)}.") from error
        whole = parts.netloc + parts.path
        # Some file systems name a host apart from the path (sftp), others have it in the path (s3's bucket).
        with_host = bool(parts.netloc) and whole.startswith(str(self.path).rstrip("/"))
        self._prefix = f"{parts.scheme}://" if with_host else f"{parts.scheme}://{parts.netloc}"

    def url(self, path: str) -> str:
        """The URL of a path of this file system."""
        return self._prefix + path

    def walk(self) -> Iterator[tuple[str, str]]:
        """URL and stamp of every file below the path, one folder after the other."""
        for _, folders, files in self.system.walk(self.path, detail=True):
            folders_here = sorted(name for name in folders if not name.startswith("."))
            if isinstance(folders, dict):  # what is left in it is walked into
                for name in set(folders) - set(folders_here):
                    del folders[name]
            for name in sorted(files):
                if name and not name.startswith("."):
                    yield self.url(files[name]["name"]), remote_stamp(files[name])

    def glob(self) -> Iterator[tuple[str, str]]:
        """URL and stamp of every file that fits the path's pattern."""
        for name, about in sorted(self.system.glob(self.path, detail=True).items()):
            if about.get("type") == "file":
                yield self.url(name), remote_stamp(about)


def remote_stamp(about: Mapping[str, Any]) -> str:
    """What an archive tells of a file's content: its tag, else its size and time of change."""
    tag = about.get("ETag") or about.get("etag")
    if tag:
        return str(tag).strip('"')
    changed = about.get("mtime") or about.get("LastModified") or about.get("modified") or ""
    return f"{about.get('size', '')} {changed}".strip()


@contextmanager
def fetched(source: str) -> Iterator[tuple[Path, str]]:
    """A file to read, for a while, and the SHA-256 of its bytes in hexadecimal.

    Raises BadInput where there is no such file or it may not be read, Unreachable where another attempt may help.
    """
    if not is_url(source):
        path = local_path(source)
        yield path, _digest(path)
        return
    suffix = Path(urlsplit(source).path).suffix
    with tempfile.TemporaryDirectory(prefix="heard-") as folder:
        path = Path(folder) / f"call{suffix}"
        yield path, _copied(source, path)


def _digest(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise BadInput(f"{path} is not a file; name recordings, or folders of them.")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist any more; list the archive again.") from None
    except PermissionError:
        raise BadInput(f"{path} may not be read by this user; change its permissions.") from None
    except OSError as error:
        raise Unreachable(f"{path} cannot be read: {error.strerror or error}.") from error


def _copied(source: str, path: Path) -> str:
    remote = Remote(source)
    digest = hashlib.sha256()
    try:
        with remote.system.open(remote.path, "rb") as origin, path.open("wb") as copy:
            while block := origin.read(_BLOCK):
                digest.update(block)
                copy.write(block)
    except FileNotFoundError:
        raise BadInput(f"{source} does not exist any more; list the archive again.") from None
    except PermissionError:
        raise BadInput(f"{source} may not be read with these credentials.") from None
    except Exception as error:  # every file system has failures of its own kind, most of them the network's
        raise Unreachable(f"{source} could not be fetched: {_said(error)}.") from error
    return digest.hexdigest()


def _said(error: Exception) -> str:
    """What an exception says, on one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
