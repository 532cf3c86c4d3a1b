"""How a batch goes: a line that stays while a person is watching, a line a minute where output goes to a file."""

from collections.abc import Callable
from time import monotonic

import typer
from rich.progress import BarColumn, SpinnerColumn, TextColumn

from monitor.archive.batch import Status
from monitor.cli.progress import Line
from monitor.titles import clock

_EVERY_S = 60.0
_SURE_AFTER = 3
"""No time left is told before so many calls are done."""


class Display(Line):
    """Shows how a batch stands."""

    def __init__(self, *, every_s: float = _EVERY_S, say: Callable[[str], None] | None = None) -> None:
        self._say = say or (lambda line: typer.echo(line, err=True))
        self._every_s = every_s
        self._next = monotonic() + every_s
        self._told_stopping = False
        super().__init__(SpinnerColumn(), BarColumn(bar_width=24), TextColumn("{task.description}", markup=False))

    def __call__(self, status: Status) -> None:
        """The batch stands so now."""
        if status.stopping and not self._told_stopping:
            self._told_stopping = True
            self._print("heard: finishing the calls under way; Ctrl-C again stops at once.")
        if self.progress is not None:
            done, total = _done(status), _done(status) + status.left
            self.show(line_of(status), done, total or 1)
        elif monotonic() >= self._next:
            self._next = monotonic() + self._every_s
            self._say(line_of(status))

    def _print(self, sentence: str) -> None:
        if self.progress is not None:
            self.progress.console.print(sentence, highlight=False)
        else:
            self._say(sentence)


def line_of(status: Status) -> str:
    """How far, how fast, how long yet, and how many failures; of all who work at the queue."""
    took_s = max(1e-3, monotonic() - status.began)
    done = _done(status)
    listing = "" if status.listed else " (listing goes on)"
    parts = [f"{done:,} of {done + status.left:,}{listing}"]
    if done:
        parts.append(f"{60 * done / took_s:.1f} calls a minute")
    if status.heard_s:
        parts.append(f"{status.heard_s / took_s:.1f} × real time")
    if done >= _SURE_AFTER and status.left:
        parts.append(f"about {clock(took_s * status.left / done)} left")
    failed = status.queue.get("failed", 0) + status.queue.get("quarantined", 0)
    if failed:
        parts.append(f"{failed:,} failed")
    return " · ".join(parts)


def _done(status: Status) -> int:
    """Calls that this and other batches have settled since this one began."""
    return max(0, sum(status.first.get(state, 0) for state in ("waiting", "running")) + status.queued - status.left)
