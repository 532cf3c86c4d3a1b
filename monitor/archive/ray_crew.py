"""A crew of actors on a Ray cluster: workers on every node, each with the models loaded, one call at a time.

Workers follow the nodes: a node that joins gets its own, and what a lost node was at is done elsewhere. Jobs and outcomes are all
that travels; recordings are read, and reports are saved, from where the worker is.
"""

import faulthandler
import logging
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

from audio.errors import HeardError
from monitor.archive.crew import CannotWork, Report
from monitor.archive.limits import FETCH_S, LOADING_S, allowed_s
from monitor.archive.outcome import Outcome
from monitor.archive.processes import CALLS_EACH, Spec
from monitor.archive.work import carry_out
from monitor.store import Store
from monitor.store.engine import file_of, parse_url
from monitor.store.job_records import Job

WORKERS_A_GPU = 4
"""Workers that share a GPU: only the recogniser uses it, for some quarter of a worker's time."""
CORES_A_WORKER = 2
"""A worker with two cores does more than two workers with one each, in half the memory."""
_COLOURS = re.compile(r"\x1b\[\d*m")
_ANSWER_S = 10.0
"""How long the head of a cluster may take to answer."""
_NODES_S = 2.0
"""How often the cluster is asked for its nodes."""


class _Hearer:
    """The actor: what `processes._serve` is to a process of this machine."""

    def __init__(self, spec: Spec) -> None:
        os.environ["HEARD_THREADS"] = os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(
            spec.threads
        )
        logging.captureWarnings(True)
        self._spec = spec
        self._calls = 0

    def prepare(self) -> str:
        """Open the store; why this node cannot work, "" if it can."""
        try:
            self._store = Store.open(self._spec.settings.store, create=False)
            self._examiner = self._spec.make_examiner(self._spec.settings)
        except HeardError as error:
            return str(error)
        return ""

    def carry_out(self, job: Job) -> Outcome:
        """One job's outcome. A call that takes far too long ends this process, whatever it hangs in."""
        loading_s = 0.0 if self._calls else LOADING_S
        self._calls += 1

        def allow(path: Path) -> None:
            faulthandler.dump_traceback_later(loading_s + allowed_s(path, self._spec.times), exit=True)

        faulthandler.dump_traceback_later(FETCH_S, exit=True)
        try:
            return carry_out(job, self._examiner, self._store, on_file=allow)
        finally:
            faulthandler.cancel_dump_traceback_later()


@dataclass
class _Worker:
    """An actor as the driver sees it; `waiting` is for its being ready, then for its outcome."""

    actor: Any
    node: str
    """Its number in the cluster."""
    host: str
    waiting: Any
    ready: bool = False
    job: Job | None = None
    calls: int = 0

    @property
    def free(self) -> bool:
        return self.ready and self.job is None


class RayCrew:
    """Workers of a cluster; a `monitor.archive.crew.Crew`.

    address: of the cluster's head, "auto" for the one that this machine belongs to, "ray://HOST:10001" for a client
    threads: cores of a node for each worker
    Raises CannotWork where there is no Ray, no such cluster, or a store that other machines cannot reach.
    """

    def __init__(
        self, spec: Spec, address: str, *, threads: int = CORES_A_WORKER, calls_each: int = CALLS_EACH
    ) -> None:
        if file_of(parse_url(spec.settings.store)) is not None:
            raise CannotWork(
                f"{spec.settings.store} is a file, which the nodes of a cluster cannot share; give --store postgresql://..."
            )
        self._ray = _connected(address)
        self._spec = spec._replace(threads=threads)
        self._calls_each = calls_each
        self._actor = self._ray.remote(_Hearer)
        self._workers: list[_Worker] = []
        self._unfit: dict[str, str] = {}
        self._next_look = 0.0
        self._follow_nodes()

    def free(self) -> int:
        """How many more jobs can be given just now."""
        return sum(worker.free for worker in self._workers)

    def busy(self) -> int:
        """How many jobs are under way."""
        return sum(worker.job is not None for worker in self._workers)

    def give(self, job: Job) -> None:
        """Let a free worker begin a job."""
        worker = next(worker for worker in self._workers if worker.free)
        worker.job = job
        worker.calls += 1
        worker.waiting = worker.actor.carry_out.remote(job)

    def hear(self, timeout_s: float) -> list[Report]:
        """What has ended; waits so long for something to. Raises CannotWork where no node can work."""
        pending = {worker.waiting: worker for worker in self._workers if not worker.free}
        ended: list[Any] = []
        if pending:
            self._ray.wait(list(pending), num_returns=1, timeout=timeout_s)
            ended, _ = self._ray.wait(list(pending), num_returns=len(pending), timeout=0)
        reports = [report for ref in ended for report in self._ended(pending[ref])]
        self._follow_nodes()
        return reports

    def close(self) -> None:
        """Let go of all workers and of the cluster; the jobs that are under way are lost to them."""
        for worker in self._workers:
            self._ray.kill(worker.actor)
        self._workers = []
        self._ray.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ended(self, worker: _Worker) -> list[Report]:
        """What a worker's answer means: it can begin, cannot, has done its job, or is gone."""
        try:
            answer = self._ray.get(worker.waiting)
        except self._ray.exceptions.RayError as error:
            self._dismiss(worker)
            if not worker.ready:
                self._unfit[worker.node] = f"Workers on {worker.host} die before they can begin ({_cause(error)})."
            if worker.job is None:
                return []
            alive = any(node["Alive"] for node in self._ray.nodes() if node["NodeID"] == worker.node)
            what = "which crashed or hung" if alive else "and the node with it"
            reason = f"{worker.job.source} lost its worker on {worker.host}, {what}."
            return [Report(worker.job, None, reason, blameless=not alive)]
        if not worker.ready:
            worker.ready = not answer
            if answer:
                self._unfit[worker.node] = answer
                self._dismiss(worker)
            return []
        assert worker.job is not None
        report, worker.job = Report(worker.job, answer), None
        if worker.calls >= self._calls_each:
            self._dismiss(worker)
        return [report]

    def _dismiss(self, worker: _Worker) -> None:
        self._ray.kill(worker.actor)
        self._workers.remove(worker)
        self._next_look = 0.0

    def _follow_nodes(self) -> None:
        """Give every node of the cluster the workers that it has room for."""
        if monotonic() < self._next_look:
            return
        self._next_look = monotonic() + _NODES_S
        for node in self._ray.nodes():
            number, resources = node["NodeID"], node["Resources"]
            if not node["Alive"] or number in self._unfit:
                continue
            gpus = resources.get("GPU", 0.0)
            room = room_on(resources.get("CPU", 0.0), gpus, self._spec.threads)
            own = sum(worker.node == number for worker in self._workers)
            host = node["NodeManagerHostname"]
            self._workers += [self._begun(number, host, on_gpu=gpus > 0) for _ in range(room - own)]
        if not self._workers and self._unfit:
            raise CannotWork(next(iter(self._unfit.values())))

    def _begun(self, node: str, host: str, *, on_gpu: bool) -> _Worker:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        actor = self._actor.options(
            num_cpus=self._spec.threads,
            num_gpus=1 / WORKERS_A_GPU if on_gpu else 0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node_id=node, soft=False),
        ).remote(self._spec)
        return _Worker(actor, node, host, actor.prepare.remote())


def room_on(cpus: float, gpus: float, threads: int) -> int:
    """How many workers fit on a node."""
    by_cpu = int(cpus / threads)
    return min(by_cpu, int(gpus * WORKERS_A_GPU)) if gpus else by_cpu


def _connected(address: str) -> Any:
    """Ray, as a driver of the cluster at an address."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # else the library reports on its use
    try:
        import ray
    except ImportError as error:
        raise CannotWork("--ray needs Ray; install it with: pip install 'heard[cluster]'") from error
    try:
        _call_on(address)
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, namespace="heard")
    except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        raise CannotWork(
            f"There is no Ray cluster at {address} ({_cause(error)}); start one with: ray start --head."
        ) from error
    return ray


def _call_on(address: str) -> None:
    """Raise OSError where nobody listens at HOST:PORT: Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_S).close()


def _cause(error: Exception) -> str:
    """What went wrong, in a line: Ray tells the whole story in colours, and the cause at its end."""
    told = _COLOURS.sub("", str(error)).strip().splitlines() or [type(error).__name__]
    return told[-1].strip().rstrip(".")
