"""The server of media streams: one WebSocket route a protocol, each connection a session.

/twilio, /audiohook, /pcm    streams of calls
/health                      whether it is there, and how many calls it hears
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from audio.errors import BadStream, HeardError
from monitor.live.calls import LiveCalls
from monitor.live.gate import refusal
from monitor.live.protocols.audiohook import AudioHookReader
from monitor.live.session import READERS, Session, sentence_of
from monitor.settings import LiveSettings

log = logging.getLogger("heard.live")

NORMAL, POLICY, FAILED, LATER = 1000, 1008, 1011, 1013
"""Codes of close frames (RFC 6455, section 7.4.1)."""
TICK_S = 0.25


def live_app(calls: LiveCalls, settings: LiveSettings, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The web application.

    Args:
        calls: the calls that are being heard.
        settings: limits and secrets.
        routes: further routes, such as that of the events; they check for themselves who asks.
    """

    @contextlib.asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(_tick(calls))
        try:
            yield
        finally:
            ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticking

    async def health(_request: Request) -> Response:
        return JSONResponse({"calls": calls.count, "waiting_for_analysis": calls.unfinished})

    async def stream(websocket: WebSocket) -> None:
        await _Connection(websocket, calls, settings).serve()

    own = [WebSocketRoute(f"/{name}", stream) for name in READERS]
    return Starlette(routes=[*own, Route("/health", health), *routes], lifespan=running)


def admits(connection: HTTPConnection, settings: LiveSettings) -> str | None:
    """Why a request is refused; None if it is let in."""
    url = connection.url
    return refusal(settings, path=url.path, headers=connection.headers, query=connection.query_params, url=str(url))


class _Connection:
    """One WebSocket, from the request to its end."""

    def __init__(self, websocket: WebSocket, calls: LiveCalls, settings: LiveSettings) -> None:
        self._socket = websocket
        self._calls = calls
        self._settings = settings
        self._reader = READERS[websocket.url.path.strip("/")]()
        self._session = Session(self._reader, calls, settings)

    async def serve(self) -> None:
        reason = admits(self._socket, self._settings)
        if reason is not None:
            return await self._deny(403, reason)
        if self._calls.full:
            return await self._deny(503, "As many calls as this server may hear are being heard; try again later.")
        await self._socket.accept()
        reason = "the connection was lost"
        try:
            reason = await self._converse()
        finally:
            self._session.gone(reason)
        return None

    async def _converse(self) -> str:
        """Take messages until there are no more; returns why it ended."""
        try:
            while self._session.closed is None:
                message = await asyncio.wait_for(self._receive(), self._session.patience_s)
                for reply in self._session.receive(message):
                    await self._socket.send_text(reply)
            await self._close(NORMAL, self._session.closed)
            return self._session.closed
        except TimeoutError:
            started = self._session.intake is not None
            sentence = (
                f"Nothing has come for {self._settings.idle_s:.0f} s."
                if started
                else f"No stream was started within {self._settings.start_s:.0f} s."
            )
            await self._close(POLICY, sentence)
            return sentence
        except WebSocketDisconnect as error:
            return f"the connection was lost ({error.code})"
        except HeardError as error:
            if isinstance(self._reader, AudioHookReader):
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await self._socket.send_text(self._reader.refusal(str(error)))
            await self._close(POLICY if isinstance(error, BadStream) else LATER, sentence_of(error))
            return str(error)
        except Exception:  # one connection's failure is no other's; what came is on disk, and it may connect again
            log.exception("A connection failed.")
            await self._close(FAILED, "The server failed; its log says how.")
            return "the server failed"

    async def _receive(self) -> str | bytes:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1006))
        message: str | bytes = event["bytes"] if event.get("text") is None else event["text"]
        return message

    async def _deny(self, status: int, reason: str) -> None:
        """Refuse the request, so that no connection is made."""
        if "websocket.http.response" in self._socket.scope.get("extensions", {}):
            await self._socket.send_denial_response(PlainTextResponse(reason, status_code=status))
        else:
            await self._socket.close(POLICY, reason)

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the other end may be gone already
            await self._socket.close(code, reason)


async def _tick(calls: LiveCalls) -> None:
    """Let time go on for calls that pause or have lost their connection."""
    while True:
        await asyncio.sleep(TICK_S)
        calls.tick()
