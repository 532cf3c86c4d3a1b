"""Puts a server together: spool, hearing, the last analysis, outlets and web server; and takes it apart in the right order."""

import socket
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from starlette.routing import BaseRoute

from audio.ahead import load_ahead
from audio.errors import HeardError
from audio.facts import Span
from audio.memory import giving_back_freed_memory, share_freed_memory
from audio.ports import Samples, Track, Transcriber
from audio.spool import RATE_HZ
from monitor.live.call import Models
from monitor.live.calls import LiveCalls
from monitor.live.events import Outlet
from monitor.live.finishing import Analysis, Finisher
from monitor.live.hearing import AT_ONCE, Hearing
from monitor.live.server import live_app
from monitor.live.spool import Spool
from monitor.rules import Rules
from monitor.settings import LiveSettings

if TYPE_CHECKING:
    import uvicorn

    from monitor.analyze import Analyzer

BEAM = 2
"""Width of the beam search for live words: a fifth less work than three, which recordings have, and as good an agreement with them
(`benchmarks/live_agreement.py`)."""
GIVE_BACK_S = 60.0
"""How often freed memory is given back to the system."""
PING_S = 20.0
"""How often a connection is asked whether it is still there; half-open ones are dropped after as long again."""


class Service:
    """A server and all that it needs.

    Args:
        settings: limits and secrets.
        models: what hears and understands.
        rules: the rules in force.
        outlet: is told what happens.
        analysis: analyses recordings.
        routes: further routes.
        language: ISO 639-1 of every call, where that is set.
    """

    def __init__(
        self,
        settings: LiveSettings,
        models: Models,
        rules: Rules,
        outlet: Outlet,
        analysis: Analysis,
        *,
        routes: Sequence[BaseRoute] = (),
        language: str | None = None,
    ) -> None:
        self.settings = settings
        self._spool = Spool(settings.spool)
        self._models = models
        self._rules = rules
        self._outlet = outlet
        self._analysis = analysis
        self._routes = routes
        self._language = language

    def run(self, ready: Callable[["uvicorn.Server"], None] = lambda _: None) -> None:
        """Serve until the process is told to stop. Raises HeardError where it cannot."""
        share_freed_memory()
        with self._spool.claimed(), giving_back_freed_memory(GIVE_BACK_S):
            finisher = Finisher(self._spool, self._analysis, self._outlet.tell)
            hearing = Hearing(self._models, self._rules, self._outlet, finisher.submit, language=self._language)
            calls = LiveCalls(self._spool, hearing, self.settings, unfinished=lambda: finisher.unfinished)
            load_ahead(self._models.prepare)
            try:
                finisher.recover()
                server = self._web_server(calls)
                ready(server)
                server.run(sockets=[self._socket()])
            finally:
                calls.close()
                hearing.close()
                finisher.close()

    def _web_server(self, calls: LiveCalls) -> "uvicorn.Server":
        import uvicorn

        return uvicorn.Server(
            uvicorn.Config(
                live_app(calls, self.settings, self._routes),
                ws="websockets-sansio",
                ws_max_size=self.settings.message_bytes,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=3,
                log_config=None,
                access_log=False,
                server_header=False,
            )
        )

    def _socket(self) -> socket.socket:
        """The place to serve. Raises HeardError where it is taken."""
        address, port = self.settings.address, self.settings.port
        try:
            family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
            served = socket.socket(family, kind, protocol)
            served.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            served.bind(place)
        except OSError as error:
            raise HeardError(f"{address}:{port} cannot be served ({error.strerror}); choose another --port.") from error
        return served


def models_of(analyzer: "Analyzer") -> Models:
    """The models of recordings, shared by all live calls."""
    from monitor.acts.reader import ActReader

    @cache
    def whisper(at_once: int) -> Transcriber:
        from audio.words import WhisperTranscriber

        settings = analyzer.settings
        return WhisperTranscriber(settings.model, allow_hub=settings.downloads, at_once=at_once, beam=BEAM)

    def transcriber() -> Transcriber:
        return whisper(AT_ONCE)

    def quick() -> Transcriber:
        return whisper(AT_ONCE // 2)

    def prepare() -> None:
        second = Track(_Silence(), [Span(start_s=0.0, end_s=1.0)])
        for recogniser in [transcriber, quick] if AT_ONCE > 1 else [transcriber]:
            recogniser().transcribe([second], language="en")
        analyzer.encoder.prepare()
        analyzer.dialogue.prepare()

    return Models(
        transcriber=transcriber,
        quick=quick if AT_ONCE > 1 else None,
        tagger=lambda: analyzer.ears.tagger,  # type: ignore[arg-type, return-value]
        reader=lambda language: ActReader(analyzer.encoder, dialogue=analyzer.dialogue, language=language),
        prepare=prepare,
    )


class _Silence:
    """A second of nothing; an `audio.ports.AudioReader`."""

    def __init__(self) -> None:
        self.duration_s = 1.0

    def read(self, start_s: float, end_s: float) -> Samples:
        """Zeros."""
        return np.zeros(round((min(end_s, self.duration_s) - start_s) * RATE_HZ), np.float32)
