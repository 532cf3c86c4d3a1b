"""The queue's order by length, and its calls that nobody has reviewed, are read from an index."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("calls_by_duration", "calls", ["duration_s", "call_id"])
    op.create_index("calls_by_review", "calls", ["reviewed_at", "attention", "call_id"])
