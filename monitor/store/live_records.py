"""What the store keeps of live calls, and of what was sent about them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from audio.facts import Fact, Sound, Span
from monitor.records import FrustrationPoint, Moment, ReadTurn, Role

LiveState = Literal["live", "ended", "analysed", "failed", "lost"]
"""live: being heard; ended: no more sound, the recording is being analysed; analysed: its report is in the store; failed: it
could not be analysed; lost: the server that heard it is gone, and has not come back yet."""

DeliveryState = Literal["waiting", "delivered", "dead"]


class LiveServer(Fact):
    """A running server."""

    server: str
    address: str
    started_at: datetime
    seen_at: datetime


class LiveMoment(Fact):
    """A moment as it stands now."""

    id: str
    moment: Moment
    found_at: datetime
    """Wall clock when it was first told."""
    found_s: float
    """How far the call had been heard then."""


class LiveHint(Fact):
    """A sentence for the agent about the customer."""

    id: str
    cause: str
    text: str
    about_s: float
    at: datetime


class LiveHold(Fact):
    """A stretch in which the customer waited; `end_s` is None while it lasts."""

    start_s: float
    end_s: float | None = None


class LivePartial(Span):
    """What a side is just saying."""

    speaker: Role
    text: str


class Trouble(Fact):
    """What was wrong with the stream, counted from the start of the call."""

    lost_s: float = 0.0
    gaps: int = 0
    duplicates: int = 0
    reordered: int = 0
    late: int = 0
    text: str = ""


class LiveCall(Fact):
    """One live call at a glance."""

    call_id: str
    state: LiveState = "live"
    server: str = ""
    protocol: str
    language: str | None = None
    agent_name: str | None = None
    team: str | None = None
    started_at: datetime
    updated_at: datetime
    heard_s: float = 0.0
    """How far it has been heard, in seconds of sound."""
    heard_at: datetime
    """Wall clock of that."""
    lag_s: float = 0.0
    holding_since_s: float | None = None
    curve: tuple[tuple[float, float], ...] = ()
    """The customer's frustration so far as (seconds, level), thinned out."""
    newest: LiveMoment | None = None
    """The moment that was told last, praise included."""
    critical_missed: int = 0
    minor_missed: int = 0
    handled: int = 0
    hint: LiveHint | None = None
    """The newest."""
    trouble: Trouble = Trouble()
    ended_at: datetime | None = None
    reason: str = ""
    """Why it ended, or why it could not be analysed."""
    metadata: dict[str, str] = Field(default_factory=dict)

    @property
    def level(self) -> float | None:
        """The customer's frustration now, 0 to 1; None before it was first measured."""
        return self.curve[-1][1] if self.curve else None


class LiveView(Fact):
    """All that is known of one live call."""

    call: LiveCall
    turns: tuple[ReadTurn, ...] = ()
    partials: tuple[LivePartial, ...] = ()
    points: tuple[FrustrationPoint, ...] = ()
    sounds: tuple[Sound, ...] = ()
    moments: tuple[LiveMoment, ...] = ()
    holds: tuple[LiveHold, ...] = ()
    hints: tuple[LiveHint, ...] = ()


class Delivery(Fact):
    """One message to one webhook."""

    message_id: str
    endpoint: str
    call_id: str
    team: str | None = None
    kind: str
    start_s: float
    body: str
    created_at: datetime
    state: DeliveryState = "waiting"
    attempts: int = 0
    next_at: datetime
    error: str = ""
    delivered_at: datetime | None = None
