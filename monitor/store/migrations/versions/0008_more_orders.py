"""The queue's orders by agent and by empathy, and how many calls of a team have critical misses, are read from an index."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("calls_by_agent", "calls", ["agent_name", "call_id"])
    op.create_index("calls_by_empathy", "calls", ["empathy_rate", "call_id"])
    op.create_index("calls_by_team_and_missed", "calls", ["team", "critical_missed"])
