"""Hearing a call while the one before is judged: judging keeps one core busy, and leaves the others."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from audio.meanwhile import Meanwhile

Options = TypeVar("Options")
T = TypeVar("T")
Progress = Callable[[str, float], None]


class NextCall(Generic[Options, T]):
    """Hears calls, one of them early where it is known which comes next.

    hear: hears a call; runs in another thread where it is begun early
    """

    def __init__(self, hear: Callable[[Path, Options, Progress], T]) -> None:
        self._hear = hear
        self._asked: tuple[Path, Options] | None = None
        self._begun: Meanwhile[[str, float], T] | None = None

    def begin(self, path: Path, options: Options) -> None:
        """Begin to hear a call in the background; what is wrong with it is told when it is asked for."""
        self.close()
        self._asked = path, options
        self._begun = Meanwhile(lambda progress: self._hear(path, options, progress))

    def heard(self, path: Path, options: Options, progress: Progress) -> T:
        """The call that was begun, if it is this one, else it is heard now."""
        if self._begun is None or self._asked != (path, options):
            self.close()
            return self._hear(path, options, progress)
        with self._begun as begun:
            self._begun = None
            return begun.result(progress)

    def close(self) -> None:
        """Nobody asks for the call that was begun."""
        if self._begun is not None:
            with self._begun:
                self._begun = None
