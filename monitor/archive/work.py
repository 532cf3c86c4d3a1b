"""One job in, one outcome out: a call is fetched, heard (or only judged again) and saved. May be called anywhere.

The report and the word that the job is done go into the store in one transaction, and only while the job's lease holds: a call
is never saved twice, and never done without being saved, whoever is killed and when.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy import select

from audio.errors import HeardError, ModelMissing, StoreError
from monitor.analyze import Examined, Options, Progress
from monitor.archive.files import Unreachable, fetched, is_url
from monitor.archive.outcome import Outcome, done_as, faulted, known_already, patiently, record, save
from monitor.kept import Kept
from monitor.rules import Rules
from monitor.store import Store, given_side
from monitor.store.job_records import Job
from monitor.store.jobs import TakenOver
from monitor.store.records import CallDetails
from monitor.store.tables import Call

AGAIN_S = 5.0
"""Pause before the second attempt to get at a recording; each further one waits three times as long."""


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
                outcome = known_already(job, store, content) or _heard(job, examiner, store, path, content, began)
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
        outcome = record(job, store, Outcome(ended="failed", reason=reason), examiner.rules.fingerprint, began)
    except Exception as error:
        logging.getLogger("heard").error("%s failed", job.source, exc_info=error)
        said = (str(error).strip().splitlines() or [""])[0].rstrip(".")
        reason = f"{job.source} failed unexpectedly ({type(error).__name__}{said and ': '}{said})."
        outcome = faulted(job, store, reason, examiner.rules.fingerprint, began)
    return outcome.model_copy(update={"took_s": monotonic() - clock})


def _heard(job: Job, examiner: Examiner, store: Store, path: Path, content: str, began: datetime) -> Outcome:
    options = patiently(lambda: _options(job, store))
    examined = examiner.examine(path, options, lambda *_: None)
    report = examined.report.model_copy(update={"source": job.source})
    examined = examined.model_copy(update={"report": report})
    return patiently(lambda: save(job, examiner.rules, store, examined, content, began))


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
        return done_as(job, store, call_id, call.content_sha256)
    examined = examiner.rejudge(patiently(lambda: store.kept(call_id)))
    if call.source != job.source:
        job = job.model_copy(update={"details": CallDetails()})  # what is known of the other one is its own
    return patiently(lambda: save(job, examiner.rules, store, examined, call.content_sha256, began, judged=True))


def _options(job: Job, store: Store) -> Options:
    """What is to be heard how; where a reviewer has said on which side the agent is, that holds."""
    asked = job.asked
    call_id = asked.call_id or _own_id(job, store)
    side = given_side(store, call_id) if call_id and asked.agent == "auto" else None
    if call_id is None and is_url(job.source):
        call_id = PurePosixPath(unquote(urlsplit(job.source).path)).stem
    return Options(language=asked.language, agent=side or asked.agent, channels=asked.channels, call_id=call_id)


def _own_id(job: Job, store: Store) -> str | None:
    """The id of the call that came of this source before, whatever the file holds by now."""
    with store.transaction(write=False) as connection:
        query = select(Call.call_id).where(Call.call_id == job.known_as, Call.source == job.source)
        return connection.execute(query).scalar()
