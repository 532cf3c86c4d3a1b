"""A real PostgreSQL server for tests, from the system's packages; nothing but a socket in a folder of its own."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path


def programs():
    """The folder of PostgreSQL's programs, None where it is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def server(bin_folder):
    """Run a server; gives the URL of its database `postgres`."""
    # A socket's path may have 107 bytes, which pytest's own folders can exceed.
    with tempfile.TemporaryDirectory(prefix="heard-pg-", dir="/tmp") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        subprocess.run(
            [bin_folder / "initdb", "-D", folder / "data", "-U", "heard", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            check=True, **_as_its_user(folder),
        )  # fmt: skip
        start(bin_folder, folder)
        try:
            yield f"postgresql://heard@/postgres?host={folder}"
        finally:
            subprocess.run(
                [*_control(bin_folder, folder), "-m", "immediate", "stop"], check=True, **_as_its_user(folder)
            )


def start(bin_folder, folder, seconds=120):
    """Start the server of a folder, also after it was killed: then what it left behind must go first."""
    settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    deadline = time.monotonic() + seconds
    while subprocess.run([*_control(bin_folder, folder), "-o", settings, "start"], **_as_its_user(folder)).returncode:
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.2)


def _control(bin_folder, folder):
    return [bin_folder / "pg_ctl", "-D", folder / "data", "-w", "-s", "-l", folder / "log"]


def _as_its_user(folder):
    """The server refuses to run as root; Debian's package brings a user for it."""
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    return {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **user}
