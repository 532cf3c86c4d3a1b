"""`heard listen`: hears calls while they happen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import ConfigOption, LanguageOption, ModelOption, StoreOption

if TYPE_CHECKING:
    from monitor.settings import Settings


def listen(
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port to serve on [8765].")] = None,
    address: Annotated[
        str | None, typer.Option("--address", help="Address to serve on; any but this machine's own needs a token.")
    ] = None,
    spool: Annotated[
        Path | None, typer.Option("--spool", metavar="DIR", help="Folder for the calls' sound [live-calls].")
    ] = None,
    store: StoreOption = None,
    model: ModelOption = None,
    language: LanguageOption = None,
    config: ConfigOption = None,
) -> None:
    """Hear calls while they happen.

    Serves media streams of Twilio, of Genesys AudioHook, and of plain PCM (docs/LIVE.md).
    """
    from importlib.util import find_spec

    from audio.errors import BadSettings, HeardError
    from monitor.cli.dashboard import is_loopback
    from monitor.cli.log import start_log
    from monitor.settings import load_settings

    settings = load_settings(config, store=store, model=model, language=language)
    given = {
        name: value for name, value in (("port", port), ("address", address), ("spool", spool)) if value is not None
    }
    settings = settings.model_copy(update={"live": settings.live.model_copy(update=given)})
    if find_spec("uvicorn") is None or find_spec("starlette") is None:
        raise HeardError("Hearing live calls needs a web server; install it with: pip install 'heard[live]'")
    secured = settings.live.token is not None or settings.live.twilio_auth_token is not None
    if not secured and not is_loopback(settings.live.address):
        raise BadSettings(
            f"{settings.live.address} can be reached by others, so that streams must bring a secret: set live.token or "
            "live.twilio_auth_token (docs/LIVE.md), or leave --address out to serve this machine alone."
        )
    _serve(settings, start_log(settings.log))


def _serve(settings: Settings, log: Path) -> None:
    from monitor.analyze import Analyzer
    from monitor.live.finishing import ChildAnalysis
    from monitor.live.outlets import open_outlets
    from monitor.live.serving import Service, models_of
    from monitor.store import Store

    live, analyzer = settings.live, Analyzer(settings)
    with Store.open(settings.store) as store:
        outlets = open_outlets(store, live, address=f"ws://{live.address}:{live.port}")
        service = Service(
            live,
            models_of(analyzer),
            analyzer.rules,
            outlets.broadcast,
            ChildAnalysis(settings, log),
            routes=outlets.routes,
            language=settings.language,
        )
        typer.echo(f"heard listen: ws://{live.address}:{live.port}/twilio, /audiohook and /pcm  (Ctrl-C stops it)")
        typer.echo(f"What is heard goes to {store.name}; the sound to {live.spool}.")
        sys.stdout.flush()
        try:
            service.run()
        finally:
            outlets.broadcast.close()
