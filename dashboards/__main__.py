"""`python -m dashboards`: serves the dashboard. `heard dashboard` checks what it is given and starts this."""

import argparse
from pathlib import Path

from dashboards.server import serve
from monitor.settings import load_settings


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="heard dashboard")
    parser.add_argument("--store", required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    serve(load_settings(given.config, store=given.store), given.config, address=given.address, port=given.port)


main()
