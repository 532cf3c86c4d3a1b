"""How long a call may take, by its length: what takes longer hangs."""

from contextlib import suppress
from pathlib import Path

from audio.errors import HeardError

TIMES = 4.0
"""Times a call's own length that its analysis may take: some ten times what it takes on two slow cores."""
GRACE_S = 120.0
"""Beside that: for short calls, and for a disk or a network that is slow to answer."""
LOADING_S = 300.0
"""Beside that, where models have to be loaded first."""
_BYTES_A_SECOND = 1000
"""Of sound where no header states a length: telephone speech is seldom packed into fewer (8 kbit/s, as G.729)."""
FETCH_S = 600.0
"""For fetching what is not known in size yet."""


def allowed_s(path: Path, times: float = TIMES) -> float:
    """Seconds that the analysis of a recording or transcript may take."""
    return GRACE_S + times * _length_s(path)


def _length_s(path: Path) -> float:
    """The length that a recording states, else the most that it can be."""
    from monitor.transcripts import is_transcript

    stated = None
    with suppress(HeardError, OSError):
        if is_transcript(path):
            return 0.0
        from audio.container import open_container, open_file

        with open_file(path) as file:
            opened = open_container(path, file)
            with opened.av:
                stated = opened.stated_s
    if stated is not None:
        return stated
    with suppress(OSError):
        return path.stat().st_size / _BYTES_A_SECOND
    return 0.0
