"""Where reports are kept (SQLite by default, PostgreSQL by URL), what people add to them, and what is asked of them."""

from audio.errors import HeardError, StoreError
from audio.facts import Span, Waveform
from monitor.store.figures import FRUSTRATED
from monitor.store.filters import Filters
from monitor.store.queue import (
    Choices,
    Glimpse,
    Hit,
    QueuePage,
    QueueRow,
    Sort,
    choices,
    find_turns,
    glance,
    next_call,
    queue,
)
from monitor.store.records import CallDetails, StoredCall
from monitor.store.reviewed import Decision, Review, ReviewedMoment
from monitor.store.reviews import (
    CallAction,
    add_moment,
    assign,
    call_actions,
    given_side,
    mark_reviewed,
    moments_of,
    review,
    swap_roles,
)
from monitor.store.runs import NumberedRun, Run, RunsPage, record_run, rules_json, runs
from monitor.store.store import Store
from monitor.store.waveforms import overlaps, silences

__all__ = [
    "FRUSTRATED",
    "CallAction",
    "CallDetails",
    "Choices",
    "Decision",
    "Filters",
    "Glimpse",
    "HeardError",
    "Hit",
    "NumberedRun",
    "QueuePage",
    "QueueRow",
    "Review",
    "ReviewedMoment",
    "Run",
    "RunsPage",
    "Sort",
    "Span",
    "Store",
    "StoreError",
    "StoredCall",
    "Waveform",
    "add_moment",
    "assign",
    "call_actions",
    "choices",
    "find_turns",
    "given_side",
    "glance",
    "mark_reviewed",
    "moments_of",
    "next_call",
    "overlaps",
    "queue",
    "record_run",
    "review",
    "rules_json",
    "runs",
    "silences",
    "swap_roles",
]
