"""A batch with real worker processes: what one call does to its worker costs only that call. A stand-in does the analysing."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from scripted_archive import (
    HangsForAMoment,
    NotesItsProcess,
    ScriptedExaminer,
    cannot_begin,
    dies_at_once,
    make_archive,
)
from typer.testing import CliRunner

from audio.errors import HeardError
from monitor.archive import limits, processes
from monitor.archive.batch import Batch
from monitor.archive.crew import CannotWork
from monitor.archive.processes import Processes, Spec
from monitor.archive.sources import Listing
from monitor.cli import app, batching
from monitor.settings import load_settings
from monitor.store import Store
from monitor.store.job_records import Make
from monitor.store.jobs import claim, counts, enqueue, lines

SCRIPT = Path(__file__).with_name("scripted_archive.py")
MAKE = Make(models="ears-1", rules="rules-1")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEARD_LOG", str(tmp_path / "heard.log"))
    monkeypatch.setenv("SCRIPTED_NOTES", str(tmp_path / "notes"))
    return tmp_path


def begin(*sources, **options):
    options = {"workers": 2, "times": 4.0, "log_json": None, "make_examiner": ScriptedExaminer} | options
    return batching.begin(load_settings(), Listing([str(source) for source in sources]), **options)


def heard(folder):
    return sorted((folder / "notes").read_text().splitlines())


def states(store="heard.db"):
    with Store.open(store, create=False) as opened:
        return {state: n for state, n in counts(opened).items() if n}


def test_a_broken_installation_is_not_blamed_on_the_calls(here):
    archive = make_archive(here / "calls", **{f"call{n:02}": "bug" for n in range(30)})
    with pytest.raises(
        HeardError, match=r"10 calls in a row .* \(failed unexpectedly \(ZeroDivisionError: division by zero\)\)"
    ):
        begin(archive)
    assert states().get("quarantined", 0) <= 10
    assert states()["waiting"] >= 20


def test_one_call_that_crashes_its_worker_costs_only_itself(here, capfd):
    archive = make_archive(
        here / "calls", one="sound", two="sound", bad="broken", crash="crash", again="crash once", three="sound"
    )
    assert begin(archive, log_json="log.jsonl") == 1
    assert states() == {"done": 4, "failed": 1, "quarantined": 1}
    assert heard(here) == sorted(
        [
            "heard one.wav",
            "heard two.wav",
            "heard three.wav",
            "heard bad.wav",
            *2 * ["heard again.wav"],
            *3 * ["heard crash.wav"],
        ]
    )
    out, err = capfd.readouterr()
    assert "4 calls done, 1 failed, 1 quarantined" in out
    assert f"{archive}/crash.wav crashed its worker (SIGKILL, perhaps for want of memory); tried 3 times." in err
    assert f"{archive}/bad.wav is not a recording; export it again." in err
    events = [json.loads(line) for line in (here / "log.jsonl").read_text().splitlines()]
    ended = {event["source"].rpartition("/")[2]: event for event in events if "source" in event}
    assert {name: event["event"] for name, event in ended.items()} == {
        "one.wav": "done", "two.wav": "done", "three.wav": "done", "again.wav": "done", "bad.wav": "failed",
        "crash.wav": "quarantined",
    }  # fmt: skip
    assert ended["one.wav"]["call_id"] == "one"
    assert [events[0]["event"], events[-1]["event"]] == ["start", "end"]

    # Again: there is nothing to do, and nothing is done.
    noted = heard(here)
    assert begin(archive, workers=1) == 1
    assert heard(here) == noted
    assert "0 calls done" in capfd.readouterr().out


def test_a_call_that_hangs_is_stopped_by_its_length_and_the_worker_replaced(here, monkeypatch):
    monkeypatch.setattr(processes, "LOADING_S", 0.5)
    monkeypatch.setattr(processes, "FETCH_S", 0.5)
    with Store.open("heard.db") as store:
        archive = make_archive(here / "calls", hang="hang", one="sound")
        spec = Spec(load_settings(), HangsForAMoment, here / "heard.log", 1)
        crew = Processes(spec, 1)
        try:
            status = Batch(store, MAKE, crew).run(Listing([str(archive)]))
        finally:
            crew.close()
    assert status.ended == {"again": 2, "quarantined": 1, "done": 1}
    with Store.open("heard.db") as store:
        [line] = lines(store, ["quarantined"])
    assert "hung its worker, which was stopped after" in line.reason


def test_workers_are_replaced_after_some_calls(here):
    archive = make_archive(here / "calls", **{f"c{n}": "sound" for n in range(3)})
    with Store.open("heard.db") as store:
        crew = Processes(Spec(load_settings(), NotesItsProcess, here / "heard.log", 1), 1, calls_each=2)
        try:
            Batch(store, MAKE, crew).run(Listing([str(archive)]))
        finally:
            crew.close()
    noted = [line for line in heard(here) if line.startswith("process")]
    assert len(noted) >= 2
    assert states() == {"done": 3}


def test_workers_that_cannot_begin_end_the_batch_with_their_reason(here, monkeypatch):
    monkeypatch.setattr(processes, "_STARTS", 1)
    with Store.open("heard.db") as store:
        enqueue(store, list(Listing([str(make_archive(here / "calls", one="sound"))])), MAKE)
        crew = Processes(Spec(load_settings(), cannot_begin, here / "heard.log", 1), 1)
        with pytest.raises(CannotWork, match="There is no model"):
            Batch(store, MAKE, crew).run([])
        crew = Processes(Spec(load_settings(), dies_at_once, here / "heard.log", 1), 1)
        with pytest.raises(CannotWork, match=r"die before they can begin \(exit code 7\)"):
            Batch(store, MAKE, crew).run([])
    assert states() == {"waiting": 1}


def run_script(here, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(SCRIPT.parent.parent)}
    return subprocess.Popen(
        [sys.executable, SCRIPT, *map(str, arguments)],
        cwd=here, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def under_way(here):
    return (here / "notes").exists() and bool((here / "notes").read_text())


def test_ctrl_c_finishes_what_is_under_way_and_begins_nothing_more(here):
    archive = make_archive(here / "calls", **{f"c{n}": "slow 1" for n in range(9)})
    batch = run_script(here, "heard.db", archive, 1)
    wait_until(lambda: under_way(here))
    batch.send_signal(signal.SIGINT)
    out, _ = batch.communicate(timeout=120)
    assert batch.returncode == 130
    assert "finishing the calls under way" in out
    assert "stopped; the same command goes on from here." in out
    assert "Traceback" not in out
    left = states()
    assert left["done"] == len(heard(here))
    assert left["done"] + left["waiting"] == 9


def test_ctrl_c_twice_stops_at_once_and_gives_back_what_was_under_way(here):
    archive = make_archive(here / "calls", one="hang")
    batch = run_script(here, "heard.db", archive, 1)
    wait_until(lambda: under_way(here))
    batch.send_signal(signal.SIGINT)
    assert "finishing" in batch.stdout.readline()
    batch.send_signal(signal.SIGINT)
    out, _ = batch.communicate(timeout=120)
    assert batch.returncode == 130
    assert "Traceback" not in out
    assert states() == {"waiting": 1}


def test_the_last_batch_waits_for_what_another_is_at_and_takes_it_up_when_that_is_lost(here):
    archive = make_archive(here / "calls", one="sound", two="sound")
    with Store.open("heard.db") as store:
        enqueue(store, list(Listing([str(archive)])), MAKE)
        theirs = claim(store, "another-machine/1/x", MAKE)
        crew = Processes(Spec(load_settings(), ScriptedExaminer, here / "heard.log", 1), 1)
        batch = Batch(store, MAKE, crew)

        def lose():
            with Store.open("heard.db") as own:
                wait_until(lambda: counts(own)["done"] == 1)
                with own.transaction(write=True) as connection:
                    connection.exec_driver_sql("UPDATE jobs SET until_s = 1 WHERE state = 'running'")
            batch._next_beat = 0.0

        losing = threading.Thread(target=lose)
        losing.start()
        status = batch.run([])
        losing.join()
    assert status.ended == {"done": 2}
    assert theirs.source.endswith("one.wav")


def test_a_dry_run_says_what_would_be_done_and_does_nothing(here):
    archive = make_archive(here / "calls", Kim_one="sound", Lee_two="sound", three="sound")

    def dry(*more):
        arguments = [
            "batch",
            str(archive),
            "--dry-run",
            "--name-pattern",
            r"(?P<agent>[A-Z]\w+)_(?P<call_id>\w+)\.",
            *more,
        ]
        return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})

    done = dry()
    assert done.exit_code == 0
    assert "3 calls: nothing is done on a dry run.\n  3 new\n" in done.stdout
    assert "Lee" in done.stdout
    assert "1 path does not fit --name-pattern" in done.stderr
    assert not (here / "heard.db").exists()
    begin(archive)
    assert "  1 done\n" in dry().stdout
    assert "  2 to be done again" in dry().stdout


def test_the_time_that_a_call_may_take_grows_with_its_length(tmp_path):
    recording = Path(__file__).parent.parent / "fixtures" / "audio" / "wifi-missed.opus"
    assert limits.allowed_s(recording, times=2.0) > limits.GRACE_S + 60
    (tmp_path / "call.json").write_text("{}")
    assert limits.allowed_s(tmp_path / "call.json") == limits.GRACE_S
    (tmp_path / "junk.wav").write_bytes(b"\0" * 60_000)
    assert limits.allowed_s(tmp_path / "junk.wav", times=1.0) == limits.GRACE_S + 60


def test_as_many_workers_as_cores_keep_busy_and_memory_holds(monkeypatch):
    monkeypatch.setattr(batching, "cores", lambda: 16)
    monkeypatch.setattr(batching, "_free_bytes", lambda: 64_000_000_000)
    assert batching.default_workers() == 8
    monkeypatch.setattr(batching, "_free_bytes", lambda: 6_000_000_000)
    assert batching.default_workers() == 2
    monkeypatch.setattr(batching, "_free_bytes", lambda: 1_000_000_000)
    assert batching.default_workers() == 1
