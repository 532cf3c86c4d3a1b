"""The queue of an archive's calls, and the direction of a call."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table and the column."""
    op.add_column("calls", sa.Column("direction", sa.Text))
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.Integer, primary_key=True),
        sa.Column("source", sa.Text, nullable=False, unique=True),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("models", sa.Text, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("faults", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("until_s", sa.Float, nullable=False),
        sa.Column("content_sha256", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text),
        sa.Column("heard_by", sa.Text, nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("took_s", sa.Float, nullable=False),
        sa.Column("queued_at", sa.DateTime, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
    )
    op.create_index("jobs_by_state", "jobs", ["state", "models", "rules", "job_id"])
    op.create_index("jobs_by_content", "jobs", ["content_sha256"])
