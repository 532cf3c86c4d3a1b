"""A dashboard served as its users start it, and a browser to look at it with; the system's Chromium, nothing fetched."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def served(folder, *, store, port=None, config=None):
    """Run `heard dashboard` in a folder; gives its address."""
    port = port or free_port()
    command = [Path(sys.executable).with_name("heard"), "dashboard", "--store", str(store), "--port", str(port)]
    command += ["--config", str(config)] if config else []
    environment = os.environ | {"HEARD_CACHE": str(folder / "cache")}
    address = f"http://127.0.0.1:{port}"
    with (folder / "dashboard.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"{address}/_stcore/health", server)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def wait_for(url, server, patience_s=120):
    """Wait until a server answers."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")


@contextmanager
def browser(**options):
    """A page of a fresh browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--autoplay-policy=no-user-gesture-required"]
        )
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US", **options)
        context.set_default_timeout(90_000)
        try:
            yield context.new_page()
        finally:
            chromium.close()
