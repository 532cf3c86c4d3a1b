"""Calls that are judged anew: read in batches with what was kept of them, and written back in batches.

What was said in them does not change, so that neither their turns nor the search index are touched.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from monitor.records import CallReport, Mention
from monitor.store.kept import put_kept
from monitor.store.kept_tables import KeptRow
from monitor.store.more_tables import MentionRow, RuleSet
from monitor.store.reviewed import stand
from monitor.store.rows import Row, judged_columns, without_nul, wordless_json
from monitor.store.saving import put_moments, put_report, reviewed_figures, reviews_of
from monitor.store.store import Store
from monitor.store.tables import Call, Report
from monitor.store.tallies import move_tallies, tally_of
from monitor.store.themes import put_mentions

if TYPE_CHECKING:
    from monitor.kept import Kept

_PAGE = 5_000


@dataclass(frozen=True)
class Judgeable:
    """A stored call as it is to be judged anew."""

    report: CallReport
    """As it was judged, without the timed words."""
    kept: "Kept"
    analyzed_at: datetime


@dataclass(frozen=True)
class Rejudged:
    """A call that has been judged anew."""

    before: Judgeable
    report: CallReport
    """Without the timed words."""
    mentions: Callable[[], tuple[Mention, ...]]
    """Finds the sentences that are counted across calls."""
    kept: "Kept"

    @cached_property
    def heard_otherwise(self) -> bool:
        """Whether the curve or the acts have changed: other models read the call, or other sounds count as distress."""
        before, now = self.before.report, self.report
        return before.frustration != now.frustration or before.turns != now.turns

    @cached_property
    def differs(self) -> bool:
        """Whether anything but the name of the rules has changed."""
        before, now = self.before.report, self.report
        return before.moments != now.moments or before.summary != now.summary or self.heard_otherwise


def outdated(store: Store, rules: str) -> int:
    """How many calls were judged by other rules than those of this fingerprint."""
    with store.transaction(write=False) as connection:
        query = select(func.count()).select_from(Call).where(Call.rules_version != rules)
        return connection.execute(query).scalar_one()


def outdated_calls(store: Store, rules: str) -> Iterator[str]:
    """The ids of these calls, in their order; those that are added meanwhile may be left out."""
    after = None
    while True:
        query = select(Call.call_id).where(Call.rules_version != rules).order_by(Call.call_id).limit(_PAGE)
        with store.transaction(write=False) as connection:
            where = () if after is None else (Call.call_id > after,)
            found = connection.execute(query.where(*where)).scalars().all()
        if not found:
            return
        yield from found
        after = found[-1]


def judgeable(store: Store, call_ids: Sequence[str]) -> tuple[list[Judgeable], list[str]]:
    """Calls to be judged anew, and the ids of those whose reports do not fit this version."""
    from monitor.kept import kept_of

    query = (
        select(Report.call_id, Report.json, Call.analyzed_at, KeptRow.understood, KeptRow.understood_by)
        .join(Call, Call.call_id == Report.call_id)
        .outerjoin(KeptRow, KeptRow.call_id == Report.call_id)
        .where(Report.call_id.in_(call_ids))
        .order_by(Report.call_id)
    )
    found, unfit = [], []
    with store.transaction(write=False) as connection:
        rows = connection.execute(query).all()
    for row in rows:
        try:
            report = CallReport.model_validate_json(row.json)
        except ValueError:
            unfit.append(row.call_id)
            continue
        kept = kept_of(report, row.understood or b"", row.understood_by or "")
        found.append(Judgeable(report, kept, row.analyzed_at))
    return found, unfit


def save_rejudged(store: Store, calls: Sequence[Rejudged]) -> int:
    """Write calls as they were judged anew, most of them in one transaction; how many were still as they had been read.

    A call that was analysed again or deleted in the meantime is left as it is.
    """
    light = [call for call in calls if not call.heard_otherwise]
    with store.transaction(write=True) as connection:
        writing = _as_read(connection, light)
        _write(connection, writing)
    done = len(writing)
    for call in calls:
        if call.heard_otherwise:
            with store.transaction(write=True) as connection:
                for one in _as_read(connection, [call]):
                    _write_whole(connection, one)
                    done += 1
    return done


def record_rules(store: Store, fingerprint: str, json: str) -> None:
    """Keep the rules that a fingerprint stands for, if they are new."""
    with store.transaction(write=True) as connection:
        known = connection.execute(select(RuleSet.fingerprint).where(RuleSet.fingerprint == fingerprint)).scalar()
        if known is None:
            connection.execute(insert(RuleSet), [{"fingerprint": fingerprint, "at": datetime.now(UTC), "json": json}])


def _as_read(connection: Connection, calls: Sequence[Rejudged]) -> list[Rejudged]:
    """The calls that are still as they were read; nobody else writes them until the transaction ends."""
    asked = [call.before.report.call_id for call in calls]
    query = select(Call.call_id, Call.analyzed_at).where(Call.call_id.in_(asked)).order_by(Call.call_id)
    now = {row.call_id: row.analyzed_at for row in connection.execute(query.with_for_update())}
    return [call for call in calls if now.get(call.before.report.call_id) == call.before.analyzed_at]


def _write(connection: Connection, calls: Sequence[Rejudged]) -> None:
    """One statement of each sort for all calls, and their tallies together: batches that are written side by side then never
    wait for each other's rows in turn."""
    if not calls:
        return
    moved = [call for call in calls if call.differs]
    ids = [call.report.call_id for call in moved]
    before = tally_of(connection, *ids)
    _update(connection, Call, [_versions(call.report) for call in calls])
    _update(
        connection, Report, [{"call_id": call.report.call_id, "json": wordless_json(call.report)} for call in calls]
    )
    if not moved:
        return
    _update(connection, Call, [_put_moments(connection, call.report) for call in moved])
    move_tallies(connection, before, tally_of(connection, *ids))
    for call in moved:
        _put_mentions(connection, call)


def _update(connection: Connection, table: type[Call] | type[Report], rows: Sequence[Row]) -> None:
    """Set the columns of rows that are there, found by their call ids."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "call_id"}
    named = [{f"new_{name}": value for name, value in without_nul(row).items()} for row in rows]
    connection.execute(update(table).where(table.call_id == bindparam("new_call_id")).values(**values), named)


def _versions(report: CallReport) -> Row:
    made = report.provenance
    return {"call_id": report.call_id, "heard_version": made.heard, "rules_version": made.rules}


def _put_moments(connection: Connection, report: CallReport) -> Row:
    """Write the moments as they stand after review; gives the columns of the call that follow from the judgement."""
    reviews = reviews_of(connection, report.call_id)
    standing = stand(report.moments, reviews)
    put_moments(connection, report.call_id, standing)
    figures = reviewed_figures(report, standing, reviewed=bool(reviews))
    return {"call_id": report.call_id} | judged_columns(report) | figures


def _put_mentions(connection: Connection, call: Rejudged) -> None:
    """Count the call's sentences anew where others have become worth counting."""
    query = select(MentionRow.topic, MentionRow.turn, MentionRow.text).where(MentionRow.call_id == call.report.call_id)
    counted = {(row.topic, row.turn, row.text) for row in connection.execute(query)}
    mentions = call.mentions()
    if counted != {(one.topic, one.turn, one.text.replace("\0", "")) for one in mentions}:
        put_mentions(connection, call.report.call_id, mentions)


def _write_whole(connection: Connection, call: Rejudged) -> None:
    """A call whose acts or whose curve have changed, too."""
    content = select(Call.content_sha256).where(Call.call_id == call.report.call_id)
    put_report(connection, call.report, connection.execute(content).scalar_one(), {})
    _put_mentions(connection, call)
    put_kept(connection, call.report.call_id, call.kept)
