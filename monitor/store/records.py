"""What goes into the store beside a report, and what comes out of it without one."""

from datetime import datetime
from typing import Literal

from audio.facts import Fact

Direction = Literal["inbound", "outbound"]


class CallDetails(Fact):
    """What is known of a call from elsewhere than its sound."""

    started_at: datetime | None = None
    agent_name: str | None = None
    team: str | None = None
    direction: Direction | None = None
    """Who called whom: inbound calls are the customer's."""


class Scores(Fact):
    """How a call went, in the columns by which calls are compared."""

    outcome: str
    recovered: bool
    contact_value: str
    peak_frustration: float
    end_frustration: float
    critical_missed: int
    minor_missed: int
    handled: int
    empathy_rate: float | None


class StoredCall(CallDetails, Scores):
    """One line of the list of calls."""

    call_id: str
    source: str
    content_sha256: str
    analyzed_at: datetime
    language: str
    duration_s: float
    partial: bool
