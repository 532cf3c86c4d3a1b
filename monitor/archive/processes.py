"""A crew of processes on this machine: each loads the models once, and is replaced after some calls, a crash or a hang."""

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from audio.errors import HeardError
from monitor.archive.crew import CannotWork, Report
from monitor.archive.limits import FETCH_S, LOADING_S, TIMES, allowed_s
from monitor.archive.outcome import Outcome
from monitor.archive.work import Examiner, carry_out
from monitor.settings import Settings
from monitor.store import Store
from monitor.store.job_records import Job

CALLS_EACH = 200
"""After so many calls a worker is replaced: whatever a library leaks is bounded."""
_STARTS = 3
"""So many workers in a row may die before they are ready."""
_CONTEXT = multiprocessing.get_context("spawn")


class Spec(NamedTuple):
    """What a worker needs; everything in it can be sent to another process."""

    settings: Settings
    make_examiner: Callable[[Settings], Examiner]
    """A class or function of a module: workers make their own."""
    log: Path
    """Where the details of unexpected failures go, and what libraries have to say."""
    threads: int
    times: float = TIMES
    """Times its own length that a call may take."""


class Processes:
    """Workers of this machine; a `monitor.archive.crew.Crew`."""

    def __init__(self, spec: Spec, size: int, *, calls_each: int = CALLS_EACH) -> None:
        self._spec = spec
        self._calls_each = calls_each
        self._failed_starts = 0
        self._workers = [_Worker(spec) for _ in range(size)]

    def free(self) -> int:
        """How many more jobs can be given just now."""
        return sum(worker.ready and worker.job is None for worker in self._workers)

    def busy(self) -> int:
        """How many jobs are under way."""
        return sum(worker.job is not None for worker in self._workers)

    def give(self, job: Job) -> None:
        """Let a free worker begin a job."""
        next(worker for worker in self._workers if worker.ready and worker.job is None).begin(job)

    def hear(self, timeout_s: float) -> list[Report]:
        """What has ended; waits so long for something to. Raises CannotWork where workers die before they are ready."""
        wait([end for worker in self._workers for end in (worker.pipe, worker.process.sentinel)], timeout_s)
        reports = []
        for place, worker in enumerate(self._workers):
            reports += worker.hear()
            if worker.ready:
                self._failed_starts = 0
            gone = not worker.process.is_alive()
            if gone:
                reports += worker.hear()  # its last word may have come in between
                reports += worker.last_report()
                if not worker.ready:
                    self._check_start(worker)
            elif worker.overdue():
                reports += [worker.kill()]
            elif worker.job is not None or worker.calls < self._calls_each:
                continue
            worker.close()
            self._workers[place] = _Worker(self._spec)
        return reports

    def close(self) -> None:
        """Let go of all workers; the jobs that are under way are lost to them."""
        for worker in self._workers:
            worker.close()

    def _check_start(self, worker: "_Worker") -> None:
        self._failed_starts += 1
        if worker.trouble or self._failed_starts >= _STARTS:
            raise CannotWork(
                worker.trouble
                or f"Workers die before they can begin ({worker.death()}); the details are in {self._spec.log}."
            )


class _Worker:
    """One process, as its parent sees it."""

    def __init__(self, spec: Spec) -> None:
        self.pipe, theirs = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(target=_serve, args=(theirs, spec), daemon=True, name="heard-worker")
        self.process.start()
        theirs.close()
        self.ready = False
        self.trouble = ""
        """Why it could not start, in its own words."""
        self.job: Job | None = None
        self.calls = 0
        self._deadline = 0.0

    def begin(self, job: Job) -> None:
        self.job = job
        self.calls += 1
        self._allow(FETCH_S)
        with suppress(OSError):  # it has just died, which `hear` will find
            self.pipe.send(job)

    def hear(self) -> list[Report]:
        """The job's end, if it has come."""
        reports = []
        with suppress(EOFError, OSError):
            while self.pipe.poll():
                sort, content = self.pipe.recv()
                if sort == "ready":
                    self.ready = True
                elif sort == "trouble":
                    self.trouble = content
                elif sort == "allowed":
                    self._allow(content)
                elif self.job is not None:
                    reports.append(Report(self.job, content))
                    self.job = None
        return reports

    def overdue(self) -> bool:
        return self.job is not None and monotonic() > self._deadline

    def kill(self) -> Report:
        assert self.job is not None
        self.process.kill()
        return Report(
            self.job, None, f"{self.job.source} hung its worker, which was stopped after {self._allowed_s:.0f} s."
        )

    def last_report(self) -> list[Report]:
        job, self.job = self.job, None
        return [] if job is None else [Report(job, None, f"{job.source} crashed its worker ({self.death()}).")]

    def death(self) -> str:
        self.process.join()
        code = self.process.exitcode or 0
        if code >= 0:
            return f"exit code {code}"
        name = signal.Signals(-code).name
        return f"{name}, perhaps for want of memory" if name == "SIGKILL" else name

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def _allow(self, seconds: float) -> None:
        self._allowed_s = seconds + (LOADING_S if self.calls == 1 else 0.0)
        self._deadline = monotonic() + self._allowed_s


def _serve(pipe: "Connection[Any, Any]", spec: Spec) -> None:
    """What a worker's process does until its parent has no more jobs, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what it means
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _keep_quiet(spec.log)
    os.environ["HEARD_THREADS"] = os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(spec.threads)

    def allow(path: Path) -> None:
        with suppress(OSError):  # a parent that is gone is no fault of the call's
            pipe.send(("allowed", allowed_s(path, spec.times)))

    try:
        store = Store.open(spec.settings.store, create=False)
        examiner = spec.make_examiner(spec.settings)
    except HeardError as error:
        pipe.send(("trouble", str(error)))
        return
    with store, suppress(EOFError, BrokenPipeError):
        pipe.send(("ready", None))
        while True:
            job: Job = pipe.recv()
            outcome: Outcome = carry_out(job, examiner, store, on_file=allow)
            pipe.send(("ended", outcome))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _keep_quiet(log: Path) -> None:
    """Everything that a library prints goes into the log."""
    handler = logging.FileHandler(log, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    with log.open("ab") as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(file.fileno(), stream.fileno())
