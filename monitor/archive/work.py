"""One job in, one outcome out: a call is fetched, heard (or only judged again) and saved. May be called anywhere.

The report and the word that the job is done go into the store in one transaction, and only while the job's lease holds: a call
is never saved twice, and never done without being saved, whoever is killed and when.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from time import monotonic, sleep
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, select

from audio.errors import HeardError, ModelMissing, StoreError
from audio.facts import Fact
from monitor.analyze import Examined, Options, Progress
from monitor.archive.files import Unreachable, fetched, is_url
from monitor.kept import Kept
from monitor.rules import Rules
from monitor.store import Run, Store, given_side
from monitor.store.engine import lock
from monitor.store.job_records import Job
from monitor.store.jobs import TakenOver, hold, same_recording, settle
from monitor.store.records import CallDetails
from monitor.store.runs import put_run
from monitor.store.store import put_call
from monitor.store.tables import Call

FAULTS = 3
"""So often a call may crash its worker, hang it, or be out of reach before it is quarantined."""
AGAIN_S = 5.0
"""Pause before the second attempt to get at a recording; each further one waits three times as long."""
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


class Examiner(Protocol):
    """What analyses a call: `monitor.analyze.Analyzer`."""

    rules: Rules

    def examine(self, path: Path, options: Options, progress: Progress) -> Examined:
        """The report of a recording or transcript, and what is kept beside it."""
        ...

    def rejudge(self, kept: Kept) -> Examined:
        """The same of what was kept of a call, by the rules in force and without its sound."""
        ...


def carry_out(
    job: Job, examiner: Examiner, store: Store, *, on_file: Callable[[Path], None] = lambda _: None
) -> Outcome:
    """Do all there is to do for one job, and write down what became of it.

    on_file: told where the recording lies as soon as it can be read, so that its length can be known
    """
    began, clock = datetime.now(UTC), monotonic()
    copy = ""
    try:
        outcome = _judged_again(job, examiner, store, began)
        if outcome is None:
            with fetched(job.source) as (path, content):
                copy = str(path)
                on_file(path)
                outcome = _known(job, store, content) or _heard(job, examiner, store, path, content, began)
    except TakenOver as error:
        outcome = Outcome(ended="taken", reason=str(error))
    except (ModelMissing, StoreError) as error:
        outcome = Outcome(ended="stopped", reason=str(error))
    except Unreachable as error:
        pause_s = AGAIN_S * 3**job.faults
        outcome = faulted(job, store, str(error), examiner.rules.fingerprint, began, pause_s=pause_s)
    except HeardError as error:
        # What was fetched is known by its own name, not by that of the copy.
        reason = str(error).replace(copy, job.source) if copy else str(error)
        outcome = _record(job, store, Outcome(ended="failed", reason=reason), examiner.rules.fingerprint, began)
    except Exception as error:
        logging.getLogger("heard").error("%s failed", job.source, exc_info=error)
        said = (str(error).strip().splitlines() or [""])[0].rstrip(".")
        reason = f"{job.source} failed unexpectedly ({type(error).__name__}{said and ': '}{said})."
        outcome = faulted(job, store, reason, examiner.rules.fingerprint, began)
    return outcome.model_copy(update={"took_s": monotonic() - clock})


def faulted(job: Job, store: Store, reason: str, rules: str, began: datetime, *, pause_s: float = 0.0) -> Outcome:
    """Write down that an attempt came to nothing for a reason that may pass: another will be made, or none if there were enough."""
    enough = job.faults + 1 >= FAULTS
    ended: Ended = "quarantined" if enough else "again"
    reason = f"{reason.rstrip('.')}; tried {job.faults + 1} times." if enough else reason
    return _record(job, store, Outcome(ended=ended, reason=reason), rules, began, pause_s=pause_s)


def put_back(job: Job, store: Store, reason: str) -> Outcome:
    """Leave a job to others at once, its worker having been lost through no fault of the call's."""

    def write() -> Outcome:
        with store.transaction(write=True) as connection:
            if hold(connection, job):
                settle(connection, job, "waiting", reason=reason)
        return Outcome(ended="again", reason=reason)

    return _written(write)


def _heard(job: Job, examiner: Examiner, store: Store, path: Path, content: str, began: datetime) -> Outcome:
    options = patiently(lambda: _options(job, store))
    examined = examiner.examine(path, options, lambda *_: None)
    report = examined.report.model_copy(update={"source": job.source})
    examined = examined.model_copy(update={"report": report})
    return patiently(lambda: _save(job, examiner, store, examined, content, began))


def _judged_again(job: Job, examiner: Examiner, store: Store, began: datetime) -> Outcome | None:
    """The outcome where the call was heard by these very models and only the rules, or what is known of it, have changed."""
    if not job.known_as or job.heard_by != job.make.models:
        return None
    call_id = job.known_as
    columns = (Call.source, Call.content_sha256, Call.rules_version)

    def find() -> Any:
        with store.transaction(write=False) as connection:
            return connection.execute(select(*columns).where(Call.call_id == call_id)).one_or_none()

    call = patiently(find)
    if call is None:
        return None  # somebody has taken it out of the store
    if call.source != job.source and call.rules_version == examiner.rules.fingerprint:
        return _done_as(job, store, call_id, call.content_sha256)
    examined = examiner.rejudge(patiently(lambda: store.kept(call_id)))
    if call.source != job.source:
        job = job.model_copy(update={"details": CallDetails()})  # what is known of the other one is its own
    outcome = patiently(lambda: _save(job, examiner, store, examined, call.content_sha256, began))
    return outcome.model_copy(update={"ended": "judged"}) if outcome.ended == "done" else outcome


def _save(job: Job, examiner: Examiner, store: Store, examined: Examined, content: str, began: datetime) -> Outcome:
    report = examined.report
    store.check_there()
    with store.transaction(write=True) as connection:
        if hold(connection, job) != "running":
            return Outcome(ended="done", call_id=report.call_id, duration_s=report.duration_s)
        call_id = report.call_id
        if call_id != job.known_as:
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
        run = _run(job, began, examiner.rules.fingerprint).model_copy(
            update={"call_id": call_id, "models": report.provenance.models, "duration_s": report.duration_s}
        )
        put_run(connection, run, rules_json=examiner.rules.model_dump_json())
    store.check_there("; the last call is not in it")
    return Outcome(ended="done", call_id=call_id, duration_s=report.duration_s)


def _done_as(job: Job, store: Store, call_id: str, content: str) -> Outcome:
    """The outcome of a job whose recording is a call in the store that another one is done by."""
    reason = _SAME.format(call_id)

    def write() -> Outcome:
        with store.transaction(write=True) as connection:
            if hold(connection, job) == "running":
                settle(connection, job, "done", reason=reason, content_sha256=content, call_id=call_id)
        return Outcome(ended="same", reason=reason, call_id=call_id)

    return patiently(write)


def _known(job: Job, store: Store, content: str) -> Outcome | None:
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


def _options(job: Job, store: Store) -> Options:
    """What is to be heard how; where a reviewer has said on which side the agent is, that holds."""
    asked = job.asked
    call_id = asked.call_id or (job.known_as if job.heard_by else None)
    side = given_side(store, call_id) if call_id and asked.agent == "auto" else None
    if call_id is None and is_url(job.source):
        call_id = PurePosixPath(unquote(urlsplit(job.source).path)).stem
    return Options(language=asked.language, agent=side or asked.agent, channels=asked.channels, call_id=call_id)


def _record(job: Job, store: Store, outcome: Outcome, rules: str, began: datetime, *, pause_s: float = 0.0) -> Outcome:
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
