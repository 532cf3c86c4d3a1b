"""The table of the queue: one row for each recording of an archive."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.tables import Base


class JobRow(Base):
    """A recording or transcript that is to be analysed, is being analysed, or has been."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("jobs_by_state", "state", "models", "rules", "job_id"),
        Index("jobs_by_content", "content_sha256"),
    )

    job_id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(unique=True)
    """Absolute path or URL."""
    stamp: Mapped[str]
    """Size and time of change, or what else an archive tells of a file before it is read; another one means another content."""
    asked: Mapped[str]
    """What was said about the call that changes how it is heard (JSON of `monitor.store.jobs.Asked`)."""
    details: Mapped[str]
    """What is known of the call from elsewhere (JSON of `CallDetails`)."""
    models: Mapped[str]
    """Fingerprint of the models that are to hear it."""
    rules: Mapped[str]
    """Fingerprint of the rules that it is to be judged by."""
    state: Mapped[str]
    reason: Mapped[str]
    attempts: Mapped[int]
    """How often it was begun since it was queued."""
    faults: Mapped[int]
    """How often a worker crashed or hung on it, or could not get at it."""
    worker: Mapped[str]
    """Who is at it, or was last."""
    until_s: Mapped[float]
    """Running: until when the lease holds; waiting: not to be begun before. Seconds since 1970 by the database's clock."""
    content_sha256: Mapped[str]
    """Of the bytes, once they were read."""
    call_id: Mapped[str | None]
    """The call in the store that came of it."""
    heard_by: Mapped[str]
    """Fingerprint of the models by which that call was heard."""
    duration_s: Mapped[float]
    took_s: Mapped[float]
    queued_at: Mapped[datetime]
    changed_at: Mapped[datetime]
