"""The command `heard`. Every command imports what it needs only when it runs, so that help comes at once."""

import gc
import sys

from monitor.cli.app import app

__all__ = ["app", "main"]


_GARBAGE_AFTER = 100_000
"""Objects made before garbage is looked for; 700 is Python's own figure, by which a quarter of a big import is spent looking."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(_GARBAGE_AFTER, 50, 50)
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
    finally:
        # What is loaded now goes with the process; looking through it for garbage takes another two seconds.
        gc.freeze()
