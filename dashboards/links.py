"""Addresses of pages. They are plain relative links, so they can be copied, sent and opened in another tab."""

from urllib.parse import urlencode

from monitor.store import Filters


def queue_url(filters: Filters | None = None) -> str:
    """The queue, narrowed by filters."""
    return _with("queue", filters.to_query() if filters else {})


def call_url(call_id: str, t: float | None = None) -> str:
    """A call, opened at a time in seconds."""
    return _with("call", {"call": [call_id]} | ({"t": [f"{t:.1f}"]} if t is not None else {}))


def _with(page: str, query: dict[str, list[str]]) -> str:
    return f"{page}?{urlencode(query, doseq=True)}" if query else page
