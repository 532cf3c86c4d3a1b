"""Where reports are kept: SQLite by default, PostgreSQL by URL."""

from monitor.store.records import CallDetails, StoredCall
from monitor.store.store import Store

__all__ = ["CallDetails", "Store", "StoredCall"]
