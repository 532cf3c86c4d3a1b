"""A process killed in the middle of saving leaves the old report or the new one, and a store that opens."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from reports import make_report
from sqlalchemy import func, select

from monitor.store import Store
from monitor.store.check import check
from monitor.store.tables import MomentRow, TurnRow

SAVE_FOR_EVER = """
import sys
from monitor.records import CallReport
from monitor.store import Store
reports = [CallReport.model_validate_json(line) for line in sys.stdin]
with Store.open(sys.argv[1]) as store:
    print("ready", flush=True)
    while True:
        for report in reports:
            store.save(report, content_sha256="same")
"""


@pytest.fixture
def versions():
    """The same call in two versions that differ in every table, large enough that a save takes a while."""
    old = make_report(source="old", turns=make_report().turns * 100)
    new = make_report(source="new", turns=make_report().turns * 150, moments=(), sounds=(), frustration=())
    return old, new


@pytest.mark.parametrize("after_ms", [3, 14, 40])
def test_kill_9_while_saving(url, versions, after_ms):
    saver = subprocess.Popen(
        [sys.executable, "-c", SAVE_FOR_EVER, url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    try:
        saver.stdin.write("".join(report.to_json() + "\n" for report in versions))
        saver.stdin.close()
        assert saver.stdout.readline() == "ready\n"
        _wait_for_a_report(url)
        time.sleep(after_ms / 1000)
    finally:
        os.kill(saver.pid, signal.SIGKILL)
        saver.wait()
        saver.stdout.close()

    with Store.open(url) as store:
        report = store.load("kettle")
        assert report in versions
        assert check(store) == ()
        with store.transaction(write=False) as connection:
            for table, rows in ((TurnRow, report.turns), (MomentRow, report.moments)):
                assert connection.execute(select(func.count()).select_from(table)).scalar_one() == len(rows)


def _wait_for_a_report(url):
    with Store.open(url) as store:
        deadline = time.monotonic() + 90
        while store.count() == 0:
            assert time.monotonic() < deadline
            time.sleep(0.005)
