"""In SQLite all that is said in a call is one row of the search index, so that one question to it finds several words."""

import sqlalchemy as sa
from alembic import op

from monitor.store.search import put_transcript

revision = "0010"
down_revision = "0009"

_IN_PARTS = sa.text("SELECT call_id FROM transcripts GROUP BY call_id HAVING count(*) > 1")
_SAID = sa.text("SELECT text FROM turns WHERE call_id = :call_id ORDER BY position")


def upgrade() -> None:
    """Make the tokens of calls that are in parts anew."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    for call_id in connection.execute(_IN_PARTS).scalars().all():
        put_transcript(connection, call_id, connection.execute(_SAID, {"call_id": call_id}).scalars().all())
