"""The command `heard`. Every command imports what it needs only when it runs, so that help comes at once."""

import sys

from monitor.cli.app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows fewer characters than a transcript has gets question marks, not a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app()
    except Exception as error:
        from monitor.cli.log import failure_sentence, start_log

        print(f"heard: {failure_sentence('heard', error, start_log(None))}", file=sys.stderr)
        sys.exit(1)
