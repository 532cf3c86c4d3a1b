"""Every analysis of every input: when, by what, and what came of it."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import Field
from sqlalchemy import func, insert, select

from audio.facts import Fact
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


def record_run(store: Store, run: Run, *, rules_json: str = "") -> None:
    """Add a run, and the rules that it was judged by if they are new."""
    with store.transaction(write=True) as connection:
        connection.execute(insert(RunRow), [without_nul(run.model_dump())])
        known = connection.execute(select(RuleSet.fingerprint).where(RuleSet.fingerprint == run.rules)).scalar()
        if rules_json and known is None:
            row = {"fingerprint": run.rules, "at": datetime.now(UTC), "json": rules_json}
            connection.execute(insert(RuleSet), [row])


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
