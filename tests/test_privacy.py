"""Nothing leaves the machine: a call is analysed from end to end with every way out refused."""

import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from audio.decode import decode

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


def excerpt(call: str, folder: Path) -> Path:
    """The first half minute of a bundled call, with the channels it has."""
    [source] = (ROOT / "fixtures" / "audio").glob(f"{call}.*")
    with decode(source) as recording:
        channels = np.stack([recording.channel(i).read(0.0, 30.0) for i in range(recording.channels)], axis=1)
    path = folder / f"{call}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels.shape[1])
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((channels * 32_767).astype("<i2").tobytes())
    return path


@pytest.mark.models
@pytest.mark.parametrize(("call", "layout"), [("wifi-missed", "stereo"), ("wifi-handled", "mono")])
def test_a_recording_is_analysed_without_any_connection(call: str, layout: str, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "PYANNOTE_"))}
    run = subprocess.run(
        [sys.executable, "-c", NO_WAY_OUT, excerpt(call, tmp_path), "--json", "-", "--store", tmp_path / "calls.db"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=280,
    )
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert report["channels"]["layout"] == layout
    speakers = {turn["speaker"] for turn in report["turns"]}
    assert speakers == {"agent", "customer"}
    for turn in report["turns"]:
        if turn["speaker"] == "agent":
            assert turn["voice"] is None
            assert turn["frustration"] is None
