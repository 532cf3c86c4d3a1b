"""The queue of an archive's calls: listed once, each given to one worker at a time, and none forgotten.

waiting -> running -> done
   ^          |------> failed        the call cannot be analysed
   |          |------> quarantined   it crashed or hung its worker too often
   '----------'                      another attempt, or the worker's lease ran out
"""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from time import time
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, text, update

from audio.errors import StoreError
from monitor.store.engine import lock, upsert
from monitor.store.job_records import STATES, Asked, Item, Job, JobLine, Make, State
from monitor.store.job_tables import JobRow
from monitor.store.records import CallDetails
from monitor.store.store import Store
from monitor.store.tables import Call

Found = State | Literal["new", "changed"]

LEASE_S = 60.0
"""How long a worker may be silent before what it was at is given to another: four missed heartbeats of 15 s."""
MOST_ATTEMPTS = 10
"""A call that was begun so often, and whose workers vanished without a word each time, is begun no more."""


class TakenOver(StoreError):
    """The lease of a job ran out and another worker has it; what this one found must not be saved."""


def enqueue(store: Store, items: Sequence[Item], make: Make) -> int:
    """Put calls into the queue; how many of them there is something to do for.

    A call that is done stays done unless its file, what was said about it, the models or the rules have changed.
    A failed one is tried again when its file, what was said or the models have changed.
    """
    # One row a source, in one order everywhere: two machines that list the same archive never wait for each other in a ring.
    rows = [_row(item, make) for _, item in sorted({item.source: item for item in items}.items())]
    if not rows:
        return 0
    with store.transaction(write=True) as connection:
        insert = upsert(connection, JobRow)
        new = insert.excluded
        anew = or_(JobRow.stamp != new.stamp, JobRow.asked != new.asked)
        other = or_(anew, JobRow.models != new.models)
        judged = and_(
            or_(JobRow.rules != new.rules, JobRow.details != new.details),
            *(JobRow.state != state for state in _FAILED),  # "not in" cannot be sent with many rows
        )
        changed = ("stamp", "asked", "details", "models", "rules", "changed_at", *_FRESH)
        statement = insert.on_conflict_do_update(
            index_elements=[JobRow.source],
            set_={
                **{name: new[name] for name in changed},
                "heard_by": case((anew, ""), else_=JobRow.heard_by),
            },
            where=or_(other, judged),
        )
        return len(connection.execute(statement.returning(JobRow.job_id), rows).all())


def compare(store: Store, items: Sequence[Item], make: Make) -> dict[Found, int]:
    """What `enqueue` would find: how many of these calls are new, how many are known in which state, how many have changed."""
    found: Counter[Found] = Counter()
    with store.transaction(write=False) as connection:
        columns = (JobRow.source, JobRow.state, *(getattr(JobRow, name) for name in _KEY))
        query = select(*columns).where(JobRow.source.in_([item.source for item in items]))
        known = {row["source"]: row for row in connection.execute(query).mappings()}
    for item in items:
        row = known.get(item.source)
        wanted = _row(item, make)
        if row is None:
            found["new"] += 1
        elif any(row[name] != wanted[name] for name in (_KEY_OF_FAILED if row["state"] in _FAILED else _KEY)):
            found["changed"] += 1
        else:
            found[row["state"]] += 1
    return dict(found)


def claim(store: Store, worker: str, make: Make) -> Job | None:
    """Take the next waiting call of a make; None if there is none just now. No two workers are given the same."""
    with store.transaction(write=True) as connection:
        now_s = clock_s(connection)
        waiting = select(JobRow.job_id).where(*_of(make), JobRow.state == "waiting", JobRow.until_s <= now_s)
        first = waiting.order_by(JobRow.job_id).limit(1).with_for_update(skip_locked=True)
        job_id = connection.execute(first).scalar()
        if job_id is None:
            return None
        taken = (
            update(JobRow)
            .where(JobRow.job_id == job_id)
            .values(
                state="running",
                worker=worker,
                until_s=now_s + LEASE_S,
                attempts=JobRow.attempts + 1,
                changed_at=datetime.now(UTC),
            )
        )
        row = connection.execute(taken.returning(*JobRow.__table__.columns)).mappings().one()
    return Job(
        source=row["source"],
        stamp=row["stamp"],
        asked=Asked.model_validate_json(row["asked"]),
        details=CallDetails.model_validate_json(row["details"]),
        job_id=row["job_id"],
        worker=worker,
        attempts=row["attempts"],
        faults=row["faults"],
        make=make,
        known_as=row["call_id"],
        heard_by=row["heard_by"],
    )


def beat(store: Store, worker: str) -> None:
    """Say that a worker is alive, and take back what others held whose lease has run out."""
    with store.transaction(write=True) as connection:
        now_s = clock_s(connection)
        mine = and_(JobRow.state == "running", JobRow.worker == worker)
        connection.execute(update(JobRow).where(mine).values(until_s=now_s + LEASE_S))
        _take_back(connection, JobRow.until_s < now_s)


def release(store: Store, worker: str) -> int:
    """Give back at once all that a worker holds, because it stops or is known to be dead; how many calls that were."""
    with store.transaction(write=True) as connection:
        return _take_back(connection, JobRow.worker == worker)


def workers(store: Store) -> tuple[str, ...]:
    """Who is at work."""
    with store.transaction(write=False) as connection:
        query = select(JobRow.worker).where(JobRow.state == "running").distinct()
        return tuple(connection.execute(query).scalars())


def hold(connection: Connection, job: Job) -> State:
    """Keep a job's lease for the rest of the transaction: "running", or what this very attempt has been settled as already.

    That happens where a worker died, or the answer to its COMMIT was lost, when all was done. Raises TakenOver where the lease is
    another's.
    """
    query = select(JobRow.state, JobRow.worker, JobRow.attempts).where(JobRow.job_id == job.job_id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None or (row.worker, row.attempts) != (job.worker, job.attempts) or row.state == "waiting":
        raise TakenOver(f"{job.source} is being analysed by another worker; what this one found is not kept.")
    state: State = row.state
    return state


def settle(
    connection: Connection,
    job: Job,
    state: State,
    *,
    reason: str = "",
    content_sha256: str = "",
    call_id: str | None = None,
    duration_s: float = 0.0,
    took_s: float = 0.0,
    fault: bool = False,
    not_before_s: float = 0.0,
) -> None:
    """Write down what became of a job that is held; `not_before_s` is from now, where it waits for another attempt."""
    values = {
        "state": state,
        "reason": reason.replace("\0", ""),
        "took_s": took_s,
        "faults": job.faults + fault,
        "until_s": clock_s(connection) + not_before_s if state == "waiting" else 0.0,
        "changed_at": datetime.now(UTC),
    }
    if content_sha256:
        values["content_sha256"] = content_sha256
    if state == "done":
        values |= {"call_id": call_id, "heard_by": job.make.models, "duration_s": duration_s}
    connection.execute(update(JobRow).where(JobRow.job_id == job.job_id).values(**values))


def same_recording(connection: Connection, job: Job, content_sha256: str) -> str | None:
    """The call of another source that is done and has the very same bytes; the answer holds until the transaction ends."""
    lock(connection, content_sha256)
    query = select(JobRow.call_id).where(
        JobRow.content_sha256 == content_sha256,
        JobRow.job_id != job.job_id,
        JobRow.state == "done",
        JobRow.reason == "",
        *_of(job.make),
    )
    return connection.execute(query.order_by(JobRow.job_id).limit(1)).scalar()


def retry_failed(store: Store, make: Make) -> int:
    """Let what failed or is quarantined be tried again; how many calls that are."""
    with store.transaction(write=True) as connection:
        failed = update(JobRow).where(JobRow.state.in_(("failed", "quarantined")))
        again = failed.values(models=make.models, rules=make.rules, changed_at=datetime.now(UTC), **_FRESH)
        return connection.execute(again).rowcount


def judged_anew(store: Store, rules: str) -> int:
    """Calls that have been judged by rules of this fingerprint need not be by the queue; returns how many those are."""
    judged = select(Call.call_id).where(Call.rules_version == rules)
    done = update(JobRow).where(JobRow.state == "done", JobRow.rules != rules, JobRow.call_id.in_(judged))
    with store.transaction(write=True) as connection:
        return connection.execute(done.values(rules=rules)).rowcount


def counts(store: Store, make: Make | None = None) -> dict[State, int]:
    """How many calls are in each state, of one make or of all."""
    query = select(JobRow.state, func.count()).group_by(JobRow.state)
    with store.transaction(write=False) as connection:
        found = {row[0]: row[1] for row in connection.execute(query.where(*(_of(make) if make else ())))}
    return {state: found.get(state, 0) for state in STATES}


def lines(store: Store, states: Sequence[State], *, limit: int | None = None, page: int = 0) -> tuple[JobLine, ...]:
    """The calls in some states, in the order in which they were listed."""
    columns = [getattr(JobRow, name) for name in JobLine.model_fields]
    query = select(*columns).where(JobRow.state.in_(states)).order_by(JobRow.job_id)
    with store.transaction(write=False) as connection:
        rows = connection.execute(query.limit(limit).offset(page * (limit or 0))).mappings()
        return tuple(JobLine(**row) for row in rows)


def clock_s(connection: Connection) -> float:
    """Seconds since 1970 by one clock for all who share the store."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
    return time()


_KEY = ("stamp", "asked", "details", "models", "rules")
"""What decides whether there is something to do for a call that is known."""
_KEY_OF_FAILED = ("stamp", "asked", "models")
_FAILED: tuple[State, ...] = ("failed", "quarantined")
_FRESH = {"state": "waiting", "reason": "", "attempts": 0, "faults": 0, "worker": "", "until_s": 0.0}
"""A job that has not been begun."""


def _row(item: Item, make: Make) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "source": item.source,
        "stamp": item.stamp,
        "asked": _text(item.asked),
        "details": _text(item.details),
        "models": make.models,
        "rules": make.rules,
        **_FRESH,
        "content_sha256": "",
        "heard_by": "",
        "duration_s": 0.0,
        "took_s": 0.0,
        "queued_at": now,
        "changed_at": now,
    }


def _text(record: Asked | CallDetails) -> str:
    """The same record is always the same text."""
    return json.dumps(record.model_dump(mode="json", exclude_none=True), sort_keys=True).replace("\\u0000", "")


def _of(make: Make) -> tuple[ColumnElement[bool], ...]:
    return JobRow.models == make.models, JobRow.rules == make.rules


def _take_back(connection: Connection, which: ColumnElement[bool]) -> int:
    often = JobRow.attempts >= MOST_ATTEMPTS
    lost = f"Its workers vanished without a word {MOST_ATTEMPTS} times."
    back = (
        update(JobRow)
        .where(JobRow.state == "running", which)
        .values(
            state=case((often, "quarantined"), else_="waiting"),
            reason=case((often, lost), else_=""),
            until_s=0.0,
            changed_at=datetime.now(UTC),
        )
    )
    return connection.execute(back).rowcount
