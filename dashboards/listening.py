"""Recordings for the browser: small copies, made when first asked for, served in parts, only by an address that a page gave.

The page gives the address only to somebody who may see the call. It carries what it opens, until when, and a seal that only
this process can make, so nobody can make up another.
"""

import hmac
import json
import os
import secrets
import subprocess
import sys
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from platformdirs import user_cache_dir
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboards.catalogue import Words, language_of
from dashboards.reasons import why_failed
from dashboards.state import served

if TYPE_CHECKING:
    from monitor.records import CallReport

OPEN_S = 12 * 3600
"""How long an address opens a recording: a working day."""
KEPT_BYTES = 4 << 30
"""Copies that take more room than this make place for newer ones, the longest unplayed first."""
SEAL = secrets.token_bytes(32)


@dataclass(frozen=True)
class Grant:
    """What an address opens: a call, or a span of it in seconds."""

    call_id: str
    copy: str
    """Name of the copy, which changes with the recording and with what was redacted."""
    until: int
    start_s: float | None = None
    end_s: float | None = None


class Addresses:
    """The addresses under which this process serves a call and spans of it."""

    def __init__(self, report: "CallReport") -> None:
        self._call_id = report.call_id
        told = json.dumps([report.call_id, report.source, [turn.text for turn in report.turns], report.duration_s])
        self._recording = sha256(told.encode())
        # The same addresses all day, so that the browser need not fetch again what it has.
        self._until = (int(time.time()) // OPEN_S + 2) * OPEN_S

    def of(self, span: tuple[float, float] | None = None) -> str:
        """The address of the call, or of a span of it in seconds."""
        copy = self._recording.copy()
        copy.update(json.dumps(span).encode())
        start_s, end_s = span or (None, None)
        grant = Grant(self._call_id, copy.hexdigest()[:32], self._until, start_s, end_s)
        body = urlsafe_b64encode(json.dumps(asdict(grant)).encode()).decode()
        return f"listen/{body}.{_seal(body)}"


def grant_of(token: str) -> Grant | None:
    """What an address opens; None where it was made up, or its time is over."""
    body, _, seal = token.rpartition(".")
    if not hmac.compare_digest(seal.encode(), _seal(body).encode()):
        return None
    grant = Grant(**json.loads(urlsafe_b64decode(body)))
    return grant if grant.until > time.time() else None


def _seal(body: str) -> str:
    return hmac.new(SEAL, body.encode(), sha256).hexdigest()


class Copies:
    """The folder of copies, and those being made."""

    def __init__(self) -> None:
        self._making: dict[str, subprocess.Popen[str]] = {}
        self._lock = Lock()

    def get(self, grant: Grant) -> Path | str | None:
        """The copy; a sentence why there is none; None while it is being made."""
        path = copies_folder() / f"{grant.copy}.m4a"
        with self._lock:
            if path.exists():
                os.utime(path)
                self._making.pop(grant.copy, None)
                return path
            making = self._making.get(grant.copy)
            if making is None:
                make_room(path.parent)
                self._making[grant.copy] = start_copy(grant, path)
                return None
            if making.poll() is None:
                return None
            self._making.pop(grant.copy)
            return (making.communicate()[1].strip().splitlines() or ["heard: the copy was not made."])[-1]


def start_copy(grant: Grant, path: Path) -> subprocess.Popen[str]:
    """Start making a copy in a process of its own: this one has no audio library."""
    command = [sys.executable, "-m", "monitor.cli", "audio", "--out", str(path), "--store", served.settings.store]
    if served.config is not None:
        command += ["--config", str(served.config)]
    if grant.start_s is not None:
        command += ["--start", str(grant.start_s), "--end", str(grant.end_s)]
    return subprocess.Popen(
        [*command, "--", grant.call_id], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def copies_folder() -> Path:
    """Where copies are kept, readable by this user alone."""
    root = os.environ.get("HEARD_CACHE")
    folder = (Path(root) if root else Path(user_cache_dir("heard", appauthor=False))) / "listening"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def make_room(folder: Path, limit_bytes: int = KEPT_BYTES) -> None:
    """Remove the copies that were not played for longest, until the rest takes no more than the limit."""
    copies = sorted(folder.glob("*.m4a"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in copies:
        total += path.stat().st_size
        if total > limit_bytes:
            path.unlink(missing_ok=True)


copies = Copies()


async def listen(request: Request) -> Response:
    """200 or 206 with the recording, 202 while the copy is made, 403 and 404 with a sentence."""
    grant = grant_of(request.path_params["token"])
    if grant is None:
        return JSONResponse({"error": "This address is no longer open."}, 403)
    found = await run_in_threadpool(copies.get, grant)
    if found is None:
        return JSONResponse({"making": True}, 202)
    if isinstance(found, str):
        say = Words(language_of(request.cookies.get("heard_language")))
        return JSONResponse({"error": why_failed(say, found.removeprefix("heard: "))}, 404)
    name = None if grant.start_s is None else f"{_safe(grant.call_id)}_{int(grant.start_s)}s.m4a"
    return FileResponse(
        found, media_type="audio/mp4", filename=name, headers={"Cache-Control": "private, max-age=3600"}
    )


def _safe(name: str) -> str:
    return "".join(character if character.isalnum() or character in "-." else "_" for character in name)


def routes() -> list[BaseRoute]:
    """What the server serves beside the pages."""
    return [Route("/listen/{token}", listen, methods=["GET", "HEAD"])]
