"""The log file: where the details of the unexpected go, and what libraries have to say."""

import logging
import os
import tempfile
from logging.handlers import RotatingFileHandler
from pathlib import Path


def start_log(path: Path | None) -> Path:
    """Send log records and warnings to a file instead of the screen; the file, which appears with its first line."""
    path = path or _default()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
    except OSError:
        path = Path(tempfile.gettempdir()) / "heard.log"
    handler = RotatingFileHandler(path, maxBytes=5_000_000, backupCount=2, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    return path


def failure_sentence(what: str, error: Exception, log: Path) -> str:
    """Log an unexpected failure with its traceback; returns the sentence for the user."""
    logging.getLogger("heard").error("%s failed", what, exc_info=error)
    detail = str(error).strip().splitlines()
    reason = f"{type(error).__name__}: {detail[0]}" if detail else type(error).__name__
    return f"{what} failed unexpectedly ({reason.rstrip('.')}); the details are in {log}."


def _default() -> Path:
    """XDG base directory specification: logs are state."""
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "heard" / "heard.log"
