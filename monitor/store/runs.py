"""Every analysis of every input: when, by what, and what came of it."""

import json
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field
from sqlalchemy import Connection, Text, case, cast, func, insert, select

from audio.facts import Fact
from monitor.store.engine import upsert
from monitor.store.more_tables import RuleSet, RunRow
from monitor.store.rows import without_nul
from monitor.store.store import Store

RunOutcome = Literal["analysed", "failed"]


class Run(Fact):
    """One analysis of one input."""

    at: datetime
    """When it began."""
    took_s: float
    source: str
    call_id: str | None = None
    outcome: RunOutcome
    error: str = ""
    """Why it failed, in one sentence."""
    heard: str
    """The version of the program."""
    models: dict[str, str] = Field(default_factory=dict)
    rules: str = ""
    """The fingerprint of the rules."""
    duration_s: float = 0.0
    """Length of the call."""


class NumberedRun(Run):
    """A run as it is stored."""

    run_id: int


class RunsPage(Fact):
    """A page of runs, the newest first; pages are counted from 0."""

    rows: tuple[NumberedRun, ...]
    total: int
    failed: int
    """How many of all runs failed."""
    page: int
    size: int


class RunTotals(Fact):
    """All runs together."""

    runs: int
    failed: int
    heard_s: float
    """Length of the calls that were analysed."""
    took_s: float
    """What analysing them took."""
    last: datetime | None


class Make(Fact):
    """What calls were analysed by: a version of the program, its models and rules."""

    heard: str
    models: dict[str, str]
    rules: str
    runs: int
    first: datetime
    last: datetime


def record_run(store: Store, run: Run, *, rules_json: str = "") -> None:
    """Add a run, and the rules that it was judged by if they are new."""
    with store.transaction(write=True) as connection:
        put_run(connection, run, rules_json=rules_json)


def put_run(connection: Connection, run: Run, *, rules_json: str = "") -> None:
    """The same inside the caller's transaction."""
    connection.execute(insert(RunRow), [without_nul(run.model_dump())])
    if rules_json:
        row = {"fingerprint": run.rules, "at": datetime.now(UTC), "json": rules_json}
        # Several programs may judge by the same new rules at once.
        connection.execute(upsert(connection, RuleSet).on_conflict_do_nothing(), [row])


def runs(store: Store, *, outcome: RunOutcome | None = None, page: int = 0, size: int = 50) -> RunsPage:
    """The runs, newest first."""
    where = () if outcome is None else (RunRow.outcome == outcome,)
    with store.transaction(write=False) as connection:
        count = select(func.count()).select_from(RunRow)
        total = connection.execute(count.where(*where)).scalar_one()
        failed = connection.execute(count.where(RunRow.outcome == "failed")).scalar_one()
        page = max(0, min(page, (total - 1) // size))
        columns = [getattr(RunRow, name) for name in NumberedRun.model_fields]
        query = select(*columns).where(*where).order_by(RunRow.at.desc(), RunRow.run_id.desc())
        rows = connection.execute(query.limit(size).offset(page * size)).mappings()
        found = tuple(NumberedRun(**row) for row in rows)
    return RunsPage(rows=found, total=total, failed=failed, page=page, size=size)


def rules_json(store: Store, fingerprint: str | None = None) -> str | None:
    """The rules that a fingerprint stands for, or the newest ones."""
    query = select(RuleSet.json).order_by(RuleSet.at.desc()).limit(1)
    if fingerprint is not None:
        query = query.where(RuleSet.fingerprint == fingerprint)
    with store.transaction(write=False) as connection:
        return connection.execute(query).scalar()


def run_totals(store: Store) -> RunTotals:
    """How much was analysed, and how fast."""
    done = RunRow.outcome == "analysed"
    columns = (
        func.count(),
        func.sum(case((done, 0), else_=1)),
        func.sum(case((done, RunRow.duration_s), else_=0.0)),
        func.sum(case((done, RunRow.took_s), else_=0.0)),
        func.max(RunRow.at),
    )
    with store.transaction(write=False) as connection:
        n, failed, heard_s, took_s, last = connection.execute(select(*columns)).one()
    return RunTotals(runs=n, failed=failed or 0, heard_s=heard_s or 0.0, took_s=took_s or 0.0, last=last)


def runs_by_make(store: Store, most: int = 12) -> tuple[Make, ...]:
    """By what calls were analysed, the newest first."""
    models = cast(RunRow.models, Text)
    last = func.max(RunRow.at)
    query = (
        select(RunRow.heard, models, RunRow.rules, func.count(), func.min(RunRow.at), last)
        .where(RunRow.outcome == "analysed")
        .group_by(RunRow.heard, models, RunRow.rules)
        .order_by(last.desc())
        .limit(most)
    )
    with store.transaction(write=False) as connection:
        rows = connection.execute(query).all()
    return tuple(
        Make(heard=row[0], models=json.loads(row[1]), rules=row[2], runs=row[3], first=row[4], last=row[5])
        for row in rows
    )
