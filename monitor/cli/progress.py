"""A progress bar on standard error while a person is watching, and silence otherwise."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from monitor.titles import clock


class Stage(NamedTuple):
    """What a person reads while it lasts, and about which part of a call's work it is."""

    words: str
    share: float


STAGES = {
    "decoding": Stage("decoding", 0.03),
    "speech": Stage("finding speech", 0.05),
    "words": Stage("transcribing", 0.55),
    "speakers": Stage("telling speakers apart", 0.20),
    "voice": Stage("listening to the voice", 0.03),
    "sounds": Stage("listening for sounds", 0.05),
    "judging": Stage("judging", 0.09),
}
"""In the order they come; a stage that is left out is passed over when the next one begins."""


class Line:
    """A line on standard error while a person is watching. Use it in a `with` block; it leaves nothing behind.

    columns: what the line shows, from left to right
    """

    def __init__(self, *columns: ProgressColumn) -> None:
        self.progress: Progress | None = None
        """None where nobody is watching."""
        if sys.stderr.isatty():
            self.progress = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self.progress.add_task("", total=1.0)

    def show(self, words: str, done: float, total: float = 1.0) -> None:
        """So much is done, of so much."""
        if self.progress is not None:
            self.progress.update(self._task, description=words, completed=done, total=total)

    def __enter__(self) -> Self:
        if self.progress is not None:
            self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.progress is not None:
            self.progress.stop()


class Bar(Line):
    """One call's progress."""

    def __init__(self, label: str) -> None:
        self._label = label
        super().__init__(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f}%"),
            _TimeLeft(),
        )
        self.show(label, 0.0)

    def __call__(self, stage: str, fraction: float) -> None:
        """A stage is done to a fraction (0 to 1)."""
        words = STAGES[stage].words if stage in STAGES else stage
        self.show(f"{self._label}: {words}", done_in_all(stage, fraction))

    def stage(self, words: str) -> Callable[[float, float], None]:
        """For work of one stage: told how much is done, of how much."""
        return lambda done, total: self.show(f"{self._label}: {words}", done / total)


def done_in_all(stage: str, fraction: float) -> float:
    """Which part of a call's work is done (0 to 1) when a stage is done to a fraction."""
    done = 0.0
    for name, (_, share) in STAGES.items():
        if name == stage:
            return done + share * fraction
        done += share
    return 0.0


class _TimeLeft(ProgressColumn):
    """The time left if the rest goes as fast as all until now: steadier than the speed of the last moments."""

    def render(self, task: Task) -> Text:
        if not task.elapsed or task.completed < 0.08:
            return Text()
        left_s = task.elapsed * (1 - task.completed) / task.completed
        return Text(f"about {clock(left_s)} left", style="dim")
