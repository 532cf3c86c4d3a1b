"""Memory that was freed goes back to the system while a server runs, whatever lies between."""

import platform
import time
from pathlib import Path

import pytest

from audio.memory import giving_back_freed_memory

MB = 1_000_000
needs_glibc = pytest.mark.skipif("glibc" not in platform.libc_ver()[0], reason="only glibc can be told")


def held_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / MB for line in lines if line.startswith("RssAnon"))


@needs_glibc
def test_what_is_freed_between_what_stays_is_given_back():
    # Pieces that come from the heap, the last of which stays: nothing at the heap's end is free.
    pieces = [b"x" * 100_000 for _ in range(2_000)]
    stay = pieces[::50] + pieces[-1:]
    full = held_mb()
    with giving_back_freed_memory(0.02):
        pieces.clear()
        until = time.monotonic() + 20
        while held_mb() > full - 150 and time.monotonic() < until:
            time.sleep(0.02)
        assert held_mb() < full - 150
    assert len(stay) == 41
