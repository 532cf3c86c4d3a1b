"""From a report to the rows that it is spread over."""

from datetime import datetime
from typing import Any

from monitor.records import CallReport
from monitor.store.tables import FrustrationRow, MomentRow, Report, SoundRow, TurnRow

Row = dict[str, Any]
Table = type[Report] | type[TurnRow] | type[MomentRow] | type[SoundRow] | type[FrustrationRow]


def rows_of(report: CallReport) -> dict[Table, list[Row]]:
    """The rows of every table but `calls`, parents first."""
    tables: dict[Table, list[Row]] = {
        Report: [{"json": report.to_json()}],
        TurnRow: [
            turn.model_dump(include={"speaker", "start_s", "end_s", "text", "acts", "frustration"})
            for turn in report.turns
        ],
        MomentRow: [
            moment.model_dump(exclude={"response"})
            | {
                "response_turn": moment.response and moment.response.turn,
                "latency_s": moment.response and moment.response.latency_s,
            }
            for moment in report.moments
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
        "heard_version": report.provenance.heard,
        "rules_version": report.provenance.rules,
        **report.summary.model_dump(exclude={"effort"}),
        **details,
    }
    return without_nul(row)


def without_nul(row: Row) -> Row:
    """The row without the one character that PostgreSQL refuses in text."""
    return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in row.items()}
