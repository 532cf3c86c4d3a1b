"""One place that a call tells its events to, and from which everyone hears them: redacted, and with hints for the agent."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from monitor.live.events import CallAnalysed, CallStarted, Event, Outlet
from monitor.live.hints import Hinter
from monitor.live.privacy import Redactor

log = logging.getLogger("heard.live")


@dataclass
class _Call:
    """What is kept of a call while it is told about."""

    redactor: Redactor = field(default_factory=Redactor)
    hinter: Hinter = field(default_factory=Hinter)
    lock: Lock = field(default_factory=Lock)


class Broadcast:
    """Passes every event on to all outlets; the failure of one reaches neither the call nor the others.

    Any thread may tell; the events of one call reach the outlets one after the other.
    """

    def __init__(self, outlets: Sequence[Outlet]) -> None:
        self._outlets = tuple(outlets)
        self._calls: dict[str, _Call] = {}
        self._lock = Lock()

    def tell(self, event: Event) -> None:
        """Tell all outlets, and the hints that follow from it; returns at once."""
        with self._lock:
            if isinstance(event, CallStarted):
                self._calls[event.call_id] = _Call()
            call = self._calls.setdefault(event.call_id, _Call())
            if isinstance(event, CallAnalysed):
                del self._calls[event.call_id]
        with call.lock:
            for redacted in call.redactor.redacted(event):
                self._pass_on(redacted)
                for hint in call.hinter.hear(redacted):
                    self._pass_on(hint)

    def close(self) -> None:
        """Let all outlets finish."""
        for outlet in self._outlets:
            try:
                outlet.close()
            except Exception:  # the other outlets have something to write yet
                log.exception("%s could not be closed.", type(outlet).__name__)

    def _pass_on(self, event: Event) -> None:
        for outlet in self._outlets:
            try:
                outlet.tell(event)
            except Exception:  # whatever an outlet does, the call goes on
                log.exception("%s could not take an event of %s.", type(outlet).__name__, event.call_id)
