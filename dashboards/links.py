"""Addresses of pages. They are plain relative links, so they can be copied, sent and opened in another tab."""

from urllib.parse import urlencode

from monitor.store import Filters


def queue_url(filters: Filters | None = None) -> str:
    """The queue, narrowed by filters."""
    return page_url("queue", filters.to_query() if filters else {})


def call_url(call_id: str, t: float | None = None) -> str:
    """A call, opened at a time in seconds."""
    return page_url("call", {"call": [call_id]} | ({"t": [f"{t:.1f}"]} if t is not None else {}))


def page_url(page: str, query: dict[str, list[str]]) -> str:
    """A page with the parameters of its address."""
    return f"{page}?{urlencode(query, doseq=True)}" if query else page
