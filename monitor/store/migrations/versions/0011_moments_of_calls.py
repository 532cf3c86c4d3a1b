"""Whether a call has a moment of a kind, and which calls have a decided one, is read from an index; calls that wait for a review and
calls of a team are in theirs by attention, the most first."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the indexes anew."""
    op.drop_index("moments_by_kind", "moments")
    op.create_index("moments_by_kind", "moments", ["kind", "call_id", "verdict", "severity", "decision"])
    decided = sa.text("decision IS NOT NULL")
    columns = ["decision", "call_id"]
    op.create_index("moments_decided", "moments", columns, sqlite_where=decided, postgresql_where=decided)
    op.drop_index("calls_by_review", "calls")
    most_first = sa.text("attention DESC"), sa.text("call_id DESC")
    op.create_index("calls_by_review", "calls", ["reviewed_at", *most_first])
    op.create_index("calls_by_team_and_attention", "calls", ["team", *most_first])
