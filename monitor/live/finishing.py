"""The last analysis of calls that have ended: their recordings, in a process of its own that yields to the calls being heard.

The process gets the settings and then the ids of calls, one a line, and answers each with one line of JSON. It loads its models when
the first call comes and ends when there has been nothing to do for a while, so that memory is used only while it is needed.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from audio.errors import HeardError, StoreError
from monitor.live.events import CallAnalysed, Event
from monitor.live.spool import Note, Spool
from monitor.settings import Settings

if TYPE_CHECKING:
    from monitor.store import Store

log = logging.getLogger("heard.live")

IDLE_S = 60.0
_LATER = "The analysis failed unexpectedly; the recording is kept, and analysed when the server starts again."
NICENESS = 10
"""The live calls come first on every core (POSIX nice)."""


class Analysis(Protocol):
    """Analyses recordings one after the other."""

    def analyse(self, note: Note) -> str:
        """Analyse a call and keep its report; returns what went wrong, in one sentence, or ""."""
        ...

    def rest(self) -> None:
        """There is nothing to do just now."""
        ...


class Finisher:
    """Has calls analysed in the order in which they end, and tells when each is done.

    analysis: what analyses them
    tell: told of each call that is done
    """

    def __init__(self, spool: Spool, analysis: Analysis, tell: Callable[[Event], None]) -> None:
        self._spool = spool
        self._analysis = analysis
        self._tell = tell
        self._queue: SimpleQueue[Note | None] = SimpleQueue()
        self.unfinished = 0
        """How many calls wait for their analysis or are in it."""
        self._thread = Thread(target=self._run, name="finishing", daemon=True)
        self._thread.start()

    def submit(self, note: Note) -> None:
        """Analyse a call; returns at once."""
        self.unfinished += 1
        self._queue.put(note)

    def recover(self) -> int:
        """Analyse what an earlier server has left behind; returns how many calls."""
        left = self._spool.unfinished()
        for note in left:
            self.submit(note)
        return len(left)

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop; what has not been analysed is when the server starts again."""
        self._queue.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            try:
                note = self._queue.get(timeout=IDLE_S)
            except Empty:
                self._analysis.rest()
                continue
            if note is None:
                return self._analysis.rest()
            self._one(note)
            self.unfinished -= 1

    def _one(self, note: Note) -> None:
        try:
            error = self._analysed(note)
        except Exception:  # whatever this recording or the disk does, the calls behind it are analysed
            log.exception("The recording of %s could not be analysed.", note.call_id)
            error = _LATER
        if error is None:
            return
        try:
            self._tell(CallAnalysed(call_id=note.call_id, time_s=0.0, error=error))
        except Exception:  # the report is in the store, whoever could not be told of it
            log.exception("Nobody could be told that %s is analysed.", note.call_id)

    def _analysed(self, note: Note) -> str | None:
        """What went wrong, or "" where nothing did; None where the call goes on, and is analysed when it ends."""
        error = self._analysis.analyse(note)
        now = self._spool.read(note.call_id)
        if now is None or (now.state == "live" and len(now.streams) > len(note.streams)):
            return None
        self._spool.update(note.call_id, state="failed" if error else "analysed")
        return error


class ChildAnalysis:
    """Analyses in a child process, whose log is that of the server."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings = settings
        self._log = log
        self._child: subprocess.Popen[str] | None = None

    def analyse(self, note: Note) -> str:
        """Analyse a call; a child that dies is replaced once."""
        for attempt in (1, 2):
            child = self._child or self._start()
            assert child.stdin is not None
            assert child.stdout is not None
            try:
                child.stdin.write(note.model_dump_json() + "\n")
                child.stdin.flush()
                line = child.stdout.readline()
            except BrokenPipeError:
                line = ""
            if line:
                return str(json.loads(line)["error"])
            self.rest()
            log.warning("The analysis of %s died (attempt %d).", note.call_id, attempt)
        return "The analysis of the recording died twice; analyze it by hand."

    def rest(self) -> None:
        """End the child."""
        if self._child is not None:
            with suppress(BrokenPipeError):
                self._child.communicate()
            self._child = None

    def _start(self) -> "subprocess.Popen[str]":
        self._child = subprocess.Popen(
            [sys.executable, "-m", "monitor.live.finishing", str(self._log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._child.stdin is not None
        self._child.stdin.write(self._settings.model_dump_json() + "\n")
        return self._child


def analyse_recording(settings: Settings) -> Callable[[Note], str]:
    """A function that analyses the recording of a live call and puts its report into the store."""
    from monitor.analyze import Analyzer, Options
    from monitor.store import CallDetails, Store

    analyzer = Analyzer(settings)

    def analyse(note: Note) -> str:
        path = settings.live.spool / f"{note.call_id}.wav"
        both = len(note.tracks) > 1
        options = Options(
            language=note.language or settings.language,
            agent="left" if both else "auto",
            channels="0,1" if both else None,
            side=None if both else note.roles[note.tracks[0]],
            call_id=note.call_id,
        )
        try:
            examined = analyzer.examine(path, options)
            report = examined.report.model_copy(update={"source": str(path.resolve())})
            with path.open("rb") as file:
                content = file_digest(file, "sha256").hexdigest()
            details = CallDetails(
                started_at=note.started_at, agent_name=note.metadata.get("agent"), team=note.metadata.get("team")
            )
            with Store.open(settings.store) as store:
                store.save(
                    report,
                    content_sha256=content,
                    details=details,
                    waveform=examined.waveform,
                    mentions=examined.mentions,
                    kept=examined.kept,
                    replace=_is_ours(store, note.call_id, path),
                )
        except HeardError as error:
            return str(error)
        except Exception as error:
            log.exception("The analysis of %s failed.", note.call_id)
            return f"The analysis failed unexpectedly ({type(error).__name__}); the log says how."
        return ""

    return analyse


def _is_ours(store: "Store", call_id: str, path: Path) -> bool:
    """Whether the store's call of this id is an earlier part of the same recording."""
    with suppress(StoreError):
        return store.load(call_id, words=False).source == str(path.resolve())
    return False


def main() -> None:
    """The child: settings, then calls, one a line; an answer for each."""
    os.nice(NICENESS)
    settings = Settings.model_validate_json(sys.stdin.readline())
    logging.basicConfig(
        filename=sys.argv[1], level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.captureWarnings(True)
    analyse = analyse_recording(settings)
    for line in sys.stdin:
        error = analyse(Note.model_validate_json(line))
        print(json.dumps({"error": error}), flush=True)


if __name__ == "__main__":
    main()
