"""Whether a call has a moment of a kind, and which calls have a decided one, is read from an index."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the indexes anew."""
    op.drop_index("moments_by_kind", "moments")
    op.create_index("moments_by_kind", "moments", ["kind", "call_id", "verdict", "severity", "decision"])
    op.drop_index("moments_by_decision", "moments")
    decided = sa.text("decision IS NOT NULL")
    columns = ["decision", "found_kind", "found_verdict", "confidence", "call_id"]
    op.create_index("moments_by_decision", "moments", columns, sqlite_where=decided, postgresql_where=decided)
