"""Telling the speakers apart while the words are still being recognised."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Self

from audio.ports import Diarizer, SideSpan, Track


class _NotNeeded(Exception):
    """Nobody waits for the speakers any more."""


class Meanwhile:
    """Who speaks when in one channel, worked out in the background from now on; use it in a `with` block."""

    def __init__(self, diarizer: Diarizer, track: Track, *, speakers: int | None) -> None:
        self._stopped = Event()
        self._tell: Callable[[float], None] | None = None
        self._pool = ThreadPoolExecutor(1)
        self._found = self._pool.submit(
            diarizer.diarize, track.channel, track.speech, speakers=speakers, progress=self._go_on
        )

    def spans(self, progress: Callable[[float], None]) -> tuple[SideSpan, ...]:
        """Wait for what was found; `progress` is told the fraction done from now on. Raises what the diarizer raised."""
        progress(0.0)
        self._tell = progress
        spans = self._found.result()
        progress(1.0)
        return spans

    def _go_on(self, done: float) -> None:
        if self._stopped.is_set():
            raise _NotNeeded
        if self._tell is not None:
            self._tell(done)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The recording is closed after this, so nobody may be reading it any more.
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
