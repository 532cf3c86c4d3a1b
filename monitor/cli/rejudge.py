"""`heard rules apply`: stored calls judged anew, with progress."""

import os
import time

import typer

from monitor.cli.progress import Bar
from monitor.rejudge import Tally, rejudge_all
from monitor.settings import Settings

_NAMED = 5
"""So many calls that could not be judged are named."""


def apply_rules(settings: Settings, workers: int | None) -> int:
    """Judge what is stored by the rules in force; the exit code is 0, or 1 where calls could not be judged."""
    begun = time.monotonic()
    with Bar("rules") as bar:
        told = bar.stage("judging anew")
        try:
            done = rejudge_all(settings, workers=workers or cores(), progress=lambda so_far, n: told(so_far.done, n))
        except KeyboardInterrupt:
            typer.echo("\nheard: stopped; what was judged is kept, and the next run goes on from there.", err=True)
            return 130
    typer.echo(_sentence(done, time.monotonic() - begun))
    if done.failed:
        named = ", ".join(done.failed[:_NAMED]) + (" ..." if len(done.failed) > _NAMED else "")
        typer.echo(f"heard: {len(done.failed)} reports do not fit this version; analyze again: {named}", err=True)
    return 1 if done.failed else 0


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _sentence(done: Tally, took_s: float) -> str:
    if not done.done:
        return "Every stored call is judged by the rules in force."
    calls = f"{done.judged} {'call' if done.judged == 1 else 'calls'} judged anew in {took_s:.0f} s"
    busy = f"; {done.skipped} were analysed again meanwhile" if done.skipped else ""
    return f"{calls}{busy}."
