"""`heard evaluate`: how well labelled calls are judged."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import ConfigOption, ModelOption


def evaluate(
    calls: Annotated[list[Path], typer.Argument(metavar="SET...", help="Labelled calls as JSON, or folders of them.")],
    json: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write the figures as JSON; - means standard output.")
    ] = None,
    written: Annotated[
        bool, typer.Option("--written", help="Judge the turns as written even where a recording lies beside them.")
    ] = False,
    model: ModelOption = None,
    config: ConfigOption = None,
) -> None:
    """Measure how well labelled calls are judged.

    Where a recording of the same name lies beside a labelled file, it is heard; else the turns are judged as written.

    Exit code 0: all are judged; 1: some could not be, each is named with the reason; 2: wrong usage.
    """
    from rich.console import Console

    from audio.errors import HeardError
    from monitor.analyze import Analyzer
    from monitor.cli.output import write_text
    from monitor.cli.progress import Bar
    from monitor.evaluate.evaluation import score
    from monitor.evaluate.labels import find_files, read_labelled
    from monitor.evaluate.run import judge
    from monitor.evaluate.table import print_evaluation
    from monitor.settings import load_settings

    files = find_files(calls)
    analyzer = Analyzer(load_settings(config, model=model))
    judged, failures, recordings = [], [], 0
    for number, path in enumerate(files, 1):
        try:
            call = read_labelled(path)
            with Bar(f"{path.name} ({number}/{len(files)})") as bar:
                judged.append(judge(call, analyzer, written=written, progress=bar))
            recordings += call.recording is not None and not written
        except HeardError as error:
            failures.append(str(error))
    for sentence in failures:
        typer.echo(f"heard: {sentence}", err=True)
    if not judged:
        raise typer.Exit(1)
    figures = score(judged, recordings=recordings)
    if json:
        write_text(figures.to_json(indent=2) + "\n", None if json == "-" else Path(json))
    if json != "-":
        print_evaluation(figures, Console())
    raise typer.Exit(1 if failures else 0)
