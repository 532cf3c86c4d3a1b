"""From a report to the rows that it is spread over."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from monitor.records import CallReport
from monitor.store.reviewed import ReviewedMoment
from monitor.store.tables import FrustrationRow, Report, SoundRow, TurnRow

Row = dict[str, Any]
Table = type[Report] | type[TurnRow] | type[SoundRow] | type[FrustrationRow]


def rows_of(report: CallReport) -> dict[Table, list[Row]]:
    """The rows of the tables that a report alone decides."""
    tables: dict[Table, list[Row]] = {
        Report: [{"json": wordless_json(report)}],
        TurnRow: [
            turn.model_dump(include={"speaker", "start_s", "end_s", "text", "acts", "frustration"})
            for turn in report.turns
        ],
        SoundRow: [sound.model_dump() for sound in report.sounds],
        FrustrationRow: [
            point.model_dump(exclude={"causes"}) | point.causes.model_dump() for point in report.frustration
        ],
    }
    for table, rows in tables.items():
        for position, row in enumerate(rows):
            row["call_id"] = report.call_id
            if table is not Report:
                row["position"] = position
    return {table: [without_nul(row) for row in rows] for table, rows in tables.items()}


def wordless_json(report: CallReport) -> str:
    """The report as JSON text without the timed words of its turns."""
    return report.model_dump_json(by_alias=True, exclude={"turns": {"__all__": {"words"}}})


def moment_rows(call_id: str, moments: Iterable[ReviewedMoment]) -> list[Row]:
    """The rows of `moments`: those found, as they stand after review, and those that reviewers added."""
    return [
        without_nul(
            one.moment.model_dump(exclude={"response"})
            | {
                "call_id": call_id,
                "position": position,
                "kind": one.kind,
                "verdict": one.verdict,
                "response_turn": one.moment.response and one.moment.response.turn,
                "latency_s": one.moment.response and one.moment.response.latency_s,
                "found_kind": one.moment.kind if one.origin == "detector" else None,
                "found_verdict": one.moment.verdict if one.origin == "detector" else None,
                "decision": one.decision,
            }
        )
        for position, one in enumerate(one for one in moments if one.origin != "gone")
    ]


def call_row(report: CallReport, content_sha256: str, details: Row, analyzed_at: datetime) -> Row:
    """The row of `calls`."""
    row = {
        "call_id": report.call_id,
        "source": report.source,
        "content_sha256": content_sha256,
        "analyzed_at": analyzed_at,
        "language": report.language,
        "duration_s": report.duration_s,
        "layout": report.channels.layout,
        "agent_side": report.channels.agent,
        "role_confidence": report.channels.role_confidence,
        "partial": report.quality.partial,
        "lost_s": report.quality.lost_s,
        **judged_columns(report),
        **details,
    }
    return without_nul(row)


def judged_columns(report: CallReport) -> Row:
    """The columns of `calls` that the judging decides."""
    return {
        "heard_version": report.provenance.heard,
        "rules_version": report.provenance.rules,
        **report.summary.model_dump(exclude={"effort"}),
        "repeat_contacts": report.summary.effort.get("repeat_contact", 0),
        **{name: report.summary.effort.get(name, 0) for name in ("holds", "transfers", "repeats")},
    }


def without_nul(row: Row) -> Row:
    """The row without the one character that PostgreSQL refuses in text."""
    return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in row.items()}
