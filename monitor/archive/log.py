"""What a batch did, one JSON object a line, for machines to read: `--log-json FILE`."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from audio.errors import BadSettings


class EventLog:
    """Lines are added to what a file holds already; "-" is standard output, None nowhere.

    Raises BadSettings where the file cannot be written.
    """

    def __init__(self, target: str | None) -> None:
        self._file: TextIO | None = sys.stdout if target == "-" else None
        if target not in (None, "-"):
            try:
                self._file = Path(str(target)).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115  (closed by `close`)
            except OSError as error:
                raise BadSettings(f"--log-json {target} cannot be written: {error.strerror}.") from error

    def write(self, event: str, **about: Any) -> None:
        """Add a line: when, what, and what is to be said about it; what is not known is left out."""
        if self._file is None:
            return
        known = {name: value for name, value in about.items() if value not in (None, "")}
        self._file.write(json.dumps({"at": datetime.now(UTC).isoformat(), "event": event, **known}, ensure_ascii=False))
        self._file.write("\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None and self._file is not sys.stdout:
            self._file.close()
