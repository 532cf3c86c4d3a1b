"""Work that goes on in the background: telling the speakers apart while words are recognised, hearing the next call early."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Generic, ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _NotNeeded(Exception):
    """Nobody waits for the result any more."""


class Meanwhile(Generic[P, T]):
    """Work that goes on in the background from now on; at the end of a `with` block it is stopped.

    work: is given what it is to tell its progress to, which also stops it once nobody waits for it
    """

    def __init__(self, work: Callable[[Callable[P, None]], T]) -> None:
        self._stopped = Event()
        self._tell: Callable[P, None] | None = None
        self._pool = ThreadPoolExecutor(1)
        self._found = self._pool.submit(work, self._go_on)

    def result(self, progress: Callable[P, None]) -> T:
        """Wait for what comes of it; `progress` is told how far it is from now on. Raises what the work raised."""
        self._tell = progress
        return self._found.result()

    def _go_on(self, *args: P.args, **kwargs: P.kwargs) -> None:
        if self._stopped.is_set():
            raise _NotNeeded
        if self._tell is not None:
            self._tell(*args, **kwargs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What it reads is closed after this, so it may not go on.
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
