"""Killed at any time, whatever it is: no call that was finished is lost, none is there twice, and the next run goes on.

Real processes are killed with SIGKILL: workers, the batch itself, and PostgreSQL. A stand-in does the analysing.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import postgres
import pytest
from conftest import emptied
from scripted_archive import make_archive
from sqlalchemy import text

from monitor.store import Store, runs
from monitor.store.jobs import beat, counts

SCRIPT = Path(__file__).with_name("scripted_archive.py")
CALLS = 24

pytestmark = pytest.mark.kills


@pytest.fixture
def archive(tmp_path, monkeypatch):
    monkeypatch.setenv("SCRIPTED_NOTES", str(tmp_path / "notes"))
    monkeypatch.setenv("HEARD_LOG", str(tmp_path / "heard.log"))
    broken = {f"x{n}": "broken" for n in range(2)}
    return make_archive(tmp_path / "calls", **{f"c{n:02}": "slow 0.05" for n in range(CALLS)}, **broken)


def begin(url, archive, workers=2):
    environment = {**os.environ, "PYTHONPATH": str(SCRIPT.parent.parent)}
    return subprocess.Popen(
        [sys.executable, SCRIPT, url, archive, str(workers)],
        env=environment, cwd=archive.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def heard(archive):
    notes = archive.parent / "notes"
    return Counter(line.split()[1] for line in notes.read_text().splitlines()) if notes.exists() else Counter()


def wait_for(n, archive, seconds=90):
    """Until so many calls have been begun."""
    deadline = time.monotonic() + seconds
    while heard(archive).total() < n:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def children(process):
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    named = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in listed}
    return [pid for pid, line in named.items() if b"spawn_main" in line]


def finish(batch):
    out, _ = batch.communicate(timeout=120)
    assert batch.returncode == 1, out  # some calls are broken
    assert "Traceback" not in out
    return out


def assert_all_are_there_once(url, archive):
    """Every call of the archive is done, saved and recorded once, or failed with its reason."""
    with Store.open(url, create=False) as store:
        assert {state: n for state, n in counts(store).items() if n} == {"done": CALLS, "failed": 2}
        assert sorted(call.call_id for call in store.list()) == [f"c{n:02}" for n in range(CALLS)]
        analysed = runs(store, outcome="analysed", size=1000)
        assert Counter(run.call_id for run in analysed.rows) == {f"c{n:02}": 1 for n in range(CALLS)}
        with store.transaction(write=False) as connection:
            for table in ("reports", "waveforms"):
                assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == CALLS
            # Two turns a call: half a call is nowhere.
            assert connection.execute(text("SELECT count(*) FROM turns")).scalar() == 2 * CALLS
    assert set(heard(archive)) == {f"c{n:02}.wav" for n in range(CALLS)} | {"x0.wav", "x1.wav"}


def test_the_batch_and_its_workers_killed_again_and_again(url, archive):
    chance = random.Random(7)
    batch = begin(url, archive)
    for begun in (4, 10):
        wait_for(begun, archive)
        time.sleep(chance.uniform(0, 0.15))
        if begun == 4:
            os.kill(chance.choice(children(batch)), signal.SIGKILL)
            continue
        workers = children(batch)
        batch.kill()
        batch.communicate()
        gone = time.monotonic() + 90
        while any(
            Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in workers
        ):
            assert time.monotonic() < gone, "workers outlive their parent"
            time.sleep(0.02)
        batch = begin(url, archive)
    finish(batch)
    assert_all_are_there_once(url, archive)
    # What was under way when something was killed was begun again, and nothing else was.
    assert heard(archive).total() <= CALLS + 2 + 1 + 2


def test_two_batches_share_a_store_and_one_is_killed(postgresql, archive):
    url = emptied(postgresql)
    lost, other = begin(url, archive, 1), begin(url, archive, 1)
    wait_for(6, archive)
    lost.kill()
    lost.communicate()
    with Store.open(url, create=False) as store, store.transaction(write=True) as connection:
        # On another machine this takes a minute: so long the lease holds.
        connection.execute(text("UPDATE jobs SET until_s = 1 WHERE state = 'running'"))
    with Store.open(url, create=False) as store:
        beat(store, "somebody")
    finish(other)
    assert_all_are_there_once(url, archive)


@pytest.mark.skipif(postgres.programs() is None, reason="PostgreSQL is not installed")
def test_the_database_killed_while_calls_are_saved(archive):
    with postgres.server(postgres.programs()) as url:
        folder = Path(url.partition("host=")[2])
        Store.open(url).close()
        batch = begin(url, archive, 1)
        wait_for(8, archive)
        postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        revive = threading.Timer(1.0, postgres.start, [postgres.programs(), folder])
        revive.start()
        finish(batch)
        revive.join()
        assert_all_are_there_once(url, archive)
        # A finished call waits for the store: none was heard twice for the store's sake.
        assert heard(archive).total() == CALLS + 2
