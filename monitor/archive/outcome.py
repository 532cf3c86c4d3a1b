"""What becomes of a job, and how it is written down: in one transaction, and only while the job's lease holds."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from time import monotonic, sleep
from typing import Literal, TypeVar

from sqlalchemy import Connection, select

from audio.errors import HeardError, StoreError
from audio.facts import Fact
from monitor.analyze import Examined
from monitor.rules import Rules
from monitor.store import Run, Store
from monitor.store.engine import lock
from monitor.store.job_records import Job
from monitor.store.jobs import TakenOver, hold, same_recording, settle
from monitor.store.runs import put_run
from monitor.store.store import put_call
from monitor.store.tables import Call

FAULTS = 3
"""So often a call may crash its worker, hang it, or be out of reach before it is quarantined."""
PATIENCE_S = 120.0
"""How long a finished call waits for a store that cannot be reached just now."""
_ASK_AGAIN_S = 0.5
_SAME = "The same recording as call {}."

T = TypeVar("T")

Ended = Literal["done", "judged", "same", "failed", "again", "quarantined", "taken", "stopped"]


class Outcome(Fact):
    """What became of a job.

    done: heard, judged and saved; judged: judged again without being heard; same: the recording is in the store already;
    failed: it cannot be analysed; again: another attempt is to come; quarantined: there were too many; taken: the lease went to
    another worker; stopped: the work cannot go on at all, for any call, until somebody does something about `reason`.
    """

    ended: Ended
    reason: str = ""
    call_id: str | None = None
    duration_s: float = 0.0
    """Length of the call."""
    took_s: float = 0.0


def save(
    job: Job, rules: Rules, store: Store, examined: Examined, content: str, began: datetime, *, judged: bool = False
) -> Outcome:
    """Save a report, and that the job is done; `judged` says that it is of the call that the store has already.

    Raises TakenOver where the lease is lost, HeardError where the call was given an id that another has.
    """
    report = examined.report
    store.check_there()
    with store.transaction(write=True) as connection:
        settled = hold(connection, job)
        if settled != "running":
            return Outcome(ended=settled, call_id=report.call_id, duration_s=report.duration_s)
        call_id = report.call_id
        if not judged:
            known = _same(connection, job, content)
            if known is not None:
                return known
            lock(connection, call_id)  # until it is saved, nobody else is to find it free
            call_id = _free_id(connection, job, call_id, content)
        report = report.model_copy(update={"call_id": call_id})
        put_call(
            connection,
            report,
            content_sha256=content,
            details=job.details,
            waveform=examined.waveform,
            mentions=examined.mentions,
            kept=examined.kept,
            replace=True,
        )
        took_s = (datetime.now(UTC) - began).total_seconds()
        settle(
            connection, job, "done",
            content_sha256=content, call_id=call_id, duration_s=report.duration_s, took_s=took_s,
        )  # fmt: skip
        run = _run(job, began, rules.fingerprint).model_copy(
            update={"call_id": call_id, "models": report.provenance.models, "duration_s": report.duration_s}
        )
        put_run(connection, run, rules_json=rules.model_dump_json())
    store.check_there("; the last call is not in it")
    return Outcome(ended="judged" if judged else "done", call_id=call_id, duration_s=report.duration_s)


def done_as(job: Job, store: Store, call_id: str, content: str) -> Outcome:
    """The outcome of a job whose recording is a call in the store that another one is done by."""
    reason = _SAME.format(call_id)

    def write() -> Outcome:
        with store.transaction(write=True) as connection:
            if hold(connection, job) == "running":
                settle(connection, job, "done", reason=reason, content_sha256=content, call_id=call_id)
        return Outcome(ended="same", reason=reason, call_id=call_id)

    return patiently(write)


def known_already(job: Job, store: Store, content: str) -> Outcome | None:
    """The outcome where the very same recording is in the store already, under another name; None where it is not."""

    def look() -> Outcome | None:
        with store.transaction(write=True) as connection:
            return _same(connection, job, content) if hold(connection, job) == "running" else None

    return patiently(look)


def _same(connection: Connection, job: Job, content: str) -> Outcome | None:
    if job.asked.call_id is not None:
        return None  # a call that was given an id of its own is a call of its own
    call_id = same_recording(connection, job, content)
    if call_id is None:
        return None
    reason = _SAME.format(call_id)
    settle(connection, job, "done", reason=reason, content_sha256=content, call_id=call_id)
    return Outcome(ended="same", reason=reason, call_id=call_id)


def _free_id(connection: Connection, job: Job, call_id: str, content: str) -> str:
    """The call's id; with a part of the content's hash added where a recording from elsewhere has it.

    Archives often count calls anew every day: 2026-01-31/0001.wav, 2026-02-01/0001.wav. Raises HeardError where the id was given.
    """
    query = select(Call.source, Call.content_sha256).where(Call.call_id == call_id)
    other = connection.execute(query).one_or_none()
    if other is None or content == other.content_sha256 or job.source == other.source:
        return call_id
    if job.asked.call_id is not None:
        raise HeardError(
            f"{job.source} was given the call id {call_id}, which the store already has for {other.source}."
        )
    return f"{call_id}-{content[:8]}"


def faulted(job: Job, store: Store, reason: str, rules: str, began: datetime, *, pause_s: float = 0.0) -> Outcome:
    """Write down that an attempt came to nothing for a reason that may pass: another will be made, or none if there were enough."""
    enough = job.faults + 1 >= FAULTS
    ended: Ended = "quarantined" if enough else "again"
    reason = f"{reason.rstrip('.')}; tried {job.faults + 1} times." if enough else reason
    return record(job, store, Outcome(ended=ended, reason=reason), rules, began, pause_s=pause_s)


def put_back(job: Job, store: Store, reason: str) -> Outcome:
    """Leave a job to others at once, its worker having been lost through no fault of the call's."""

    def write() -> Outcome:
        with store.transaction(write=True) as connection:
            if hold(connection, job) == "running":
                settle(connection, job, "waiting", reason=reason)
        return Outcome(ended="again", reason=reason)

    return _written(write)


def record(job: Job, store: Store, outcome: Outcome, rules: str, began: datetime, *, pause_s: float = 0.0) -> Outcome:
    """Write down that there is no report, and why."""

    def write() -> Outcome:
        with store.transaction(write=True) as connection:
            settled = hold(connection, job)
            if settled != "running":
                return Outcome(ended=settled)
            settle(
                connection,
                job,
                "waiting" if outcome.ended == "again" else "failed" if outcome.ended == "failed" else "quarantined",
                reason=outcome.reason,
                fault=outcome.ended != "failed",
                not_before_s=pause_s,
            )
            put_run(
                connection, _run(job, began, rules).model_copy(update={"outcome": "failed", "error": outcome.reason})
            )
        return outcome

    return _written(write)


def _written(write: Callable[[], Outcome]) -> Outcome:
    try:
        return patiently(write)
    except TakenOver as error:
        return Outcome(ended="taken", reason=str(error))
    except StoreError as error:
        return Outcome(ended="stopped", reason=str(error))


def _run(job: Job, began: datetime, rules: str) -> Run:
    return Run(
        at=began,
        took_s=(datetime.now(UTC) - began).total_seconds(),
        source=job.source,
        outcome="analysed",
        heard=version("heard"),
        rules=rules,
    )


def patiently(write: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """Do something in the store; where the store cannot be reached just now, go on trying for a while."""
    deadline = monotonic() + patience_s
    while True:
        try:
            return write()
        except TakenOver:
            raise
        except StoreError:
            if monotonic() > deadline:
                raise
        sleep(_ASK_AGAIN_S)
