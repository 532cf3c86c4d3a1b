"""All commands together, and what is done when one fails."""

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from audio.errors import BadSettings, HeardError
from monitor.cli import about, analyze, batch, dashboard, evaluate, live, rules, simulate, store, stored, webhooks

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of SIGINT, as shells have it."""


class Commands(TyperGroup):
    """Turns expected failures into one sentence and an exit code: 2 for wrong usage or settings, else 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except HeardError as error:
            typer.echo(f"heard: {error}", err=True)
            raise typer.Exit(2 if isinstance(error, BadSettings) else 1) from error
        except KeyboardInterrupt:
            typer.echo("\nheard: stopped.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of a pipe (`| head`) has had enough; nothing more can be said to it, not even at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except OSError as error:
            if error.filename is not None:
                raise
            typer.echo(f"heard: the output cannot be written: {error.strerror}.", err=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    name="heard",
    cls=Commands,
    help="Finds the moments of a customer-service call where the customer was not heard.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(analyze.analyze)
app.command()(analyze.facts)
app.command()(batch.batch)
app.command()(batch.watch)
app.command()(evaluate.evaluate)
app.command()(stored.show)
app.command("list")(stored.list_calls)
app.command()(stored.export)
app.command()(stored.clips)
app.command()(stored.audio)
app.command()(live.listen)
app.command()(simulate.simulate)
app.command()(dashboard.dashboard)
app.add_typer(rules.app, name="rules")
app.add_typer(store.app, name="store")
app.add_typer(webhooks.app, name="webhooks")
app.command()(about.version)
