"""Commands that read the store: show, list, export, clips, audio."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from audio.errors import BadSettings
from monitor.cli.options import CallIdArgument, ConfigOption, StoreOption

if TYPE_CHECKING:
    from monitor.store import Store

Format = Literal["json", "csv", "srt", "vtt", "rttm"]
RecordingOption = Annotated[
    Path | None, typer.Option("--recording", metavar="FILE", help="Where the recording is now, if it has moved.")
]
Order = Literal["newest", "missed", "frustration"]


def show(
    call_id: CallIdArgument,
    full: Annotated[bool, typer.Option("--full", help="Print the whole transcript with the flags in it.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the timeline of an analysed call."""
    with _open(store, config) as calls:
        report = calls.load(call_id)
    from rich.console import Console

    from monitor.terminal import print_report

    print_report(report, Console(), full=full)


def list_calls(
    order: Annotated[
        Order, typer.Option("--order", help="What comes first: newest, most missed, most frustrated.")
    ] = "newest",
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Print only the first N.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON Lines, one call a line.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """List the analysed calls."""
    with _open(store, config) as opened:
        calls = opened.list(order=order, limit=limit)
    if json:
        for call in calls:
            typer.echo(call.model_dump_json())
        return
    if not calls:
        typer.echo("The store is empty; `heard analyze CALL` fills it.")
        return
    from rich.console import Console

    from monitor.terminal import print_calls

    print_calls(calls, Console())


def export(
    call_id: Annotated[
        str | None, typer.Argument(metavar="[CALL_ID]", help="The call, as `heard list` names it.", show_default=False)
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="json: all; csv: moments; srt, vtt: subtitles; rttm: who spoke when."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write to a file instead of standard output.")
    ] = None,
    parquet: Annotated[
        Path | None,
        typer.Option("--parquet", metavar="DIR", help="Write all calls as tables for analysts into a folder."),
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a call in another format, or all calls as tables."""
    from monitor.cli.output import write_all, write_one

    if parquet is not None:
        if call_id or format or out:
            raise BadSettings("--parquet writes all calls; leave out the call id, --format and --out.")
        with _open(store, config) as calls:
            typer.echo(write_all(calls, parquet))
        return
    if call_id is None or format is None:
        raise BadSettings("Name a call and a --format, such as `heard export CALL_ID --format csv`, or --parquet DIR.")
    with _open(store, config) as calls:
        report = calls.load(call_id)
    write_one(report, format, out)


def clips(
    call_id: CallIdArgument,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the clips; made if missing.")],
    recording: RecordingOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Cut each moment of a call into an audio file."""
    with _open(store, config) as calls:
        report = calls.load(call_id)
    from monitor.cli.progress import Bar
    from monitor.clips import write_clips

    with Bar(call_id) as bar:
        paths = write_clips(report, out, recording=recording, progress=bar.stage("cutting"))
    typer.echo(
        f"{len(paths)} {'clip' if len(paths) == 1 else 'clips'} in {out}" if paths else "There are no moments to cut."
    )


def audio(
    call_id: CallIdArgument,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The file to write, such as call.m4a.")],
    start: Annotated[float | None, typer.Option("--start", metavar="S", help="First second [the beginning].")] = None,
    end: Annotated[float | None, typer.Option("--end", metavar="S", help="Last second [the end].")] = None,
    recording: RecordingOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a small copy of a call's recording to listen to."""
    with _open(store, config) as calls:
        report = calls.load(call_id)
    from monitor.cli.progress import Bar
    from monitor.playback import write_copy

    given = start is not None or end is not None
    span = (start or 0.0, report.duration_s if end is None else end) if given else None
    with Bar(call_id) as bar:
        write_copy(report, out, span=span, recording=recording, progress=bar.stage("encoding"))


def _open(store: str | None, config: Path | None) -> "Store":
    """The store, which must be there already."""
    from monitor.settings import load_settings
    from monitor.store import Store

    return Store.open(load_settings(config, store=store).store, create=False)
