"""`heard analyze` and `heard facts`: from recordings to reports."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import (
    AgentOption,
    ChannelsOption,
    ConfigOption,
    LanguageOption,
    ModelOption,
    SideOption,
    StoreOption,
)

CallsArgument = Annotated[
    list[Path], typer.Argument(metavar="CALL...", help="Recordings, or transcripts as JSON, SRT or VTT.")
]


def analyze(
    calls: CallsArgument,
    json: Annotated[
        str | None,
        typer.Option(
            "--json", metavar="FILE|-", help="Write the reports as JSON Lines, one a line; - means standard output."
        ),
    ] = None,
    json_dir: Annotated[
        Path | None,
        typer.Option("--json-dir", metavar="DIR", help="Write each report as DIR/<name of the input>.json."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no timelines; failures are still named.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Print the whole transcript with the flags in it.")] = False,
    store: StoreOption = None,
    no_store: Annotated[bool, typer.Option("--no-store", help="Keep nothing in the store.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a stored call of the same id even if it is another recording.")
    ] = False,
    call_id: Annotated[
        str | None,
        typer.Option("--call-id", metavar="ID", help="Id of the (one) call instead of the name of its file."),
    ] = None,
    model: ModelOption = None,
    language: LanguageOption = None,
    agent: AgentOption = None,
    channels: ChannelsOption = None,
    side: SideOption = None,
    config: ConfigOption = None,
) -> None:
    """Find the moments in calls; print and keep them.

    Exit code 0: all are analysed; 1: some failed, each is named with the reason; 2: wrong usage.
    """
    if call_id is not None and len(calls) > 1:
        raise typer.BadParameter("it names one call, but several are given.", param_hint="--call-id")
    from monitor.cli.runner import Runner
    from monitor.settings import load_settings

    runner = Runner(
        load_settings(config, store=store, model=model, language=language, agent=agent, channels=channels),
        keep=not no_store,
        replace=replace,
        json=json,
        json_dir=json_dir,
        quiet=quiet,
        full=full,
    )
    raise typer.Exit(runner.run(calls, side=side, call_id=call_id))


def facts(
    call: Annotated[Path, typer.Argument(metavar="CALL", help="A recording or a transcript.")],
    json: Annotated[
        str, typer.Option("--json", metavar="FILE|-", help="Where to write the facts; - means standard output.")
    ] = "-",
    side: SideOption = None,
    model: ModelOption = None,
    language: LanguageOption = None,
    agent: AgentOption = None,
    channels: ChannelsOption = None,
    config: ConfigOption = None,
) -> None:
    """Write what is heard in a call, before any judgement."""
    from monitor.cli.runner import write_facts
    from monitor.settings import load_settings

    settings = load_settings(config, model=model, language=language, agent=agent, channels=channels)
    write_facts(settings, call, side=side, target=json)
