"""How the process keeps memory that it has freed. Nothing is done on systems without glibc."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Numbers of glibc's mallopt(3)."""
_ARENAS = 2


def share_freed_memory() -> None:
    """Let threads share what others have freed; call it before threads are started.

    glibc gives each new thread an arena of its own, up to eight a core, and what one of them has freed no other gets: a server
    that runs for hours would hold the most that each of its threads has ever needed.
    """
    _set((_ARENA_MAX, _ARENAS))


def keep_freed_memory() -> None:
    """Keep freed memory for the next array, and share it between threads; call it before threads are started.

    Models make and free the same large arrays again and again. glibc returns each to the system and takes new pages
    for the next, which costs a tenth of the processor time of an analysis.
    """
    _set((_ARENA_MAX, _ARENAS), (_MMAP_THRESHOLD, 2**30), (_TRIM_THRESHOLD, 2**31 - 1))


def give_back_freed_memory() -> None:
    """Return to the system what has been freed, even where it is kept: before a stage that needs much, and other, memory."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)


@contextmanager
def giving_back_freed_memory(every_s: float) -> Iterator[None]:
    """Do so again and again while the block runs, in a thread of its own.

    In a process that runs for hours, what lives long comes to lie between what is freed, and glibc by itself gives back only
    what is free at the end of an arena.
    """
    over = Event()

    def give_back() -> None:
        while not over.wait(every_s):
            give_back_freed_memory()

    thread = Thread(target=give_back, name="memory", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _set(*options: tuple[int, int]) -> None:
    libc = _libc()
    if libc is not None:
        for number, value in options:
            libc.mallopt(number, value)


def _libc() -> ctypes.CDLL | None:
    """glibc; None with another C library."""
    if sys.platform != "linux":
        return None
    try:
        libc = ctypes.CDLL(None)
        return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
    except OSError:
        return None
