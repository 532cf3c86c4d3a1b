"""A batch: an archive is listed into the queue while a crew works it off, until nothing is left or somebody stops it."""

import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any

from audio.errors import HeardError, StoreError
from monitor.archive.crew import Crew, Report
from monitor.archive.log import EventLog
from monitor.archive.outcome import Outcome, faulted, patiently, put_back
from monitor.store import Store
from monitor.store.job_records import Item, Make, State
from monitor.store.jobs import LEASE_S, TakenOver, beat, claim, counts, enqueue, release, workers

ALIKE = 10
"""So many different calls in a row that fail unexpectedly in the same way are not at fault: what analyses them is."""
AT_ONCE = 500
"""Calls that are put into the queue in one transaction."""
_BEAT_S = LEASE_S / 4
_LOOK_S = 0.5
"""How often the queue is looked into where nothing else happens."""
_COUNT_S = 5.0
"""How often the queue is counted; counting goes over all of its calls."""


@dataclass
class Status:
    """How a batch stands."""

    began: float = field(default_factory=monotonic)
    ended: Counter[str] = field(default_factory=Counter)
    """What this batch's own jobs came to, by `Outcome.ended`."""
    heard_s: float = 0.0
    """Length of the calls that this batch has done."""
    first: dict[State, int] = field(default_factory=dict)
    """The queue as it was found."""
    queue: dict[State, int] = field(default_factory=dict)
    """The queue just now, whoever works at it."""
    queued: int = 0
    """Calls that were listed and for which there is something to do."""
    listed: bool = False
    """Whether the archive is listed to its end."""
    stopping: bool = False

    @property
    def left(self) -> int:
        """Calls for which there is something to do yet."""
        return self.queue.get("waiting", 0) + self.queue.get("running", 0)


class Batch:
    """Works off the queue of a store. What one batch is at, no other is given, on whatever machine.

    make: only calls that are to be analysed by these models and rules are taken
    show: told how the batch stands, some times a second
    """

    def __init__(
        self,
        store: Store,
        make: Make,
        crew: Crew,
        *,
        rules: str = "",
        log: EventLog | None = None,
        show: Callable[[Status], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._make = make
        self._crew = crew
        self._rules = rules
        self._log = log or EventLog(None)
        self._show = show
        self._worker = f"{_node()}/{os.getpid()}/{token_hex(4)}"
        self._next_beat = self._next_count = 0.0
        self._fault = ""
        self._alike: set[str] = set()
        """The calls that came to that fault, one after the other."""
        self.status = Status()

    def run(self, listing: Iterable[Item | None]) -> Status:
        """Work until every listed call, and whatever else is in the queue, is done, failed or quarantined.

        listing: None in it says that no call is to be had just now, and those before it are not to wait for others

        Raises CannotWork, or a StoreError where the store is out of reach for minutes. On the first Ctrl-C no call is begun any
        more; on the second, KeyboardInterrupt, after what was under way has been given back.
        """
        release_dead(self._store)
        self.status.first = self.status.queue = counts(self._store, self._make)
        self._log.write("start", worker=self._worker)
        lister = _Lister(self._store, self._make, listing)
        lister.start()
        try:
            with self._interruptible():
                self._work(lister)
        finally:
            lister.stop()
            self._crew.close()
            with suppress(StoreError):
                release(self._store, self._worker)
            with suppress(StoreError):
                self.status.queue = counts(self._store, self._make)
            self._log.write("end", **self.status.ended, left=self.status.left)
        return self.status

    def _work(self, lister: "_Lister") -> None:
        while True:
            for report in self._crew.hear(_LOOK_S):
                self._take(report)
            lister.check()
            self.status.queued, self.status.listed = lister.queued, lister.listed
            self._beat()
            if self.status.stopping:
                if not self._crew.busy():
                    return
            elif not self._give() and not self._crew.busy() and lister.listed:
                self._count()
                if not self.status.left:
                    return
            self._show(self.status)

    def _give(self) -> bool:
        """Let whoever is free begin a call; whether there was one."""
        given = False
        while self._crew.free():
            job = patiently(lambda: claim(self._store, self._worker, self._make))
            if job is None:
                break
            self._crew.give(job)
            given = True
        return given

    def _take(self, report: Report) -> None:
        """Write down what a job came to; where its worker alone is gone, that is a fault of the call's."""
        job, outcome = report.job, report.outcome
        if outcome is None:
            outcome = (
                put_back(job, self._store, report.reason)
                if report.blameless
                else faulted(job, self._store, report.reason, self._rules, datetime.now(UTC))
            )
        self.status.ended[outcome.ended] += 1
        self.status.heard_s += outcome.duration_s
        self._log.write(
            outcome.ended,
            source=job.source,
            call_id=outcome.call_id,
            reason=outcome.reason,
            attempt=job.attempts,
            duration_s=round(outcome.duration_s, 3),
            took_s=round(outcome.took_s, 3),
        )
        if outcome.ended == "stopped":
            raise HeardError(outcome.reason)
        self._compare(outcome, job.source)

    def _compare(self, outcome: Outcome, source: str) -> None:
        """Stop where one call after the other fails in the same way, before all of the archive is quarantined."""
        unexpected = outcome.ended in ("again", "quarantined")
        fault = outcome.reason.replace(source, "").partition("; tried")[0].strip(" .") if unexpected else ""
        if not fault or fault != self._fault:
            self._alike.clear()
        self._fault = fault
        self._alike.add(source)
        if fault and len(self._alike) >= ALIKE:
            raise HeardError(
                f"{ALIKE} calls in a row failed in the same way, so the fault is hardly theirs ({fault}); mend it, then run "
                "the same command again, with --retry-failed for those that are quarantined."
            )

    def _beat(self) -> None:
        if monotonic() < self._next_beat:
            if monotonic() >= self._next_count:
                self._count()
            return
        with suppress(TakenOver):
            patiently(lambda: beat(self._store, self._worker))
        self._next_beat = monotonic() + _BEAT_S

    def _count(self) -> None:
        self.status.queue = patiently(lambda: counts(self._store, self._make))
        self._next_count = monotonic() + _COUNT_S

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Ctrl-C once: begin nothing more; twice, or a request to end: stop at once."""

        def interrupted(_number: int, _frame: Any) -> None:
            if self.status.stopping:
                raise KeyboardInterrupt
            self.status.stopping = True

        def ended(_number: int, _frame: Any) -> None:
            self.status.stopping = True
            raise KeyboardInterrupt

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, interrupted), signal.signal(signal.SIGTERM, ended)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before[0])
            signal.signal(signal.SIGTERM, before[1])


class _Lister(threading.Thread):
    """Puts an archive's calls into the queue while others are at work: listing one may take hours."""

    def __init__(self, store: Store, make: Make, listing: Iterable[Item | None]) -> None:
        super().__init__(daemon=True, name="heard-lister")
        self._store = store
        self._make = make
        self._listing = listing
        self._stopped = threading.Event()
        self._error: Exception | None = None
        self.queued = 0
        self.listed = False

    def run(self) -> None:
        some: list[Item] = []
        try:
            for item in self._listing:
                if self._stopped.is_set():
                    return
                if item is not None:
                    some.append(item)
                if some and (item is None or len(some) >= AT_ONCE):
                    self._put(some)
                    some = []
            self._put(some)
            self.listed = True
        except Exception as error:
            self._error = error

    def stop(self) -> None:
        """Have it end with the call that it is at."""
        self._stopped.set()
        self.join(timeout=_LOOK_S * 4)

    def check(self) -> None:
        """Raise what it could not cope with."""
        if self._error is not None:
            raise self._error

    def _put(self, items: list[Item]) -> None:
        self.queued += patiently(lambda: enqueue(self._store, items, self._make))


def release_dead(store: Store) -> None:
    """Take back at once what batches of this machine were at that have been killed; others' leases run out by themselves."""
    node = _node()
    for worker in workers(store):
        where, _, process = worker.rpartition("/")[0].rpartition("/")
        if where == node and process.isdecimal() and not _is_alive(int(process)):
            release(store, worker)


def _node() -> str:
    """Names this machine, as it has been running since its last start, and the container in it."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{socket.gethostname()}:{boot[:8]}:{Path('/proc/self/ns/pid').stat().st_ino}"
    return f"{socket.gethostname()}:{token_hex(4)}"


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
