"""A command about the program itself: version."""

import typer


def version() -> None:
    """Print the version of heard."""
    from importlib.metadata import version as installed

    typer.echo(f"heard {installed('heard')}")
