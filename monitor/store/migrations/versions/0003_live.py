"""Live calls, the servers that hear them, and webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "live_servers",
        sa.Column("server", sa.Text, primary_key=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "live_calls",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("team", sa.Text),
        sa.Column("server", sa.Text, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.Column("json", sa.Text, nullable=False),
    )
    op.create_index("live_calls_by_state", "live_calls", ["state", "updated_at"])
    op.create_table(
        "live_items",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("sort", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("time_s", sa.Float, nullable=False),
        sa.Column("json", sa.Text, nullable=False),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("team", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("start_s", sa.Float, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.DateTime, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("delivered_at", sa.DateTime),
    )
    op.create_index("webhook_deliveries_by_state", "webhook_deliveries", ["state", "next_at"])
    op.create_index("webhook_deliveries_by_call", "webhook_deliveries", ["call_id", "endpoint", "kind"])
