"""`heard rules`: what the built-in kinds and the user's own find, whether they are well written, what they would flag, and
calls judged anew when they have changed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import AgentOption, ChannelsOption, ConfigOption, LanguageOption, ModelOption, StoreOption

if TYPE_CHECKING:
    from monitor.settings import Settings

app = typer.Typer(
    help="Print, check and try out rules; apply them to stored calls.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

NameArgument = Annotated[str, typer.Argument(metavar="RULE", help="A kind of moment, built in or of your own.")]


@app.callback()
def rules(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print the rules as JSON.")] = False,
    config: ConfigOption = None,
) -> None:
    """Print, check and try out rules; apply them to stored calls."""
    context.obj = config
    if context.invoked_subcommand is not None:
        return
    from monitor.rules import load_rules

    settings = _settings(context, config)
    in_force = load_rules(settings.moments, settings.rules)
    if json:
        typer.echo(in_force.model_dump_json(indent=2, by_alias=True))
        return
    from rich.console import Console

    from monitor.cli.output import print_rules

    print_rules(in_force, Console())


@app.command()
def show(context: typer.Context, name: NameArgument, config: ConfigOption = None) -> None:
    """Print one rule in words and with all its values."""
    from rich.console import Console

    from monitor.cli.rehearse import known, print_rule
    from monitor.rules import load_rules

    settings = _settings(context, config)
    in_force = load_rules(settings.moments, settings.rules)
    print_rule(known(name, in_force), in_force, Console())


@app.command()
def check(context: typer.Context, config: ConfigOption = None) -> None:
    """Say whether heard.toml is well written, and if not, what is wrong and what is allowed."""
    from monitor.cli.rehearse import check_settings

    typer.echo(check_settings(config or context.obj))


@app.command("test")
def try_out(
    context: typer.Context,
    name: NameArgument,
    calls: Annotated[
        list[str], typer.Argument(metavar="CALL...", help="Transcripts, recordings, or ids of stored calls.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print JSON Lines, one call a line.")] = False,
    store: StoreOption = None,
    model: ModelOption = None,
    language: LanguageOption = None,
    agent: AgentOption = None,
    channels: ChannelsOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what a rule would flag in calls, and what only just fails; nothing is stored."""
    from monitor.cli.rehearse import Rehearsing

    settings = _settings(context, config, store=store, model=model, language=language, agent=agent, channels=channels)
    rehearsing = Rehearsing(name, settings, json=json)
    raise typer.Exit(rehearsing.run(calls))


@app.command()
def apply(
    context: typer.Context,
    workers: Annotated[
        int | None, typer.Option("--workers", "-j", min=1, metavar="N", help="Processes that judge [one a core].")
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Judge stored calls anew that were judged by other rules; nothing is transcribed again."""
    from monitor.cli.rejudge import apply_rules

    raise typer.Exit(apply_rules(_settings(context, config, store=store), workers))


def _settings(context: typer.Context, config: Path | None, **given: str | None) -> "Settings":
    """The settings in force; --config may stand before or after the subcommand."""
    from monitor.settings import load_settings

    return load_settings(config or context.obj, **given)
