"""Loading what will be needed while something else is at work: a big import keeps one core busy, and leaves the other."""

from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from audio.errors import HeardError


def load_ahead(load: Callable[[], None]) -> None:
    """Call `load` in the background. What it cannot load is told when it is really needed."""

    def run() -> None:
        with suppress(HeardError):
            load()

    Thread(target=run, daemon=True).start()
