"""The timed words of turns are kept apart from the reports, so that a changed rule reads and writes half as much."""

import zlib
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from pydantic_core import from_json, to_json

revision = "0009"
down_revision = "0008"

_AT_A_TIME = 200
_REPORTS = sa.text("SELECT call_id, json FROM reports WHERE call_id IN :call_ids").bindparams(
    sa.bindparam("call_ids", expanding=True)
)


def upgrade() -> None:
    """Add the table, and move the words of every report into it."""
    key = sa.ForeignKey("calls.call_id", ondelete="CASCADE")
    op.create_table(
        "words",
        sa.Column("call_id", sa.Text, key, primary_key=True, nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=False),
    )
    connection = op.get_bind()
    call_ids = connection.execute(sa.text("SELECT call_id FROM reports ORDER BY call_id")).scalars().all()
    for begin in range(0, len(call_ids), _AT_A_TIME):
        _move(connection, call_ids[begin : begin + _AT_A_TIME])


def _move(connection: sa.Connection, call_ids: Sequence[str]) -> None:
    found = connection.execute(_REPORTS, {"call_ids": call_ids}).all()
    for call_id, json in found:
        try:
            report = from_json(json)
            words = [turn.pop("words", []) for turn in report["turns"]]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # `heard store check` tells of reports that cannot be read
        if any(words):
            row = {"call_id": call_id, "words": zlib.compress(to_json(words))}
            connection.execute(sa.text("INSERT INTO words VALUES (:call_id, :words)"), row)
        row = {"call_id": call_id, "json": to_json(report).decode()}
        connection.execute(sa.text("UPDATE reports SET json = :json WHERE call_id = :call_id"), row)
