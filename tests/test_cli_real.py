"""The command as a user has it, on a bundled recording with the real models: analyze, then show, export and cut clips."""

import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CALL = ROOT / "fixtures" / "audio" / "wifi-missed.opus"

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("real")


def heard(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder)}
    command = [sys.executable, "-m", "monitor.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def report(folder):
    """The report on standard output; beside it nothing is said, least of all by a library."""
    done = heard(folder, "analyze", CALL, folder / "gone.wav", "--json", "-")
    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == [
        "heard: 1 of 2 calls could not be analysed:",
        f"  {folder}/gone.wav does not exist; check the name.",
    ]
    return json.loads(done.stdout)


def test_the_report_has_the_schema(report):
    assert report["schema"] == "heard.call/1"
    assert report["call_id"] == "wifi-missed"
    assert {turn["speaker"] for turn in report["turns"]} == {"agent", "customer"}
    assert all(turn["voice"] is None for turn in report["turns"] if turn["speaker"] == "agent")
    assert any(moment["verdict"] == "missed" for moment in report["moments"])


@pytest.mark.usefixtures("report")
def test_the_stored_report_is_shown(folder):
    done = heard(folder, "show", "wifi-missed")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Customer's frustration" in done.stdout


def test_the_stored_report_is_the_one_that_was_printed(folder, report):
    assert json.loads(heard(folder, "export", "wifi-missed", "--format", "json").stdout) == report


def test_every_moment_is_cut_from_the_recording(folder, report):
    done = heard(folder, "clips", "wifi-missed", "--out", "clips")
    assert (done.returncode, done.stdout) == (0, f"{len(report['moments'])} clips in clips\n")
    clips = sorted((folder / "clips").iterdir())
    assert len(clips) == len(report["moments"])
    for clip in clips:
        with wave.open(str(clip)) as file:
            assert file.getnchannels() == 2
            assert any(file.readframes(file.getnframes()))
