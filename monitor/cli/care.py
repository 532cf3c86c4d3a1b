"""What the commands of `heard store` do, and what they tell."""

from pathlib import Path

import typer

from audio.errors import StoreError
from monitor.cli.progress import Bar
from monitor.store import Store
from monitor.store.backup import backup
from monitor.store.check import Problem, check, repair
from monitor.store.engine import file_of, parse_url
from monitor.store.migrate import HEAD
from monitor.store.move import move


def check_store(name: str, *, repairing: bool) -> int:
    """Tell what is wrong with a store, and mend what can be mended if asked to; the exit code is 1 if something stays wrong."""
    with Store.open(name, create=False) as store:
        problems = _problems(store)
        if repairing and any(problem.repairable for problem in problems):
            repair(store)
            mended = [problem.what for problem in problems if problem.repairable]
            problems = _problems(store)
            typer.echo("\n".join(f"mended: {what}." for what in mended))
        for problem in problems:
            typer.echo(f"{problem.what}: {problem.advice}.")
        if not problems:
            typer.echo(f"{store.name} is whole: {store.count()} calls.")
    return 1 if problems else 0


def _problems(store: Store) -> tuple[Problem, ...]:
    with Bar(store.name) as bar:
        return check(store, bar.stage("reading"))


def backup_store(name: str, target: Path) -> None:
    """Copy a store and tell how large the copy is."""
    with Bar(str(target)) as bar:
        backup(name, target, bar.stage("copying"))
    typer.echo(f"{target}  {target.stat().st_size / 1e6:.1f} MB")


def migrate_store(name: str, target: str | None) -> None:
    """Move a store, or only bring its schema up to date."""
    with Store.open(name, create=False) as store:
        if target is None:
            typer.echo(f"{store.name} has schema {HEAD}, which is the newest.")
            return
        if _same(name, target):
            raise StoreError(f"{target} is the store itself; name an empty one to copy it into.")
        with Store.open(target) as new, Bar(new.name) as bar:
            calls = move(store, new, bar.stage("copying"))
            there = new.name
        typer.echo(f"{calls} calls copied into {there}; {store.name} is as it was.")


def _same(name: str, target: str) -> bool:
    one, other = parse_url(name), parse_url(target)
    file, copy = file_of(one), file_of(other)
    return one == other or bool(file and copy and file.resolve() == copy.resolve())
