"""`heard store`: whether the store is whole, a copy of it, and a move to another database."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import ConfigOption, StoreOption

app = typer.Typer(help="Check the store, copy it, move it.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def check(
    repair: Annotated[
        bool, typer.Option("--repair", help="Make counts and search index anew, and delete what is left over.")
    ] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Say whether the store is whole and agrees with itself, and if not, what to do."""
    from monitor.cli.care import check_store

    raise typer.Exit(check_store(_name(store, config), repairing=repair))


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The copy, which must not be there yet.")],
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a consistent copy of the store, which may be in use."""
    from monitor.cli.care import backup_store

    backup_store(_name(store, config), target)


@app.command()
def migrate(
    target: Annotated[
        str | None,
        typer.Argument(metavar="[PATH|URL]", help="An empty store to copy everything into.", show_default=False),
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Copy the store into another database; without one, only bring its tables up to date."""
    from monitor.cli.care import migrate_store

    migrate_store(_name(store, config), target)


def _name(store: str | None, config: Path | None) -> str:
    from monitor.settings import load_settings

    return load_settings(config, store=store).store
