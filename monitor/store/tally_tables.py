"""The tables of counts by day, from which managers' figures are added up; `monitor.store.tallies` keeps them up to date."""

from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.tables import Base


class Tally(Base):
    """How many moments of a sort there were on a day; the key's order spares sorting when kinds are grouped."""

    __tablename__ = "tallies"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    kind: Mapped[str] = mapped_column(primary_key=True)
    verdict: Mapped[str] = mapped_column(primary_key=True)
    severity: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str] = mapped_column(primary_key=True)
    """"" where the team is not known."""
    language: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Days since 1970, UTC."""
    n: Mapped[int]


class CallTally(Base):
    """How many calls of a sort there were on a day, and what they hold together."""

    __tablename__ = "call_tallies"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Days since 1970, UTC."""
    team: Mapped[str] = mapped_column(primary_key=True)
    """"" where the team is not known."""
    language: Mapped[str] = mapped_column(primary_key=True)
    contact_value: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int]
    critical: Mapped[int]
    minor: Mapped[int]
    openings: Mapped[int]
    met: Mapped[int]
    frustrated: Mapped[int]
    recovered: Mapped[int]
    repeat_contacts: Mapped[int]
    resolved: Mapped[int]
