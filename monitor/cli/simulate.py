"""`heard simulate`: plays recordings to a server as a telephone system would."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def simulate(
    calls: Annotated[
        list[Path],
        typer.Argument(metavar="CALL...", help="Recordings, with a channel for each party.", show_default=False),
    ],
    to: Annotated[str, typer.Option("--to", metavar="URL", help="The server, such as ws://127.0.0.1:8765.")],
    protocol: Annotated[
        Literal["twilio", "audiohook", "pcm"], typer.Option("--protocol", help="What to speak with the server.")
    ] = "pcm",
    speed: Annotated[
        float, typer.Option("--speed", min=0.1, max=8.0, help="So many times faster than it was spoken.")
    ] = 1.0,
    copies: Annotated[
        int, typer.Option("--calls", min=1, metavar="N", help="Play each recording as N calls at once.")
    ] = 1,
    agent: Annotated[
        Literal["left", "right"], typer.Option("--agent", help="The channel that the agent is on.")
    ] = "left",
    turns: Annotated[
        list[Path] | None,
        typer.Option(
            "--turns", metavar="FILE", help="Who speaks when, for a recording with one channel and the same name."
        ),
    ] = None,
    team: Annotated[str | None, typer.Option("--team", help="The team that the calls are said to be of.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="The language that the calls are said to be in.")
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", envvar="HEARD_TOKEN", help="What the server asks of its clients.")
    ] = None,
) -> None:
    """Play recordings to a server as live calls.

    For a demonstration, or to see how many calls a machine bears.
    """
    from importlib.util import find_spec

    from audio.errors import HeardError
    from monitor.cli.progress import Bar
    from monitor.live.simulate import Simulation, read_sides
    from monitor.live.simulate import simulate as play
    from monitor.transcripts import read_transcript

    if find_spec("websockets") is None:
        raise HeardError("Simulated calls need the library websockets; install it with: pip install 'heard[live]'")
    transcripts = {path.stem: read_transcript(path).turns for path in turns or ()}
    said = {"team": team, "language": language}
    simulation = Simulation(to, protocol, speed, token, tuple((name, value) for name, value in said.items() if value))
    sides = [read_sides(path, agent=agent, turns=transcripts.get(path.stem)) for path in calls]
    with Bar(f"{len(sides) * copies} {'call' if len(sides) * copies == 1 else 'calls'}") as bar:
        ids = play([one for one in sides for _ in range(copies)], simulation, bar.stage("speaking"))
    for call_id in ids:
        typer.echo(call_id)
