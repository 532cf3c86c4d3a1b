"""Everything that is written when a call is saved or reviewed, inside the caller's transaction."""

import json
from datetime import UTC, datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, insert, select, update

from monitor.records import CallReport, Moment
from monitor.store.figures import attention, figures
from monitor.store.more_tables import CallActionRow, ReviewRow, WaveformRow
from monitor.store.reviewed import Review, ReviewedMoment, stand
from monitor.store.rows import Row, call_row, moment_rows, rows_of
from monitor.store.search import put_transcript
from monitor.store.tables import Call, MomentRow, Report
from monitor.store.tallies import move_tallies, tally_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENTS = TypeAdapter(tuple[Moment, ...])


def put_report(connection: Connection, report: CallReport, content_sha256: str, details: Row) -> None:
    """Write a call and all that follows from its report, in place of what was there; the timed words of its turns are not
    touched."""
    call_id, now = report.call_id, datetime.now(UTC)
    known = connection.execute(
        select(Call.content_sha256, Call.started_at, Call.called_at).where(Call.call_id == call_id)
    ).one_or_none()
    before = tally_of(connection, call_id)
    call = call_row(report, content_sha256, details, now)
    if known is not None and known.content_sha256 != content_sha256:
        _forget(connection, call_id)
        known = None
    started = details.get("started_at") or (known and known.started_at)
    # A call whose start nobody told stays where it first was on the time axis, however often it is analysed.
    called_at = started or (known and known.called_at) or now
    call |= {"called_at": called_at, "called_hour": int((called_at - EPOCH).total_seconds() // 3600)}

    reviews = reviews_of(connection, call_id)
    standing = stand(report.moments, reviews)
    call |= reviewed_figures(report, standing, reviewed=bool(reviews))

    _put_call(connection, call)
    for table, rows in rows_of(report).items():
        connection.execute(delete(table).where(table.call_id == call_id))
        if rows:
            connection.execute(insert(table), rows)
    put_moments(connection, call_id, standing)
    put_transcript(connection, call_id, (turn.text for turn in report.turns))
    move_tallies(connection, before, tally_of(connection, call_id))


def reviewed_figures(report: CallReport, standing: tuple[ReviewedMoment, ...], *, reviewed: bool) -> Row:
    """The columns of `calls` that follow from a call's moments as they stand."""
    counted = figures(standing)
    # Without reviews the report's own summary is the truth.
    kept = counted if reviewed else {name: counted[name] for name in ("openings", "met")}
    return kept | {"attention": attention(standing, report.summary.peak_frustration)}


def put_review(connection: Connection, call_id: str, review: Review) -> None:
    """Add a review, and let the call's moments and figures follow it."""
    before = tally_of(connection, call_id)
    connection.execute(insert(ReviewRow), [_row(call_id, review)])
    standing = stand(moments_found(connection, call_id), reviews_of(connection, call_id))
    peak = connection.execute(select(Call.peak_frustration).where(Call.call_id == call_id)).scalar_one()
    changed = figures(standing) | {"attention": attention(standing, peak)}
    connection.execute(update(Call).where(Call.call_id == call_id).values(**changed))
    put_moments(connection, call_id, standing)
    move_tallies(connection, before, tally_of(connection, call_id))


def moments_found(connection: Connection, call_id: str) -> tuple[Moment, ...]:
    """The moments of a call as its analysis found them."""
    report = connection.execute(select(Report.json).where(Report.call_id == call_id)).scalar()
    # Only the moments are read into records: the turns of a long call are many.
    return _MOMENTS.validate_python(json.loads(report)["moments"]) if report else ()


def reviews_of(connection: Connection, call_id: str) -> tuple[Review, ...]:
    """Everything said about the moments of a call, oldest first."""
    query = select(ReviewRow).where(ReviewRow.call_id == call_id).order_by(ReviewRow.id)
    return tuple(
        Review(
            subject=row["subject"],
            decision=row["decision"],
            reviewer=row["reviewer"],
            at=row["at"],
            comment=row["comment"],
            kind=row["kind"],
            verdict=row["verdict"],
            moment=Moment.model_validate_json(row["moment"]),
        )
        for row in connection.execute(query).mappings()
    )


def _row(call_id: str, review: Review) -> Row:
    return review.model_dump(exclude={"moment"}) | {"call_id": call_id, "moment": review.moment.model_dump_json()}


def put_moments(connection: Connection, call_id: str, standing: tuple[ReviewedMoment, ...]) -> None:
    """Write a call's moments as they stand, in place of those it had."""
    connection.execute(delete(MomentRow).where(MomentRow.call_id == call_id))
    rows = moment_rows(call_id, standing)
    if rows:
        connection.execute(insert(MomentRow), rows)


def _put_call(connection: Connection, call: Row) -> None:
    # Updated in place, not deleted and inserted: what others have attached to the call stays.
    updated = connection.execute(update(Call).where(Call.call_id == call["call_id"]).values(**call))
    if updated.rowcount == 0:
        connection.execute(insert(Call), [call])


def _forget(connection: Connection, call_id: str) -> None:
    """Another recording takes this call id: what people said was about the other one."""
    for table in (ReviewRow, CallActionRow, WaveformRow):
        connection.execute(delete(table).where(table.call_id == call_id))
    nobodys = dict.fromkeys(("assigned_to", "reviewed_by", "reviewed_at", "agent_side_given"))
    connection.execute(update(Call).where(Call.call_id == call_id).values(**nobodys))
