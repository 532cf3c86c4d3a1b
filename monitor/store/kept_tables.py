"""What is kept of calls so that a changed rule can judge them anew."""

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.tables import Base


class KeptRow(Base):
    """What the models understood of a call; what was heard of it is in its report."""

    __tablename__ = "kept"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)
    understood_by: Mapped[str]
    """Fingerprint of the models (see `monitor.kept`)."""
    understood: Mapped[bytes] = mapped_column(LargeBinary)
