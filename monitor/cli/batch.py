"""`heard batch` and `heard watch`: archives and drop folders, through the queue in the store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import AgentOption, ChannelsOption, ConfigOption, LanguageOption, ModelOption, StoreOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.archive.crew import Crew
    from monitor.archive.describe import NamePattern
    from monitor.archive.processes import Spec
    from monitor.archive.sources import Listing
    from monitor.settings import Settings

SourcesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SOURCE]...",
        help="Recordings, folders, globs, manifests (.csv, .parquet), or URLs of these (s3://, sftp:// ...); "
        "without any, what is in the queue already.",
    ),
]
PatternOption = Annotated[
    str | None,
    typer.Option(
        "--name-pattern",
        metavar="REGEX",
        help="What paths tell of calls, by named groups: call_id, agent, team, start, direction, agent_channel, language.",
    ),
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", min=1, metavar="N", help="Processes to work with [by cores and memory].")
]
TimesOption = Annotated[
    float,
    typer.Option("--time-limit", min=0.1, metavar="TIMES", help="What a call may take, in times its own length."),
]
RayOption = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Work on a Ray cluster: HOST:6379 of its head, or auto on one of its machines (see docs/CLUSTER.md).",
    ),
]
LogOption = Annotated[
    str | None,
    typer.Option("--log-json", metavar="FILE|-", help="Add a JSON line for each call to a file; - is standard output."),
]


def batch(
    sources: SourcesArgument = None,
    name_pattern: PatternOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be done.")] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what has failed or is quarantined.")
    ] = False,
    workers: WorkersOption = None,
    ray: RayOption = None,
    time_limit: TimesOption = 4.0,
    log_json: LogOption = None,
    store: StoreOption = None,
    model: ModelOption = None,
    language: LanguageOption = None,
    agent: AgentOption = None,
    channels: ChannelsOption = None,
    config: ConfigOption = None,
) -> None:
    """Analyse an archive: nothing is lost or done twice.

    What is done stays done: the same command again goes on where it stopped, and begins anew only what has changed.
    Several may share one store, on several machines.

    Exit code 0: all are done; 1: some could not be, each is named with the reason; 2: wrong usage.
    """
    from monitor.archive.describe import NamePattern
    from monitor.archive.processes import Processes
    from monitor.cli.batching import begin, plan
    from monitor.settings import load_settings

    settings = load_settings(config, store=store, model=model, language=language, agent=agent, channels=channels)
    listing = _listing(settings, sources or [], NamePattern(name_pattern) if name_pattern else None)
    if dry_run:
        raise typer.Exit(plan(settings, listing))
    if ray and workers:
        raise typer.BadParameter(
            "the nodes of a cluster take as many workers as they have room for", param_hint="--workers"
        )
    code = begin(
        settings,
        listing,
        workers=workers,
        times=time_limit,
        log_json=log_json,
        retry_failed=retry_failed,
        make_crew=_on_cluster(ray) if ray else Processes,
    )
    raise typer.Exit(code)


def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where recordings are dropped.")],
    name_pattern: PatternOption = None,
    settle: Annotated[
        float,
        typer.Option(
            "--settle", min=0.1, metavar="S", help="A file is taken when it has not changed for so many seconds."
        ),
    ] = 5.0,
    workers: WorkersOption = None,
    time_limit: TimesOption = 4.0,
    log_json: LogOption = None,
    store: StoreOption = None,
    model: ModelOption = None,
    language: LanguageOption = None,
    agent: AgentOption = None,
    channels: ChannelsOption = None,
    config: ConfigOption = None,
) -> None:
    """Analyse what is dropped into a folder, until Ctrl-C."""
    from monitor.archive.describe import NamePattern
    from monitor.archive.watch import Drops
    from monitor.cli.batching import begin
    from monitor.settings import load_settings

    settings = load_settings(config, store=store, model=model, language=language, agent=agent, channels=channels)
    pattern = NamePattern(name_pattern) if name_pattern else None
    drops = Drops(folder, settle_s=settle, listing=_listing(settings, [], pattern))
    raise typer.Exit(begin(settings, drops, workers=workers, times=time_limit, log_json=log_json))


def _on_cluster(address: str) -> "Callable[[Spec, int], Crew]":
    """What starts a crew on a cluster in place of one on this machine."""
    from monitor.archive.ray_crew import RayCrew

    return lambda spec, _: RayCrew(spec, address)


def _listing(settings: "Settings", sources: list[str], pattern: "NamePattern | None") -> "Listing":
    """The calls of some sources; what is set for all calls holds for each of them."""
    from monitor.archive.sources import Listing
    from monitor.store.job_records import Asked

    asked = Asked(agent=settings.agent, language=settings.language, channels=settings.channels)
    return Listing(sources, pattern=pattern, asked=asked)
