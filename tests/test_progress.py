"""The progress bar: it only grows, is seen by people alone, and says how long it will take."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from monitor.cli.progress import STAGES, Bar, _TimeLeft, done_in_all

SHOW = """
import time
from monitor.cli.progress import Bar
with Bar("kettle.wav") as bar:
    bar("words", 0.5)
    time.sleep(0.3)
"""


def test_the_stages_make_up_the_whole():
    done = [done_in_all(stage, fraction) for stage in STAGES for fraction in (0.0, 0.5, 1.0)]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == pytest.approx(1)


def test_a_pipe_sees_nothing(capsys):
    with Bar("kettle.wav") as bar:
        bar("words", 0.5)
        bar.stage("cutting")(1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_sees_stage_and_share():
    ours, theirs = pty.openpty()
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": root, "TERM": "xterm", "COLUMNS": "100"}
    done = subprocess.run([sys.executable, "-c", SHOW], stderr=theirs, stdout=subprocess.PIPE, env=environment)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.stdout == b""
    assert "kettle.wav: transcribing" in shown
    assert " 36%" in shown


def test_the_time_left_follows_from_the_time_taken():
    now = [0.0]
    progress = Progress(console=Console(file=io.StringIO()), get_time=lambda: now[0])
    progress.add_task("x", total=1.0)
    (task,) = progress.tasks
    now[0] = 30.0
    progress.update(task.id, completed=0.01)
    assert _TimeLeft().render(task).plain == ""
    progress.update(task.id, completed=0.25)
    assert _TimeLeft().render(task).plain == "about 1:30 left"
