"""Commands that read the store, and those about the program itself."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from reports import make_report
from typer.testing import CliRunner

from monitor.cli import app
from monitor.store import Store

HEARD = [sys.executable, "-m", "monitor.cli"]


@pytest.fixture
def heard(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Store.open("heard.db") as store:
        store.save(make_report("monday"), content_sha256="a")
        store.save(make_report("tuesday"), content_sha256="b")

    def run(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run


def shell(command, **environment):
    """Run a command line in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), **environment}
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment)


def test_show(heard):
    done = heard("show", "monday")
    assert done.exit_code == 0
    assert "Frustration not acknowledged" in done.stdout
    assert "Kettles and Pots" not in done.stdout
    assert "Kettles and Pots" in heard("show", "--full", "monday").stdout


def test_show_an_unknown_call(heard):
    done = heard("show", "mondy")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "heard: There is no call mondy in heard.db: did you mean monday?\n"


def test_list(heard):
    assert [line.split()[0] for line in heard("list").stdout.splitlines()] == ["call", "tuesday", "monday"]
    assert len(heard("list", "--limit", 1).stdout.splitlines()) == 2
    calls = [json.loads(line) for line in heard("list", "--json", "--order", "missed").stdout.splitlines()]
    assert [call["call_id"] for call in calls] == ["monday", "tuesday"]


def test_list_of_an_empty_store(heard):
    Store.open("empty.db").close()
    assert heard("list", "--store", "empty.db").stdout == "The store is empty; `heard analyze CALL` fills it.\n"


def test_reading_makes_no_store(heard, tmp_path):
    for command in (("list",), ("show", "x"), ("export", "x", "-f", "csv"), ("clips", "x", "--out", "y")):
        done = heard(*command, "--store", "none.db")
        assert done.exit_code == 1
        assert "There is no store at none.db" in done.stderr
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("format", "start"), [("json", "{"), ("csv", "call_id,"), ("srt", "1\n"), ("vtt", "WEBVTT"), ("rttm", "SPEAKER")]
)
def test_export(heard, tmp_path, format, start):
    done = heard("export", "monday", "--format", format)
    assert done.exit_code == 0
    assert done.stdout.startswith(start)
    assert heard("export", "monday", "--format", format, "--out", "file").stdout == ""
    assert (tmp_path / "file").read_bytes().decode() == done.stdout_bytes.decode()


def test_export_to_where_it_cannot_be_written(heard):
    done = heard("export", "monday", "--format", "csv", "--out", "none/file.csv")
    assert done.exit_code == 1
    assert done.stderr == "heard: none/file.csv cannot be written: No such file or directory.\n"


def test_clips_of_a_recording_that_is_gone(heard):
    done = heard("clips", "monday", "--out", "clips")
    assert done.exit_code == 1
    assert "The recording of monday is not at monday.wav; say where it is with --recording" in done.stderr


def test_rules(heard):
    done = heard("rules")
    assert "unexplained_hold" in done.stdout
    Path("heard.toml").write_text("[moments.unexplained_hold]\nsilence_s = 77\n")
    assert "silence_s = 77" in heard("rules").stdout
    assert json.loads(heard("rules", "--json").stdout)["moments"]["unexplained_hold"]["silence_s"] == 77
    Path("heard.toml").write_text("[moments.unexplained_hld]\nsilence_s = 77\n")
    done = heard("rules")
    assert done.exit_code != 0
    assert "unexplained_hld" in done.stderr


def test_version(heard):
    assert heard("version").stdout == f"heard {version('heard')}\n"


@pytest.mark.usefixtures("heard")
def test_a_reader_that_stops_early_is_no_failure_to_report():
    done = shell(f"{' '.join(HEARD)} export monday -f json | head -1")
    assert (done.stdout, done.stderr) == ("{\n", "")


@pytest.mark.usefixtures("heard")
def test_output_that_cannot_be_written_is_a_sentence():
    done = shell(f"{' '.join(HEARD)} show monday >/dev/full")
    assert (done.returncode, done.stderr) == (1, "heard: the output cannot be written: No space left on device.\n")


@pytest.mark.usefixtures("heard")
def test_a_terminal_without_unicode_still_gets_its_timeline():
    done = shell(f"{' '.join(HEARD)} show monday", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Frustration not acknowledged" in done.stdout
