"""Calls, their reports, turns, moments, sounds and frustration curves."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "calls",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("content_sha256", sa.Text, nullable=False),
        sa.Column("analyzed_at", sa.DateTime, nullable=False),
        sa.Column("started_at", sa.DateTime),
        sa.Column("agent_name", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("layout", sa.Text, nullable=False),
        sa.Column("agent_side", sa.Text),
        sa.Column("role_confidence", sa.Float, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("recovered", sa.Boolean, nullable=False),
        sa.Column("contact_value", sa.Text, nullable=False),
        sa.Column("peak_frustration", sa.Float, nullable=False),
        sa.Column("end_frustration", sa.Float, nullable=False),
        sa.Column("critical_missed", sa.Integer, nullable=False),
        sa.Column("minor_missed", sa.Integer, nullable=False),
        sa.Column("handled", sa.Integer, nullable=False),
        sa.Column("empathy_rate", sa.Float),
        sa.Column("partial", sa.Boolean, nullable=False),
        sa.Column("lost_s", sa.Float, nullable=False),
        sa.Column("heard_version", sa.Text, nullable=False),
        sa.Column("rules_version", sa.Text, nullable=False),
    )
    op.create_index("calls_by_analysis", "calls", ["analyzed_at"])
    op.create_index("calls_by_start", "calls", ["started_at"])
    op.create_index("calls_by_agent", "calls", ["agent_name", "started_at"])
    op.create_table("reports", _call(), sa.Column("json", sa.Text, nullable=False))
    op.create_table(
        "turns",
        _call(),
        _position(),
        sa.Column("speaker", sa.Text, nullable=False),
        sa.Column("start_s", sa.Float, nullable=False),
        sa.Column("end_s", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("acts", sa.JSON, nullable=False),
        sa.Column("frustration", sa.Float),
    )
    op.create_table(
        "moments",
        _call(),
        _position(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("turn", sa.Integer),
        sa.Column("opening_turn", sa.Integer),
        sa.Column("start_s", sa.Float, nullable=False),
        sa.Column("end_s", sa.Float, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("response_turn", sa.Integer),
        sa.Column("latency_s", sa.Float),
    )
    op.create_index("moments_by_kind", "moments", ["kind", "verdict", "call_id"])
    op.create_table(
        "sounds",
        _call(),
        _position(),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("start_s", sa.Float, nullable=False),
        sa.Column("end_s", sa.Float, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
    )
    op.create_table(
        "frustration_points",
        _call(),
        _position(),
        *(
            sa.Column(name, sa.Float, nullable=False)
            for name in ("time_s", "level", "low", "high", "words", "voice", "turn_taking", "background")
        ),
    )


def _call() -> sa.Column[str]:
    return sa.Column("call_id", sa.Text, sa.ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)


def _position() -> sa.Column[int]:
    return sa.Column("position", sa.Integer, primary_key=True, autoincrement=False)
