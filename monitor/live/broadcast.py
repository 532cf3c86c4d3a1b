"""One place that a call tells its events to, and from which everyone hears them."""

import logging
from collections.abc import Sequence

from monitor.live.events import Event, Outlet

log = logging.getLogger("heard.live")


class Broadcast:
    """Passes every event on to all outlets; the failure of one reaches neither the call nor the others."""

    def __init__(self, outlets: Sequence[Outlet]) -> None:
        self._outlets = tuple(outlets)

    def tell(self, event: Event) -> None:
        """Tell all outlets."""
        for outlet in self._outlets:
            try:
                outlet.tell(event)
            except Exception:  # whatever an outlet does, the call goes on
                log.exception("%s could not take an event of %s.", type(outlet).__name__, event.call_id)

    def close(self) -> None:
        """Let all outlets finish."""
        for outlet in self._outlets:
            try:
                outlet.close()
            except Exception:
                log.exception("%s could not be closed.", type(outlet).__name__)
