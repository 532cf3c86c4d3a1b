"""What is kept of a call beside its report, so that changed rules can judge it anew."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from monitor.records import CallReport
from monitor.store.kept_tables import KeptRow

if TYPE_CHECKING:
    from monitor.kept import Kept


def put_kept(connection: Connection, call_id: str, kept: "Kept | None") -> None:
    """Keep what was understood of a call in place of what was kept before; with None nothing is."""
    connection.execute(delete(KeptRow).where(KeptRow.call_id == call_id))
    if kept is not None and kept.understood:
        row = {"call_id": call_id, "understood_by": kept.understood_by, "understood": kept.understood}
        connection.execute(insert(KeptRow), [row])


def get_kept(connection: Connection, report: CallReport) -> "Kept":
    """A call as it was heard and understood; what was heard of it is in its report."""
    from monitor.kept import kept_of  # the dashboard reads the store, and never judges

    query = select(KeptRow.understood, KeptRow.understood_by).where(KeptRow.call_id == report.call_id)
    row = connection.execute(query).one_or_none()
    return kept_of(report, row.understood, row.understood_by) if row else kept_of(report)
