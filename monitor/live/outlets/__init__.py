"""Where the events of live calls go: the store, subscribers, webhooks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.live.broadcast import Broadcast
from monitor.live.events import now
from monitor.settings import LiveSettings
from monitor.store import LiveServer, Store

if TYPE_CHECKING:
    from starlette.routing import BaseRoute


@dataclass(frozen=True)
class LiveOutlets:
    """Everyone who is told of live calls."""

    broadcast: Broadcast
    """What calls tell their events to; close it when the server stops."""
    routes: tuple[BaseRoute, ...]
    """What the server serves besides the streams of calls."""


def open_outlets(store: Store, settings: LiveSettings, *, address: str) -> LiveOutlets:
    """The outlets of a server that is reached at an address ("ws://127.0.0.1:8765").

    Raises StoreError where the store cannot be written.
    """
    from monitor.live.outlets.route import events_route
    from monitor.live.outlets.store import StoreOutlet
    from monitor.live.outlets.stream import EventStream
    from monitor.live.outlets.webhooks import Webhooks

    at = now()
    server = LiveServer(server=secrets.token_hex(8), address=address, started_at=at, seen_at=at)
    stream = EventStream()
    broadcast = Broadcast([StoreOutlet(store, server), stream, Webhooks(store, settings.webhooks)])
    return LiveOutlets(broadcast, (events_route(stream, settings),))
