"""A real PostgreSQL server for tests, from the system's packages; nothing but a socket in a folder of its own."""

import os
import shutil
import subprocess
import tempfile
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
        user = {}
        if os.geteuid() == 0:
            # The server refuses to run as root; Debian's package brings a user for it.
            user = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        run = {"check": True, "cwd": folder, "stdout": subprocess.DEVNULL, **user}
        subprocess.run(
            [bin_folder / "initdb", "-D", data, "-U", "heard", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"], **run
        )
        settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        control = [bin_folder / "pg_ctl", "-D", data, "-w", "-s", "-l", folder / "log"]
        subprocess.run([*control, "-o", settings, "start"], **run)
        try:
            yield f"postgresql://heard@/postgres?host={folder}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **run)
