"""`heard store`: what is wrong is found and mended, copies are consistent, and a move loses nothing."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime

import postgres
import pytest
from conftest import emptied
from reports import make_report
from sqlalchemy import text
from test_kept import heard
from test_rules_apply import analyzer
from typer.testing import CliRunner

from audio.errors import StoreError
from audio.facts import Waveform
from monitor.cli.app import app
from monitor.store import Filters, Run, Store, moments_of, queue, record_run, review
from monitor.store.backup import backup
from monitor.store.check import check, repair
from monitor.store.move import move
from monitor.store.tables import Base


@pytest.fixture(scope="module")
def examined():
    made = analyzer()
    return made.rejudge(made.understand(heard(n=8)))


def fill(store, examined, calls=4):
    """A bit of everything that people and programs put into a store."""
    store.save(examined.report, content_sha256="k", mentions=examined.mentions, kept=examined.kept)
    waveform = Waveform(peaks_hz=10.0, sides=("mono",), peaks=(bytes(40),))
    for number in range(calls):
        store.save(make_report(f"call-{number}"), content_sha256=str(number), waveform=waveform)
    moment = moments_of(store, "call-1")[0]
    review(store, "call-1", moment.subject, "dismiss", reviewer="ann")
    run = Run(at=datetime.now(UTC), took_s=1.0, source="a.wav", outcome="analysed", heard="1", rules="r")
    record_run(store, run, rules_json="{}")


def rows(store):
    """Every row of every table but the search index."""
    with store.transaction(write=False) as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(table.select()))
            for table in Base.metadata.sorted_tables
            if table.name != "transcripts"
        }


def spoil(store, statement):
    """Change something behind the store's back, as other tools can."""
    with store.transaction(write=True) as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(text(statement))


def test_a_store_in_use_is_whole(store, examined):
    told = []
    fill(store, examined)
    assert check(store, lambda done, total: told.append((done, total))) == ()
    assert told[-1] == (5, 5)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE tallies SET n = n + 1", "counts by day"),
        ("DELETE FROM call_tallies", "counts by day"),
        ("DELETE FROM transcripts WHERE call_id = 'call-2'", "Search does not find call-2"),
        ("DELETE FROM transcript_tokens", "Search does not find call-0, call-1, call-2 and 2 more"),
    ],
)
def test_what_can_be_made_anew_is_found_and_mended(store, examined, statement, told):
    fill(store, examined)
    spoil(store, statement)
    (problem,) = check(store)
    assert told in problem.what
    assert problem.repairable
    repair(store)
    assert check(store) == ()
    assert queue(store, Filters(text="kettle")).total == 5


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE reports SET json = '{}' WHERE call_id = 'call-1'", "The report of call-1 cannot be read"),
        ("DELETE FROM reports WHERE call_id = 'call-3'", "The report of call-3 cannot be read"),
        ("UPDATE words SET words = '\x01\x02' WHERE call_id = 'call-2'", "The report of call-2 cannot be read"),
        ("UPDATE kept SET understood = '\x01\x02'", "What was kept of kettle cannot be read"),
    ],
)
def test_what_is_lost_is_named(store, examined, statement, told):
    fill(store, examined)
    spoil(store, statement)
    assert [problem.what for problem in check(store)] == [told]
    assert not check(store)[0].repairable


def test_rows_of_calls_that_are_gone_are_found_and_deleted(tmp_path, examined):
    file = tmp_path / "heard.db"
    with Store.open(str(file)) as store:
        fill(store, examined)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:  # this one holds no rows to their calls
        connection.execute("INSERT INTO turns SELECT 'gone', position, speaker, start_s, end_s, text, acts, frustration FROM turns WHERE call_id = 'call-1'")  # fmt: skip
    with Store.open(str(file)) as store:
        (problem,) = check(store)
        assert problem.what == "6 rows of turns belong to calls that are gone"
        repair(store)
        assert check(store) == ()


def test_a_damaged_file_is_told_so(tmp_path, examined):
    file = tmp_path / "heard.db"
    with Store.open(str(file)) as store:
        fill(store, examined, calls=40)
    data = bytearray(file.read_bytes())
    for page in range(20, len(data) // 4096 - 5):
        data[page * 4096 : page * 4096 + 64] = b"\x07" * 64
    file.write_bytes(data)
    run = CliRunner().invoke(app, ["store", "check", "--store", str(file)])
    assert run.exit_code == 1
    assert "damaged" in run.output
    assert "backup" in run.output


def test_the_check_is_told_in_sentences(tmp_path, examined):
    url = str(tmp_path / "heard.db")
    with Store.open(url) as store:
        fill(store, examined)
        spoil(store, "UPDATE tallies SET n = n + 1")
    asked = ["store", "check", "--store", url]
    found, mended, whole = (CliRunner().invoke(app, [*asked, *more]) for more in ((), ("--repair",), ()))
    assert (found.exit_code, mended.exit_code, whole.exit_code) == (1, 0, 0)
    assert "--repair" in found.output
    assert "mended: The counts by day" in mended.output
    assert whole.output == f"{url} is whole: 5 calls.\n"


def test_a_copy_holds_one_moment_while_others_write(tmp_path, examined):
    url, copy = str(tmp_path / "heard.db"), tmp_path / "copy.db"
    with Store.open(url) as store, Store.open(url) as other:
        fill(store, examined, calls=20)
        before = rows(store)
        steps = []

        def write_meanwhile(done, total):
            steps.append((done, total))
            other.save(make_report(f"late-{len(steps)}"), content_sha256="late")

        backup_in_steps(url, copy, write_meanwhile)
        assert len(steps) > 3
        assert steps[-1][0] == steps[-1][1]
    with Store.open(str(copy), create=False) as opened:
        assert rows(opened) == before
        assert check(opened) == ()


def backup_in_steps(url, copy, progress):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor.store.backup._PAGES_AT_A_TIME", 20)
        backup(url, copy, progress)


@pytest.mark.parametrize("target", ["heard.db", "nowhere/copy.db"])
def test_a_copy_replaces_nothing(tmp_path, target):
    Store.open(str(tmp_path / "heard.db")).close()
    with pytest.raises(StoreError, match=r"there already|no folder"):
        backup(str(tmp_path / "heard.db"), tmp_path / target)


def test_a_copy_of_nothing_is_refused(tmp_path):
    with pytest.raises(StoreError, match="There is no store"):
        backup(str(tmp_path / "heard.db"), tmp_path / "copy.db")
    assert not list(tmp_path.iterdir())


def test_a_server_is_copied_by_pg_dump(postgresql, tmp_path, monkeypatch, examined):
    url, copy = emptied(postgresql), tmp_path / "copy.dump"
    with Store.open(url) as store:
        fill(store, examined)
    monkeypatch.setenv("PATH", str(postgres.programs()))
    backup(url, copy)
    listed = subprocess.run([shutil.which("pg_restore"), "--list", copy], capture_output=True, text=True, check=True)
    assert "TABLE DATA public calls" in listed.stdout
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="pg_dump, which is not installed"):
        backup(url, tmp_path / "other.dump")
    assert [path.name for path in tmp_path.iterdir()] == ["copy.dump"]


def test_a_server_that_is_gone_is_told_in_one_sentence(tmp_path, monkeypatch):
    programs = postgres.programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(StoreError, match="could not copy postgresql://heard:"):
        backup(f"postgresql://heard:secret@/nothing?host={tmp_path}", tmp_path / "copy.dump")


@pytest.mark.parametrize("there", [True, False])
def test_a_move_there_and_back_loses_nothing(postgresql, tmp_path, examined, there):
    one, other = emptied(postgresql), str(tmp_path / "heard.db")
    with Store.open(other if there else one) as source, Store.open(one if there else other) as target:
        fill(source, examined)
        told = []
        assert move(source, target, lambda done, total: told.append((done, total))) == 5
        assert told[-1][0] == told[-1][1]
        assert target.load("call-1") == source.load("call-1")
        assert {name: len(found) for name, found in rows(target).items()} == {
            name: len(found) for name, found in rows(source).items()
        }
        assert rows(target)["moments"] == rows(source)["moments"]
        assert target.kept("kettle") == source.kept("kettle")
        assert (
            queue(target, Filters(text="kettle leaks")).total == queue(source, Filters(text="kettle leaks")).total > 0
        )
        assert check(target) == ()
        # New rows are numbered behind those that came.
        moment = moments_of(target, "call-2")[0]
        review(target, "call-2", moment.subject, "confirm", reviewer="ben")
        target.save(make_report("new"), content_sha256="new")
        assert check(target) == ()


def test_a_move_needs_an_empty_store(tmp_path, examined):
    with Store.open(str(tmp_path / "a.db")) as source, Store.open(str(tmp_path / "b.db")) as target:
        fill(source, examined)
        move(source, target)
        before = rows(target)
        with pytest.raises(StoreError, match="is not empty"):
            move(source, target)
        assert rows(target) == before


def test_a_move_that_fails_leaves_the_new_store_empty(tmp_path, examined, monkeypatch):
    with Store.open(str(tmp_path / "a.db")) as source, Store.open(str(tmp_path / "b.db")) as target:
        fill(source, examined)

        def fail(*_):
            raise StoreError("the cable was pulled")

        monkeypatch.setattr("monitor.store.move.put_transcript", fail)
        with pytest.raises(StoreError, match="cable"):
            move(source, target)
        assert target.count() == 0


def test_the_commands(tmp_path, examined, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Store.open("heard.db") as store:
        fill(store, examined)

    def told(*arguments):
        run = CliRunner().invoke(app, ["store", *arguments])
        return run.exit_code, run.output

    assert told("backup", "copy.db")[1].startswith("copy.db  0.")
    assert told("migrate", "new.db") == (0, "5 calls copied into new.db; heard.db is as it was.\n")
    assert told("migrate", "heard.db")[0] == 1
    assert "which is the newest" in told("migrate")[1]
    assert "There is no store" in told("check", "--store", "none.db")[1]
