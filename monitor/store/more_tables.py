"""The tables beside the reports: what people decided, and what questions across many calls are answered from."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from monitor.store.tables import Base


def _of_call(*, primary_key: bool = False) -> Mapped[str]:
    return mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=primary_key)


class ReviewRow(Base):
    """One thing that a reviewer said about a moment. Rows are only ever added."""

    __tablename__ = "reviews"
    __table_args__ = (Index("reviews_by_call", "call_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = _of_call()
    subject: Mapped[str]
    at: Mapped[datetime]
    reviewer: Mapped[str]
    decision: Mapped[str]
    kind: Mapped[str | None]
    verdict: Mapped[str | None]
    comment: Mapped[str]
    moment: Mapped[str]
    """The moment as it was when this was said (JSON), by which it is found again after another analysis."""


class CallActionRow(Base):
    """One thing that somebody did with a call: assigned it, reviewed it, said that the roles are wrong."""

    __tablename__ = "call_actions"
    __table_args__ = (Index("call_actions_by_call", "call_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = _of_call()
    at: Mapped[datetime]
    who: Mapped[str]
    action: Mapped[str]
    value: Mapped[str | None]


class ThemeRow(Base):
    """What several calls say alike, in any language: an instruction, a need, a request."""

    __tablename__ = "themes"
    __table_args__ = (Index("themes_by_topic", "topic", "uses", "theme_id"),)

    theme_id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    text: Mapped[str]
    language: Mapped[str]
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    """Its meaning: float32, of unit length."""
    uses: Mapped[int]
    """How often a sentence has joined it."""


class MentionRow(Base):
    """One sentence of a call that belongs to a theme; day, team and value of the call are repeated for one index."""

    __tablename__ = "mentions"
    __table_args__ = (
        Index("mentions_by_topic", "topic", "theme_id", "contact_value", "day", "team"),
        Index("mentions_by_theme", "theme_id", "call_id"),
    )

    call_id: Mapped[str] = _of_call(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("themes.theme_id"))
    topic: Mapped[str]
    day: Mapped[int]
    team: Mapped[str]
    contact_value: Mapped[str]
    turn: Mapped[int]
    start_s: Mapped[float]
    text: Mapped[str]


class Transcript(Base):
    """What was said in a call; in PostgreSQL a stretch of it. Its search tokens are the row of the same number in
    `transcript_tokens`, which is an FTS5 table in SQLite and one with a tsvector in PostgreSQL: see `monitor.store.search`."""

    __tablename__ = "transcripts"
    __table_args__ = (Index("transcripts_by_call", "call_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = _of_call()


class WaveformRow(Base):
    """The peaks of each side of a recording, packed."""

    __tablename__ = "waveforms"

    call_id: Mapped[str] = _of_call(primary_key=True)
    peaks_hz: Mapped[float]
    sides: Mapped[Any] = mapped_column(JSON)
    peaks: Mapped[bytes] = mapped_column(LargeBinary)


class RunRow(Base):
    """One analysis of one input, whether it came to a report or not."""

    __tablename__ = "runs"
    __table_args__ = (Index("runs_by_time", "at"),)

    run_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    took_s: Mapped[float]
    source: Mapped[str]
    call_id: Mapped[str | None]
    outcome: Mapped[str]
    error: Mapped[str]
    heard: Mapped[str]
    models: Mapped[dict[str, Any]]
    rules: Mapped[str]
    duration_s: Mapped[float]


class RuleSet(Base):
    """The rules that a fingerprint stands for."""

    __tablename__ = "rule_sets"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    json: Mapped[str]
