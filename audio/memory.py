"""How the process keeps memory that it has freed."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Numbers of glibc's mallopt(3)."""
_ARENAS = 2


def keep_freed_memory() -> None:
    """Keep freed memory for the next array, and share it between threads; call it before threads are started.

    Models make and free the same large arrays again and again. glibc returns each to the system and takes new pages
    for the next, which costs a tenth of the processor time of an analysis. Does nothing on other systems.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return
    mallopt(_ARENA_MAX, _ARENAS)
    mallopt(_MMAP_THRESHOLD, 2**30)
    mallopt(_TRIM_THRESHOLD, 2**31 - 1)
