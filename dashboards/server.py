"""The web server: Streamlit, and beside it the recordings, which a browser fetches in parts."""

from pathlib import Path

import streamlit as st

from dashboards.listening import routes
from dashboards.state import served
from dashboards.theme import streamlit_theme
from monitor.settings import Settings

SCRIPT = Path(__file__).parent / "entry" / "app.py"


def serve(settings: Settings, config: Path | None, *, address: str, port: int) -> None:
    """Serve the dashboard until the process is interrupted."""
    served.configure(settings, config=config, sign_in=has_sign_in())
    app = st.App(SCRIPT, routes=routes())
    app.run(config=options(address, port))


def has_sign_in() -> bool:
    """Whether .streamlit/secrets.toml says where people sign in (its table [auth])."""
    return bool(st.secrets.load_if_toml_exists() and "auth" in st.secrets)


def options(address: str, port: int) -> dict[str, object]:
    """Streamlit's settings: no telemetry, no developer's tools, no traces, our colours."""
    return {
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "server.address": address,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": 1,
        **streamlit_theme(),
    }
