"""The records of the queue: what is asked for, what a worker is given, and what comes of it."""

from datetime import datetime
from typing import Literal

from audio.facts import Fact
from monitor.settings import AgentSide
from monitor.store.records import CallDetails

State = Literal["waiting", "running", "done", "failed", "quarantined"]
"""failed: the call cannot be analysed, and trying again would not help; quarantined: it was tried too often in vain."""
STATES: tuple[State, ...] = ("waiting", "running", "done", "failed", "quarantined")


class Asked(Fact):
    """What was said about one call that changes how it is heard."""

    call_id: str | None = None
    """The name of the file if None."""
    agent: AgentSide = "auto"
    language: str | None = None
    channels: str | None = None


class Item(Fact):
    """One recording or transcript of an archive, as it is listed."""

    source: str
    """Absolute path or URL."""
    stamp: str = ""
    """What is known of the file without reading it, such as its size and time of change; "" if nothing is."""
    asked: Asked = Asked()
    details: CallDetails = CallDetails()


class Make(Fact):
    """By what calls are to be analysed."""

    models: str
    """Fingerprint of the models that hear."""
    rules: str
    """Fingerprint of all that judges what was heard."""


class Job(Item):
    """A call that a worker has been given: nobody else is at it while the lease holds."""

    job_id: int
    worker: str
    """Who holds the lease."""
    attempts: int
    """Which attempt this is, from 1: with `worker` it names the lease."""
    faults: int
    make: Make
    known_as: str | None = None
    """The call in the store that came of this source before."""
    heard_by: str = ""
    """Fingerprint of the models by which that call was heard; "" where it was not, or the source has changed since."""


class JobLine(Fact):
    """A call of the queue, for a person to read."""

    job_id: int
    source: str
    state: State
    reason: str
    attempts: int
    call_id: str | None
    changed_at: datetime
