"""Loading what will be needed while something else is at work: a big import keeps one core busy, and leaves the other."""

from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from audio.errors import HeardError


def load_ahead(*loads: Callable[[], None]) -> None:
    """Call each of `loads` in the background, in this order. What cannot be loaded is told when it is really needed."""

    def run() -> None:
        for load in loads:
            with suppress(HeardError):
                load()

    Thread(target=run, daemon=True).start()
