"""Commands about the program itself: rules and version."""

from typing import Annotated

import typer

from monitor.cli.options import ConfigOption


def rules(
    json: Annotated[bool, typer.Option("--json", help="Print the rules as JSON.")] = False,
    config: ConfigOption = None,
) -> None:
    """Print the rules in force for each kind of moment."""
    from monitor.rules import load_rules
    from monitor.settings import load_settings

    in_force = load_rules(load_settings(config).moments)
    if json:
        typer.echo(in_force.model_dump_json(indent=2))
        return
    from rich.console import Console

    from monitor.cli.output import print_rules

    print_rules(in_force, Console())


def version() -> None:
    """Print the version of heard."""
    from importlib.metadata import version as installed

    typer.echo(f"heard {installed('heard')}")
