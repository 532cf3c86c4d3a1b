"""Live calls go into the store as they are heard: by a thread of its own, many events in one transaction."""

import logging
import time
from queue import Empty, SimpleQueue
from threading import Thread

from audio.errors import StoreError
from monitor.live.events import CallAnalysed, CallStarted, Event, now
from monitor.live.outlets.folding import Folded
from monitor.store import LiveCall, LiveServer, LiveView, Store, live_view
from monitor.store.live import LiveItem, beat, leave, put_live, tidy

log = logging.getLogger("heard.live")

BEAT_S = 4.0
"""How often the server says that it is there: three times before it counts as gone (monitor.store.live.SEEN_S)."""
PACE_S = 0.1
"""Events within this time are written together: nobody sees the difference, and the disk is asked ten times a second at most."""
AGAIN_S = 1.0
"""After a failure of the store, when it is tried again."""
TIDY_S = 60.0
CLOSE_S = 10.0


class StoreOutlet:
    """Keeps the store's live calls as they are. What cannot be written is kept and tried again."""

    def __init__(self, store: Store, server: LiveServer) -> None:
        self._store = store
        self._server = server
        self._calls: dict[str, Folded] = {}
        self._changed: dict[str, LiveCall] = {}
        self._items: dict[tuple[str, str, str], LiveItem] = {}
        self._cleared: set[str] = set()
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._beat_at = self._tidy_at = time.monotonic()
        self._failing = False
        beat(store, server)
        self._thread = Thread(target=self._run, name="live-store", daemon=True)
        self._thread.start()

    def tell(self, event: Event) -> None:
        """Take an event."""
        self._queue.put(event)

    def close(self) -> None:
        """Write what is left, and say that the server goes."""
        self._queue.put(None)
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        going_on = True
        while going_on:
            going_on = self._take()
            try:
                self._write()
                if going_on:
                    self._say_that_we_are_here()
                self._failing = False
            except StoreError as error:
                if not self._failing:
                    log.warning("Live calls cannot be written: %s", error)
                self._failing = True
            time.sleep(PACE_S if going_on else 0.0)
        try:
            self._write()
            leave(self._store, self._server.server)
        except StoreError as error:
            log.warning("Live calls cannot be written: %s", error)

    def _take(self) -> bool:
        """Wait for events and fold all there are; False where no more will come."""
        try:
            patience_s = AGAIN_S if self._failing else self._beat_at - time.monotonic()
            event = self._queue.get(timeout=max(0.0, patience_s))
            while event is not None:
                self._fold(event)
                event = self._queue.get_nowait()
        except Empty:
            return True
        return False

    def _fold(self, event: Event) -> None:
        try:
            folded = self._folded(event)
            for item in folded.hear(event):
                self._items[item.call_id, item.sort, item.name] = item
            self._changed[event.call_id] = folded.call
        except Exception:  # one call's oddity is no other call's; the report that follows the call has all of it
            log.exception("An event of %s could not be kept.", event.call_id)
        if isinstance(event, CallAnalysed):
            self._calls.pop(event.call_id, None)
            if not event.error:
                self._clear(event.call_id)

    def _folded(self, event: Event) -> Folded:
        """The call of an event: as it stands, or as the store has it, or anew."""
        call_id = event.call_id
        begins = isinstance(event, CallStarted) and not event.resumed
        if begins:
            self._clear(call_id)
        elif call_id in self._calls:
            return self._calls[call_id]
        known = None if begins else self._known(call_id)
        if known is not None:
            call = known.call.model_copy(update={"server": self._server.server, "state": "live"})
            folded = Folded(call, known.moments)
        else:
            folded = Folded(self._new_call(event))
        self._calls[call_id] = folded
        return folded

    def _known(self, call_id: str) -> LiveView | None:
        try:
            return live_view(self._store, call_id)
        except StoreError as error:
            log.warning("What was known of %s cannot be read; its figures begin anew: %s", call_id, error)
            return None

    def _new_call(self, event: Event) -> LiveCall:
        started = isinstance(event, CallStarted)
        return LiveCall(
            call_id=event.call_id,
            server=self._server.server,
            protocol=event.protocol if started else "",  # type: ignore[union-attr]
            started_at=(started and event.started_at) or event.at,  # type: ignore[union-attr]
            updated_at=event.at,
            heard_at=event.at,
        )

    def _clear(self, call_id: str) -> None:
        """Earlier items of a call go: those that wait to be written, and those in the store."""
        self._items = {key: item for key, item in self._items.items() if item.call_id != call_id}
        self._cleared.add(call_id)

    def _write(self) -> None:
        if self._changed or self._items or self._cleared:
            put_live(self._store, [*self._changed.values()], [*self._items.values()], [*self._cleared])
            self._changed, self._items, self._cleared = {}, {}, set()

    def _say_that_we_are_here(self) -> None:
        clock = time.monotonic()
        if clock >= self._beat_at:
            beat(self._store, self._server.model_copy(update={"seen_at": now()}))
            self._beat_at = clock + BEAT_S
        if clock >= self._tidy_at:
            tidy(self._store)
            self._tidy_at = clock + TIDY_S
