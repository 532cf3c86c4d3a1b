"""The tables. A call's report is kept whole (`reports` and `words`), and spread over columns for questions across many calls.

Text columns never hold NUL, which PostgreSQL refuses; `reports.json` has it escaped and stays lossless.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, LargeBinary, Text, TypeDecorator, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time: aware in Python, UTC without an offset in the database, where SQLite knows no zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {str: Text, datetime: UtcDateTime, dict[str, Any]: JSON}  # noqa: RUF012


FIGURES = (
    "called_at", "called_hour", "team", "language", "agent_name", "contact_value", "critical_missed", "minor_missed",
    "openings", "met", "peak_frustration", "recovered", "repeat_contacts", "outcome",
)  # fmt: skip
FIGURES_OF_AGENTS = (
    "agent_name", "called_at", "team", "language", "critical_missed", "minor_missed", "openings", "met", "peak_frustration",
    "recovered", "repeat_contacts", "outcome",
)  # fmt: skip


class Call(Base):
    """One analysed call at a glance."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("calls_by_analysis", "analyzed_at"),
        Index("calls_by_start", "started_at"),
        Index("calls_by_attention", "attention", "call_id"),
        Index("calls_by_time", "called_at", "call_id"),
        Index("calls_by_missed", "critical_missed", "minor_missed", "call_id"),
        Index("calls_by_frustration", "peak_frustration", "call_id"),
        # All that managers' figures are made of, so that they are read from an index alone, and agents without sorting.
        Index("calls_figures", *FIGURES),
        Index("calls_figures_of_agents", *FIGURES_OF_AGENTS),
        Index("calls_by_team", "team", "agent_name"),
        Index("calls_by_team_and_missed", "team", "critical_missed"),
        Index("calls_by_team_and_attention", "team", text("attention DESC"), text("call_id DESC")),
        Index("calls_by_language", "language", "team"),
        Index("calls_by_assignee", "assigned_to", "team"),
        Index("calls_by_duration", "duration_s", "call_id"),
        Index("calls_by_agent", "agent_name", "call_id"),
        Index("calls_by_empathy", "empathy_rate", "call_id"),
        Index("calls_by_review", "reviewed_at", text("attention DESC"), text("call_id DESC")),
    )

    call_id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    content_sha256: Mapped[str]
    analyzed_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    agent_name: Mapped[str | None]
    team: Mapped[str | None]
    language: Mapped[str]
    duration_s: Mapped[float]
    layout: Mapped[str]
    agent_side: Mapped[str | None]
    role_confidence: Mapped[float]
    outcome: Mapped[str]
    recovered: Mapped[bool]
    contact_value: Mapped[str]
    peak_frustration: Mapped[float]
    end_frustration: Mapped[float]
    critical_missed: Mapped[int]
    minor_missed: Mapped[int]
    handled: Mapped[int]
    empathy_rate: Mapped[float | None]
    partial: Mapped[bool]
    lost_s: Mapped[float]
    heard_version: Mapped[str]
    rules_version: Mapped[str]
    called_at: Mapped[datetime]
    """When it started, or when it was analysed where that is not known."""
    called_hour: Mapped[int]
    """The same in whole hours since 1970, UTC: days and hours of the day are then plain arithmetic in any database."""
    repeat_contacts: Mapped[int]
    holds: Mapped[int]
    transfers: Mapped[int]
    repeats: Mapped[int]
    openings: Mapped[int]
    """Openings for empathy or service: what the empathy rate divides by."""
    met: Mapped[int]
    """How many of the openings were handled."""
    attention: Mapped[float]
    """How much the call deserves a reviewer's ear; see `monitor.store.figures.attention`."""
    assigned_to: Mapped[str | None]
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    agent_side_given: Mapped[str | None]
    """The side that a reviewer says the agent is on."""
    direction: Mapped[str | None]


class Report(Base):
    """The report as JSON (schema heard.call/1), but for the words of its turns; apart from `calls`, so that scans of calls stay
    small."""

    __tablename__ = "reports"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)
    json: Mapped[str]


class WordsRow(Base):
    """The timed words of a call's turns: compressed JSON, a list for each turn. Calls without any have no row."""

    __tablename__ = "words"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[bytes] = mapped_column(LargeBinary)


class TurnRow(Base):
    """One turn: who said what, what it does, and the customer's frustration in it."""

    __tablename__ = "turns"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    speaker: Mapped[str]
    start_s: Mapped[float]
    end_s: Mapped[float]
    text: Mapped[str]
    acts: Mapped[dict[str, Any]]
    frustration: Mapped[float | None]


class MomentRow(Base):
    """One moment with its verdict and evidence, as it stands after review."""

    __tablename__ = "moments"
    __table_args__ = (
        Index("moments_by_kind", "kind", "call_id", "verdict", "severity", "decision"),
        Index(
            "moments_by_decision",
            "decision",
            "found_kind",
            "found_verdict",
            "confidence",
            sqlite_where=text("decision IS NOT NULL"),
            postgresql_where=text("decision IS NOT NULL"),
        ),
        Index(
            "moments_decided",
            "decision",
            "call_id",
            sqlite_where=text("decision IS NOT NULL"),
            postgresql_where=text("decision IS NOT NULL"),
        ),
        Index("moments_by_confidence", "verdict", "confidence"),
        Index(
            "moments_by_sureness",
            "decision",
            "verdict",
            "confidence",
            sqlite_where=text("decision IS NOT NULL"),
            postgresql_where=text("decision IS NOT NULL"),
        ),
    )

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    verdict: Mapped[str]
    severity: Mapped[str]
    turn: Mapped[int | None]
    opening_turn: Mapped[int | None]
    start_s: Mapped[float]
    end_s: Mapped[float]
    confidence: Mapped[float]
    quote: Mapped[str]
    why: Mapped[str]
    response_turn: Mapped[int | None]
    latency_s: Mapped[float | None]
    found_kind: Mapped[str | None]
    """As the detector found it; None for a moment that a reviewer added."""
    found_verdict: Mapped[str | None]
    decision: Mapped[str | None]
    """What reviewers decided: confirm, dismiss or relabel; a dismissed moment counts nowhere."""


class SoundRow(Base):
    """One background sound on the customer's side."""

    __tablename__ = "sounds"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    start_s: Mapped[float]
    end_s: Mapped[float]
    confidence: Mapped[float]


class FrustrationRow(Base):
    """One point of the customer's frustration curve and what moved it."""

    __tablename__ = "frustration_points"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    time_s: Mapped[float]
    level: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    words: Mapped[float]
    voice: Mapped[float]
    turn_taking: Mapped[float]
    background: Mapped[float]
