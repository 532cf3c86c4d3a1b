"""The command that serves the dashboard."""

from ipaddress import ip_address
from typing import Annotated

import typer

from monitor.cli.options import ConfigOption, StoreOption

SIGN_IN = ".streamlit/secrets.toml"
"""Where Streamlit looks for the sign-in service, from the working directory on."""


def dashboard(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to serve on.")] = 8501,
    address: Annotated[
        str, typer.Option("--address", help="Address to serve on; any but this machine's own needs sign-in.")
    ] = "127.0.0.1",
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Serve the dashboard for reviewers and managers."""
    import os
    import sys
    from importlib.util import find_spec

    from audio.errors import BadSettings, HeardError
    from monitor.settings import load_settings

    settings = load_settings(config, store=store)
    if find_spec("streamlit") is None:
        raise HeardError("The dashboard needs Streamlit; install it with: pip install 'heard[dashboard]'")
    signs_in = _has_sign_in()
    if not signs_in and not is_loopback(address):
        raise BadSettings(
            f"The dashboard serves {address} only to people who sign in: describe the sign-in service in {SIGN_IN} "
            "(docs/DASHBOARD.md), or leave --address out to serve this machine alone."
        )
    _check_free(address, port)
    if not signs_in:
        typer.echo("Nobody has to sign in: the dashboard is served to this machine alone.")
    typer.echo(f"heard dashboard: http://{address}:{port}  (Ctrl-C stops it)")
    sys.stdout.flush()
    command = [sys.executable, "-m", "dashboards", "--store", settings.store, "--address", address, "--port", str(port)]
    # The process becomes the server, so that whoever stops the one stops the other.
    os.execv(sys.executable, command + (["--config", str(config)] if config else []))


def _has_sign_in() -> bool:
    import tomllib
    from pathlib import Path

    from audio.errors import BadSettings

    path = Path(SIGN_IN)
    if not path.exists():
        return False
    try:
        return "auth" in tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSettings(f"{path} cannot be read as settings of the sign-in service: {error}.") from error


def _check_free(address: str, port: int) -> None:
    import socket

    from audio.errors import HeardError

    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(place)
    except OSError as error:
        raise HeardError(f"{address}:{port} cannot be served ({error.strerror}); choose another --port.") from error


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own, out of others' reach."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
