"""A store of schema 0001 is brought to the newest, with nothing lost and everything new filled in."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from reports import make_report
from sqlalchemy import text

from monitor.store import Filters, Store, choices, figures_over, glance, kinds_over, moments_of, queue
from monitor.store.engine import connect, parse_url, transaction

CALL_COLUMNS = (
    "call_id, source, content_sha256, analyzed_at, started_at, agent_name, team, language, duration_s, layout, agent_side,"
    " role_confidence, outcome, recovered, contact_value, peak_frustration, end_frustration, critical_missed, minor_missed,"
    " handled, empathy_rate, partial, lost_s, heard_version, rules_version"
)


@pytest.fixture
def old_store(url):
    """The address of a store as version 0.1.0 wrote it, with two calls."""
    from alembic import command
    from alembic.config import Config

    engine = connect(parse_url(url))
    with transaction(engine, write=True) as connection:
        config = Config()
        config.set_main_option("script_location", "monitor:store/migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for call_id, started in (("kettle", datetime(2026, 3, 1, 9, 30)), ("pan", None)):
            _insert(connection, make_report(call_id), started)
    engine.dispose()
    return url


def _insert(connection, report, started):
    summary = report.summary
    values = {
        "call_id": report.call_id, "source": report.source, "content_sha256": report.call_id,
        "analyzed_at": datetime(2026, 3, 2, 17, 0), "started_at": started, "agent_name": "Kim", "team": "North",
        "language": "en", "duration_s": 28.0, "layout": "stereo", "agent_side": "left", "role_confidence": 0.97,
        "partial": False, "lost_s": 0.0, "heard_version": "0.1.0", "rules_version": "default",
        **summary.model_dump(exclude={"effort"}),
    }  # fmt: skip
    if connection.dialect.name == "sqlite":
        values |= {name: value and str(value) for name, value in values.items() if isinstance(value, datetime)}
    names = ", ".join(f":{name}" for name in CALL_COLUMNS.replace(" ", "").split(","))
    connection.execute(text(f"INSERT INTO calls ({CALL_COLUMNS}) VALUES ({names})"), values)
    connection.execute(
        text("INSERT INTO reports VALUES (:call_id, :json)"), {"call_id": report.call_id, "json": report.to_json()}
    )
    for position, turn in enumerate(report.turns):
        connection.execute(
            text("INSERT INTO turns VALUES (:c, :p, :speaker, :start_s, :end_s, :text, '{}', NULL)"),
            {"c": report.call_id, "p": position, **turn.model_dump(include={"speaker", "start_s", "end_s", "text"})},
        )
    for position, moment in enumerate(report.moments):
        connection.execute(
            text(
                "INSERT INTO moments (call_id, position, kind, verdict, severity, start_s, end_s, confidence, quote, why)"
                " VALUES (:c, :p, :kind, :verdict, :severity, :start_s, :end_s, :confidence, :quote, :why)"
            ),
            {
                "c": report.call_id,
                "p": position,
                **moment.model_dump(exclude={"turn", "opening_turn", "response"}),
            },
        )


def test_an_old_store_becomes_what_a_new_one_would_be(old_store, tmp_path):
    from monitor.store import CallDetails

    with Store.open(old_store) as old, Store.open(str(tmp_path / "new.db")) as new:
        for call_id, started in (("kettle", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)), ("pan", None)):
            details = CallDetails(started_at=started, agent_name="Kim", team="North")
            new.save(make_report(call_id), content_sha256=call_id, details=details)
        migrated, fresh = glance(old, "kettle"), glance(new, "kettle")
        assert migrated == fresh
        assert old.load("kettle") == new.load("kettle")
        assert moments_of(old, "kettle") == moments_of(new, "kettle")
        assert glance(old, "pan").called_at == datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
        assert queue(old, Filters(text="kettle leaks")).total == 2
        assert sum(count.n for count in kinds_over(old, Filters())) == 6
        assert figures_over(old, Filters()) == figures_over(new, Filters())
        assert choices(old).since.isoformat() == "2026-03-01"
        assert queue(old, Filters(repeat_contact=True)).total == 2


def test_a_migrated_store_goes_on(old_store):
    with Store.open(old_store) as store:
        store.save(make_report(moments=()), content_sha256="kettle")
        assert sum(count.n for count in kinds_over(store, Filters())) == 3
        assert glance(store, "kettle").agent_name == "Kim"


def test_a_call_that_was_indexed_in_parts_becomes_one_row_in_sqlite(tmp_path):
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    whole_calls = import_module("monitor.store.migrations.versions.0010_whole_calls")
    with Store.open(str(tmp_path / "calls.db")) as store:
        store.save(make_report("kettle"), content_sha256="kettle")
        with store.transaction(write=True) as connection:
            # As a long call was kept: so many tokens in a row, and the next in another.
            connection.execute(text("INSERT INTO transcripts (id, call_id) VALUES (7, 'kettle')"))
            connection.execute(text("INSERT INTO transcript_tokens (rowid, tokens) VALUES (7, 'zebra ¶')"))
            with Operations.context(MigrationContext.configure(connection)):
                whole_calls.upgrade()
            assert connection.execute(text("SELECT count(*) FROM transcripts")).scalar() == 1
            assert connection.execute(text("SELECT count(*) FROM transcript_tokens")).scalar() == 1
        assert queue(store, Filters(text="kettle leaks")).total == 1
        assert queue(store, Filters(text="zebra")).total == 0  # made anew from the turns, which do not say it
