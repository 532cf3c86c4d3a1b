"""A progress bar on standard error while a person is watching, and silence otherwise."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

SHARES = {
    "decoding": 0.03,
    "speech": 0.04,
    "words": 0.6,
    "speakers": 0.2,
    "voice": 0.05,
    "sounds": 0.05,
    "judging": 0.1,
}
"""About which part of the work each stage is, for the estimate of the time left; an unknown stage counts little."""


class Bar:
    """One call's progress. Use it in a `with` block; it leaves nothing behind on the screen."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._fractions: dict[str, float] = {}
        self._progress: Progress | None = None
        if sys.stderr.isatty():
            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=30),
                TextColumn("{task.percentage:>3.0f}%"),
                TimeRemainingColumn(compact=True),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._progress.add_task(label, total=1.0)

    def __call__(self, stage: str, fraction: float) -> None:
        """A stage is done to a fraction (0 to 1); the stages before it are taken to be done."""
        if self._progress is None:
            return
        self._fractions[stage] = fraction
        known = list(SHARES)
        done = 0.0
        for name in known[: known.index(stage)] if stage in known else ():
            self._fractions[name] = 1.0
        done = sum(SHARES.get(name, 0.0) * part for name, part in self._fractions.items()) / sum(SHARES.values())
        self._progress.update(self._task, description=f"{self._label}: {stage}", completed=min(done, 0.99))

    def stage(self, name: str) -> Callable[[int, int], None]:
        """For work of one stage: told how much is done, of how much."""

        def told(done: int, total: int) -> None:
            if self._progress is not None:
                self._progress.update(self._task, description=f"{self._label}: {name}", completed=done / total)

        return told

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
