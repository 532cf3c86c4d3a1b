"""A drop folder: a file in it is a call as soon as it has stood still for a while."""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from time import monotonic, sleep

from audio.errors import BadInput
from monitor.archive.files import stamp_of
from monitor.archive.sources import RECORDINGS, Listing, walk
from monitor.store.job_records import Item

POLL_S = 1.0
"""How often the folder is looked into. Polling works on network drives, too, where notices of change do not."""


class Drops:
    """The calls that are dropped into a folder and those below it, for ever; None whenever there is none just now.

    folder: is made by nobody but the user
    settle_s: size and time of change must have stood still for so long
    listing: makes items of files, and knows which are recordings

    Raises BadInput where there is no such folder.
    """

    def __init__(self, folder: Path, *, settle_s: float, listing: Listing, poll_s: float = POLL_S) -> None:
        if not folder.is_dir():
            raise BadInput(f"{folder} is not a folder; make it, and drop recordings into it.")
        self.listing = listing
        self._folder = folder.resolve()
        self._settle_s = settle_s
        self._poll_s = poll_s
        self._taken: set[bytes] = set()
        """Of what was taken, a hash each: the folder may fill with hundreds of thousands of files."""
        self._moving: dict[Path, tuple[str, float]] = {}
        """Stamp of a file that is not known to be complete, and since when it is that."""

    def __iter__(self) -> Iterator[Item | None]:
        while True:
            for path in self._settled():
                yield from self.listing.item(str(path), stamp_of(path))
            yield None
            sleep(self._poll_s)

    def _settled(self) -> Iterator[Path]:
        """The files that are complete, and were not taken as they are now."""
        now, moving = monotonic(), {}
        for path in walk(self._folder, lambda _: None):
            if path.suffix.lower() not in RECORDINGS:
                continue
            stamp = stamp_of(path)
            mark = blake2b(f"{path}\0{stamp}".encode(errors="surrogateescape"), digest_size=8).digest()
            if not stamp or mark in self._taken:
                continue
            known, since = self._moving.get(path, ("", now))
            if known != stamp:
                since = now
            if now - since >= self._settle_s:
                self._taken.add(mark)
                yield path
            else:
                moving[path] = (stamp, since)
        self._moving = moving
