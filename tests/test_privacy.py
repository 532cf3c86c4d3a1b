"""Nothing leaves the machine: a call is analysed from end to end with every way out refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

NO_WAY_OUT = """
import socket

def refuse(self, address, *args):
    raise AssertionError(f"a connection to {address} was tried")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.socket.sendto = refuse
socket.getaddrinfo = lambda host, *args, **kwargs: refuse(None, host)

import sys
from monitor.cli import main
sys.argv = ["heard", "analyze", *sys.argv[1:]]
main()
"""


@pytest.mark.models
@pytest.mark.parametrize("call", ["wifi-missed", "wifi-handled"])
def test_a_recording_is_analysed_without_any_connection(call: str, tmp_path: Path) -> None:
    [recording] = (ROOT / "fixtures" / "audio").glob(f"{call}.*")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "PYANNOTE_"))}
    run = subprocess.run(
        [sys.executable, "-c", NO_WAY_OUT, str(recording), "--json", "-", "--store", str(tmp_path / "calls.db")],
        capture_output=True,
        text=True,
        env=environment,
        timeout=280,
    )
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert report["turns"]
    agents = [turn for turn in report["turns"] if turn["speaker"] == "agent"]
    assert agents
    assert all(turn["voice"] is None and turn["frustration"] is None for turn in agents)
