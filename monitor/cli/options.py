"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Agent = Literal["auto", "left", "right", "first", "second"]
Side = Literal["customer", "agent"]

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings to use instead of heard.toml in the working directory."),
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", metavar="PATH|URL", help="Where reports are kept: a file, or a database URL [heard.db]."),
]
LanguageOption = Annotated[
    str | None,
    typer.Option("--language", metavar="CODE", help="Language of the call (en, zh ...) instead of finding it."),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="NAME|PATH", help="Speech-to-text model: a name or a path [base].")
]
AgentOption = Annotated[
    Agent | None,
    typer.Option("--agent", help="Where the agent is: by channel, or by who speaks first [auto]."),
]
ChannelsOption = Annotated[
    str | None,
    typer.Option("--channels", metavar="A,B", help='The channels of the two parties, from 0: "0,1", "0" or "mix".'),
]
SideOption = Annotated[
    Side | None, typer.Option("--side", help="Whose voice a recording of one side holds; nobody else is in it.")
]
CallIdArgument = Annotated[str, typer.Argument(metavar="CALL_ID", help="The call, as `heard list` names it.")]
