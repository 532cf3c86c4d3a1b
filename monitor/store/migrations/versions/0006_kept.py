"""What was understood of calls, so that changed rules can judge them anew."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table; calls that were analysed before have nothing in it, and are understood anew when they are judged anew."""
    key = sa.ForeignKey("calls.call_id", ondelete="CASCADE")
    op.create_table(
        "kept",
        sa.Column("call_id", sa.Text, key, primary_key=True, nullable=False),
        sa.Column("understood_by", sa.Text, nullable=False),
        sa.Column("understood", sa.LargeBinary, nullable=False),
    )
