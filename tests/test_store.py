"""The store: what goes in comes out, whole or not at all, and its failures are sentences."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from reports import any_report, make_report
from sqlalchemy import UniqueConstraint, inspect, text

from audio.errors import StoreError
from monitor.store import CallDetails, Store, saving
from monitor.store.engine import connect, parse_url, transaction
from monitor.store.migrate import HEAD
from monitor.store.tables import Base


@pytest.fixture
def path(tmp_path):
    return tmp_path / "heard.db"


@pytest.fixture
def sqlite_store(path):
    with Store.open(str(path)) as opened:
        yield opened


def rows(store, query):
    with transaction(store._engine, write=False) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(report=any_report)
def test_any_report_comes_back_as_it_was(store, report):
    if "\0" in report.call_id:
        with pytest.raises(StoreError, match="call id that cannot be stored"):
            store.save(report, content_sha256="same")
        return
    store.save(report, content_sha256="same")
    assert store.load(report.call_id) == report
    silent = tuple(turn.model_copy(update={"words": ()}) for turn in report.turns)
    assert store.load(report.call_id, words=False) == report.model_copy(update={"turns": silent})


def test_rows_of_a_call_say_what_the_report_says(store):
    report = make_report()
    store.save(report, content_sha256="a")
    assert rows(store, "SELECT kind, verdict, latency_s FROM moments ORDER BY position") == [
        (m.kind, m.verdict, m.response and m.response.latency_s) for m in report.moments
    ]
    assert rows(store, "SELECT text, frustration FROM turns ORDER BY position") == [
        (t.text, t.frustration) for t in report.turns
    ]
    assert rows(store, "SELECT level, words FROM frustration_points ORDER BY position") == [
        (p.level, p.causes.words) for p in report.frustration
    ]
    assert rows(store, "SELECT label, start_s FROM sounds") == [("child_crying", 10.0)]
    assert rows(store, "SELECT outcome, recovered, critical_missed FROM calls") == [("resolved", True, 1)]


def test_analysing_again_replaces_the_rows_and_keeps_the_details(store):
    started = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    details = CallDetails(started_at=started, agent_name="Kim", team="North")
    store.save(make_report(), content_sha256="a", details=details)
    store.save(make_report(moments=()), content_sha256="a")
    assert rows(store, "SELECT count(*) FROM moments") == [(0,)]
    assert rows(store, "SELECT count(*) FROM turns") == [(6,)]
    (call,) = store.list()
    assert (call.started_at, call.agent_name, call.team) == (started, "Kim", "North")


def test_times_of_other_zones_are_kept_as_the_same_instant(store):
    started = datetime(2026, 3, 1, 9, 30).astimezone()
    store.save(make_report(), content_sha256="a", details=CallDetails(started_at=started))
    assert store.list()[0].started_at == started


def test_another_recording_may_not_take_a_call_id(store):
    store.save(make_report(source="monday.wav"), content_sha256="a")
    other = make_report(source="tuesday.wav", moments=())
    with pytest.raises(StoreError, match=r"tuesday\.wav has the call id kettle.* monday\.wav.*--call-id"):
        store.save(other, content_sha256="b")
    with pytest.raises(StoreError, match=r"monday\.wav"):
        store.check_free("kettle", source="tuesday.wav", content_sha256="b")
    assert store.load("kettle").source == "monday.wav"
    store.save(other, content_sha256="b", replace=True)
    assert store.load("kettle") == other


def test_a_failing_save_leaves_the_earlier_report(store, monkeypatch):
    before = make_report()
    store.save(before, content_sha256="a")
    broken = saving.rows_of

    def with_a_bad_row(report):
        tables = broken(report)
        last = list(tables)[-1]
        tables[last] = [row | {"level": None} for row in tables[last]]
        return tables

    monkeypatch.setattr(saving, "rows_of", with_a_bad_row)
    with pytest.raises(StoreError):
        store.save(make_report(moments=()), content_sha256="a")
    assert store.load("kettle") == before


def test_lists_in_three_orders(store):
    summary = make_report().summary
    for call_id, missed, peak in (("calm", 0, 0.2), ("missed", 4, 0.5), ("angry", 1, 1.0)):
        changed = summary.model_copy(update={"critical_missed": missed, "peak_frustration": peak})
        store.save(make_report(call_id, summary=changed), content_sha256=call_id)
    assert [call.call_id for call in store.list()] == ["angry", "missed", "calm"]
    assert [call.call_id for call in store.list(order="missed")] == ["missed", "angry", "calm"]
    assert [call.call_id for call in store.list(order="frustration", limit=2)] == ["angry", "missed"]
    assert store.count() == 3
    assert datetime.now(UTC) - store.list()[0].analyzed_at < timedelta(minutes=1)


def test_an_unknown_call_is_named_with_those_alike(store):
    store.save(make_report("monday-0012"), content_sha256="a")
    with pytest.raises(StoreError, match=r"no call monday-012.*did you mean monday-0012\?"):
        store.load("monday-012")
    with pytest.raises(StoreError, match=r"`heard list`"):
        store.load("zebra")


def test_the_tables_are_those_that_the_code_knows(store):
    found = inspect(store._engine)
    for table in Base.metadata.tables.values():
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}, table.name
        # PostgreSQL tells the index behind a UNIQUE column as well, and says so; the column itself is compared below.
        made = {i["name"] for i in found.get_indexes(table.name) if "duplicates_constraint" not in i}
        assert made == {i.name for i in table.indexes}, table.name
        unique = {tuple(one["column_names"]) for one in found.get_unique_constraints(table.name)}
        assert unique == {tuple(c.columns.keys()) for c in table.constraints if isinstance(c, UniqueConstraint)}, (
            table.name
        )


def test_head_is_the_newest_migration():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "monitor:store/migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_newer_store_is_refused_and_left_alone(store, url):
    store.save(make_report(), content_sha256="a")
    with transaction(store._engine, write=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer heard \(schema 9999.*update heard"):
        Store.open(url)
    assert rows(store, "SELECT count(*) FROM calls") == [(1,)]


def test_four_programs_may_open_a_new_store_at_once(url):
    failures = []

    def open_it():
        try:
            Store.open(url).close()
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_readers_are_not_kept_waiting_by_a_writer(store, url):
    store.save(make_report(), content_sha256="a")
    engine = connect(parse_url(url))
    with transaction(engine, write=True) as connection:
        connection.execute(text("DELETE FROM calls"))
        assert store.load("kettle").call_id == "kettle"
        connection.rollback()
    engine.dispose()


def test_savers_at_once_take_turns(url):
    def save(number):
        with Store.open(url) as store:
            for _ in range(5):
                store.save(make_report("same" if number % 2 else f"own-{number}"), content_sha256="a")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save, range(4)))
    with Store.open(url) as store:
        assert {call.call_id for call in store.list()} == {"same", "own-0", "own-2"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere/heard.db", r"there is no folder .*nowhere"),
        ("", r"is a folder; name a file in it"),
        ("letter.txt", r"is no store: the file holds something other than a database"),
        ("torn.db", r"is no store|is damaged"),
        ("other.db", r"is a database of something else"),
    ],
)
def test_what_is_no_store_is_refused(tmp_path, name, message):
    (tmp_path / "letter.txt").write_text("Dear customer, " * 100)
    (tmp_path / "torn.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE recipes (name)")
    other.close()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(StoreError, match=message) as raised:
        Store.open(str(tmp_path / name))
    assert str(raised.value).count("\n") == 0
    if name != "other.db":
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    assert [*sqlite3.connect(tmp_path / "other.db").execute("SELECT name FROM sqlite_master")] == [("recipes",)]


def test_a_store_that_is_not_there_is_not_made_by_reading(path):
    with pytest.raises(StoreError, match=r"There is no store at .*heard analyze"):
        Store.open(str(path), create=False)
    assert not path.exists()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://u:secret@h/x", "neither SQLite nor PostgreSQL"),
        ("postgresql://u:secret@127.0.0.1:1/x", "cannot be used: connection"),
        ("://", "neither a path nor a database URL"),
    ],
)
def test_wrong_urls_are_sentences_without_passwords(url, message):
    with pytest.raises(StoreError, match=message) as raised:
        Store.open(url)
    assert "secret" not in str(raised.value)


def test_a_full_disk_loses_nothing(sqlite_store):
    sqlite_store.save(make_report("first"), content_sha256="a")
    engine = sqlite_store._engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        connection.rollback()
    long = make_report("second", turns=tuple(make_report().turns) * 500)
    with pytest.raises(StoreError, match="the disk is full"):
        sqlite_store.save(long, content_sha256="b")
    assert [call.call_id for call in sqlite_store.list()] == ["first"]


def test_a_store_deleted_while_in_use_is_noticed(sqlite_store, path):
    sqlite_store.save(make_report("first"), content_sha256="a")
    path.unlink()
    with pytest.raises(StoreError, match="moved or deleted while in use"):
        sqlite_store.save(make_report("second"), content_sha256="b")


def test_a_store_that_stays_busy_is_a_sentence(path, monkeypatch):
    monkeypatch.setattr("monitor.store.engine.BUSY_TIMEOUT_S", 0.2)
    with Store.open(str(path)) as store:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is busy: another process"):
            store.save(make_report(), content_sha256="a")
        holder.execute("ROLLBACK")
        holder.close()
        store.save(make_report(), content_sha256="a")


def test_a_report_of_another_time_asks_for_a_new_analysis(store):
    store.save(make_report(), content_sha256="a")
    with transaction(store._engine, write=True) as connection:
        connection.execute(text("UPDATE reports SET json = '{}'"))
    with pytest.raises(StoreError, match="analyze the call again"):
        store.load("kettle")
