"""The route /events: who may subscribe, and to what."""

import hmac

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from monitor.live.gate import refusal
from monitor.live.outlets.stream import EventStream, Wish
from monitor.settings import LiveSettings, Watcher


def events_route(stream: EventStream, settings: LiveSettings) -> Route:
    """The route; a watcher's token sees the calls of that watcher's teams, the server's token all calls."""

    async def events(request: Request) -> Response:
        query, watcher = request.query_params, _watcher(request, settings)
        reason = None if watcher else _refusal(request, settings)
        if reason is not None:
            return PlainTextResponse(reason, status_code=403)
        wish = Wish(
            teams=watcher.teams if watcher else None, call_id=query.get("call"), types=frozenset(query.getlist("type"))
        )
        # A page that opens the stream anew by hand cannot set the header.
        last_id = request.headers.get("last-event-id") or query.get("last_id", "")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream.subscribe(wish, last_id), media_type="text/event-stream", headers=headers)

    return Route("/events", events)


def _watcher(request: Request, settings: LiveSettings) -> Watcher | None:
    """Whose token the request brings."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    given = (bearer or request.query_params.get("token", "")).encode()
    known = [watcher for watcher in settings.watchers.values() if hmac.compare_digest(watcher.token.encode(), given)]
    return known[0] if known else None


def _refusal(request: Request, settings: LiveSettings) -> str | None:
    """Why a request without a watcher's token is refused; None if it is not."""
    if settings.watchers and settings.token is None:
        return "The token is missing or wrong."
    return refusal(
        settings, path=request.url.path, headers=request.headers, query=request.query_params, url=str(request.url)
    )
