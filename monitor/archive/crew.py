"""Who does the work of a batch: processes of this machine, or whatever else takes jobs and brings outcomes."""

from typing import NamedTuple, Protocol

from audio.errors import HeardError
from monitor.archive.outcome import Outcome
from monitor.store.job_records import Job


class Report(NamedTuple):
    """A job has ended, or its worker has: then `outcome` is None and `reason` says how."""

    job: Job
    outcome: Outcome | None
    reason: str = ""
    blameless: bool = False
    """The worker was lost together with its machine."""


class CannotWork(HeardError):
    """Workers cannot be started at all."""


class Crew(Protocol):
    """Workers, each at one job at a time."""

    def free(self) -> int:
        """How many more jobs can be given just now."""
        ...

    def busy(self) -> int:
        """How many jobs are under way."""
        ...

    def give(self, job: Job) -> None:
        """Let a free worker begin a job."""
        ...

    def hear(self, timeout_s: float) -> list[Report]:
        """What has ended; waits so long for something to. Raises CannotWork."""
        ...

    def close(self) -> None:
        """Let go of all workers; the jobs that are under way are lost to them."""
        ...
