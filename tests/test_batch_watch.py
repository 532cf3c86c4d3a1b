"""A drop folder: what is dropped is analysed once it is complete, and once only."""

import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest

from audio.errors import BadInput
from monitor.archive import watch
from monitor.archive.sources import Listing
from monitor.archive.watch import Drops
from monitor.store import Store
from monitor.store.jobs import counts

SCRIPT = """
import sys
from pathlib import Path
from scripted_archive import ScriptedExaminer
from monitor.archive.sources import Listing
from monitor.archive.watch import Drops
from monitor.cli.batching import begin
from monitor.settings import load_settings

if __name__ == "__main__":
    drops = Drops(Path("drops"), settle_s=0.3, listing=Listing([]), poll_s=0.1)
    settings = load_settings(store="heard.db")
    sys.exit(begin(settings, drops, workers=1, times=4.0, log_json=None, make_examiner=ScriptedExaminer))
"""


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 1000.0
        self.between = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        if self.between:
            self.between.pop(0)()


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(watch, "monotonic", clock)
    monkeypatch.setattr(watch, "sleep", clock.sleep)
    return clock


def looks(folder, n):
    """What is found at each of some looks into a folder, a second apart, where files must stand still for two."""
    found, drops = [[]], iter(Drops(folder, settle_s=2.0, listing=Listing([]), poll_s=1.0))
    for item in drops:
        if item is not None:
            found[-1].append(Path(item.source).name)
        elif len(found) == n:
            break
        else:
            found.append([])
    return found


def test_a_file_is_taken_once_it_has_stood_still(tmp_path, clock):
    call = tmp_path / "call.wav"
    call.write_text("a")
    clock.between = [lambda: call.write_text("more"), lambda: None, lambda: None, lambda: None]
    assert looks(tmp_path, 5) == [[], [], [], ["call.wav"], []]


def test_what_is_replaced_is_taken_again_and_what_is_no_recording_never(tmp_path, clock):
    call = tmp_path / "deep" / "call.wav"
    call.parent.mkdir()
    call.write_text("a")
    (tmp_path / "call.wav.part").write_text("a")
    (tmp_path / "readme.txt").write_text("a")
    clock.between = [lambda: None, lambda: None, lambda: call.write_text("another")]
    assert looks(tmp_path, 7) == [[], [], ["call.wav"], [], [], ["call.wav"], []]


def test_a_file_that_vanishes_is_forgotten(tmp_path, clock):
    (tmp_path / "call.wav").write_text("a")
    clock.between = [lambda: (tmp_path / "call.wav").unlink()]
    assert looks(tmp_path, 4) == [[], [], [], []]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadInput, match="is not a folder; make it"):
        next(islice(Drops(tmp_path / "drops", settle_s=1.0, listing=Listing([])), 1))


def test_what_is_dropped_is_analysed_until_somebody_stops_it(tmp_path):
    (tmp_path / "drops").mkdir()
    (tmp_path / "watch.py").write_text(SCRIPT)
    tests = Path(__file__).parent
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}",
        "SCRIPTED_NOTES": str(tmp_path / "notes"),
        "HEARD_LOG": str(tmp_path / "heard.log"),
    }
    watching = subprocess.Popen(
        [sys.executable, "watch.py"], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        for name in ("one", "two"):
            (tmp_path / "drops" / f"{name}.wav").write_text(f"sound\n{name}")
            wait_until(lambda name=name: name in analysed(tmp_path))
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=120)
    finally:
        watching.kill()
    assert watching.returncode == 130
    assert "Traceback" not in said
    with Store.open(str(tmp_path / "heard.db")) as store:
        assert counts(store)["done"] == 2
    assert sorted((tmp_path / "notes").read_text().splitlines()) == ["heard one.wav", "heard two.wav"]


def analysed(folder):
    if not (folder / "heard.db").exists():
        return set()
    with Store.open(str(folder / "heard.db")) as store:
        return {call.call_id for call in store.list()}


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
