"""The tables of live calls: what is known of each just now, the servers that hear them, and the webhooks that went out."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.tables import Base


class LiveServerRow(Base):
    """A running server, as it last said of itself."""

    __tablename__ = "live_servers"

    server: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class LiveCallRow(Base):
    """One live call at a glance; `json` has what is only shown, the columns what is asked for."""

    __tablename__ = "live_calls"
    __table_args__ = (Index("live_calls_by_state", "state", "updated_at"),)

    call_id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    team: Mapped[str | None]
    server: Mapped[str]
    updated_at: Mapped[datetime]
    json: Mapped[str]


class LiveItemRow(Base):
    """One thing that was heard or found in a live call, as it was last told; gone when the call's report is there."""

    __tablename__ = "live_items"

    call_id: Mapped[str] = mapped_column(primary_key=True)
    sort: Mapped[str] = mapped_column(primary_key=True)
    """turn, point, sound, moment, hold or hint."""
    name: Mapped[str] = mapped_column(primary_key=True)
    """What tells it from others of its sort: a turn's index, a moment's id."""
    time_s: Mapped[float]
    json: Mapped[str]


class DeliveryRow(Base):
    """One message to one webhook. A row stays when it is delivered: by it no moment is ever told twice."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("webhook_deliveries_by_state", "state", "next_at"),
        Index("webhook_deliveries_by_call", "call_id", "endpoint", "kind"),
    )

    message_id: Mapped[str] = mapped_column(primary_key=True)
    """The header webhook-id: the same at every attempt."""
    endpoint: Mapped[str]
    """The webhook's name in the settings."""
    call_id: Mapped[str]
    team: Mapped[str | None]
    kind: Mapped[str]
    start_s: Mapped[float]
    body: Mapped[str]
    created_at: Mapped[datetime]
    state: Mapped[str]
    """waiting, delivered or dead."""
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    """When it is tried next; while an attempt is under way, when that attempt is given up for lost."""
    error: Mapped[str]
    """Why the last attempt failed, in one sentence."""
    delivered_at: Mapped[datetime | None]
