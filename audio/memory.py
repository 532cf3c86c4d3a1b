"""How the process keeps memory that it has freed. Nothing is done on systems without glibc."""

import ctypes
import sys

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


def _set(*options: tuple[int, int]) -> None:
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return
    for number, value in options:
        mallopt(number, value)
