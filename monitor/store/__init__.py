"""Where reports are kept (SQLite by default, PostgreSQL by URL), what people add to them, and what is asked of them."""

from audio.errors import HeardError, StoreError
from audio.facts import Span, Waveform
from monitor.records import STANDALONE_KINDS
from monitor.store.aggregates import (
    Figures,
    HourCount,
    KindCount,
    contact_values,
    day_of,
    figures_over,
    hours_of_week,
    kinds_over,
    monday_of,
    themes,
)
from monitor.store.examples import Example, Judged, Record, added_by_reviewers, examples, judged, records
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
from monitor.store.themes import Theme
from monitor.store.waveforms import overlaps, silences

__all__ = [
    "FRUSTRATED",
    "STANDALONE_KINDS",
    "CallAction",
    "CallDetails",
    "Choices",
    "Decision",
    "Example",
    "Figures",
    "Filters",
    "Glimpse",
    "HeardError",
    "Hit",
    "HourCount",
    "Judged",
    "KindCount",
    "NumberedRun",
    "QueuePage",
    "QueueRow",
    "Record",
    "Review",
    "ReviewedMoment",
    "Run",
    "RunsPage",
    "Sort",
    "Span",
    "Store",
    "StoreError",
    "StoredCall",
    "Theme",
    "Waveform",
    "add_moment",
    "added_by_reviewers",
    "assign",
    "call_actions",
    "choices",
    "contact_values",
    "day_of",
    "examples",
    "figures_over",
    "find_turns",
    "given_side",
    "glance",
    "hours_of_week",
    "judged",
    "kinds_over",
    "mark_reviewed",
    "moments_of",
    "monday_of",
    "next_call",
    "overlaps",
    "queue",
    "record_run",
    "records",
    "review",
    "rules_json",
    "runs",
    "silences",
    "swap_roles",
    "themes",
]
