"""`heard rules apply`: stored calls follow changed rules as if they had been analysed by them, and nothing else of them changes."""

import pytest
from fake_encoder import FakeDialogue, FakeEncoder
from sqlalchemy import text
from test_rejudge import spoken
from typer.testing import CliRunner

from audio.facts import Word
from monitor.analyze import Analyzer
from monitor.cli.app import app
from monitor.listener import Settled
from monitor.rejudge import Rejudge, Tally, rejudge_all
from monitor.settings import Settings
from monitor.store import Filters, Store, figures_over, moments_of, queue, review
from monitor.store.rejudged import judgeable, outdated, record_rules

CARELESS = {"careless": {"role": "agent", "says": ["policy"], "severity": "critical"}}
LINES = (
    ("agent", "Thanks for calling. How can I help?"),
    ("customer", "The kettle leaks, and I have been waiting since Monday."),
    ("agent", "It is our policy to wait for ten days."),
    ("customer", "Then I will take it back to the shop."),
)
TABLES = (
    "calls",
    "reports",
    "turns",
    "moments",
    "frustration_points",
    "sounds",
    "tallies",
    "call_tallies",
    "kept",
    "words",
)


def analyzer(rules=None, moments=None):
    made = Analyzer(Settings(rules=rules or {}, moments=moments or {}))
    made.encoder, made.dialogue = FakeEncoder(), FakeDialogue()
    return made


@pytest.fixture(scope="module")
def calls():
    """Three calls, heard."""
    found = []
    for number in range(3):
        call = spoken(*LINES[: 2 + number], ("customer", f"Number {number} it is."))
        words = (Word(text="Thanks", start_s=0.1, end_s=0.4), Word(text="for", start_s=0.4, end_s=0.5))
        turns = (call.facts.turns[0].model_copy(update={"words": words}), *call.facts.turns[1:])
        facts = call.facts.model_copy(update={"turns": turns})
        found.append(call.model_copy(update={"call_id": f"call-{number}", "facts": facts}))
    return found


def save(store, calls, by):
    for call in calls:
        examined = by.rejudge(by.understand(call))
        store.save(examined.report, content_sha256="a", mentions=examined.mentions, kept=examined.kept)
    record_rules(store, by.rules.fingerprint, by.rules.to_json())


def contents(store):
    """Every row, but for the time of the analysis."""
    with store.transaction(write=False) as connection:
        found = {table: connection.execute(text(f"SELECT * FROM {table}")).mappings().all() for table in TABLES}
    return {
        table: sorted(repr({name: value for name, value in row.items() if name != "analyzed_at"}) for row in rows)
        for table, rows in found.items()
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"rules": CARELESS},
        {"moments": {"unacknowledged_frustration": {"missed_at": 0.0}}},
        {"moments": {"background_distress": {"labels": ["laughter"]}, "rushed_close": {"enabled": False}}},
    ],
)
def test_it_is_as_if_the_calls_had_been_analysed_by_the_new_rules(store, calls, changed):
    save(store, calls, analyzer())
    by = analyzer(**changed)
    assert Rejudge(store, by).batch([call.call_id for call in calls]) == Tally(judged=3)
    assert outdated(store, by.rules.fingerprint) == 0
    got = contents(store)
    save(store, calls, by)
    expected = contents(store)
    for table in TABLES:
        assert got[table] == expected[table], table
    assert store.load("call-0").turns[0].words == calls[0].facts.turns[0].words


def test_what_stands_is_not_found_again(store, calls):
    save(store, calls, analyzer())
    report = store.load("call-0", words=False)
    settled = Rejudge(store, analyzer(CARELESS))._settled(report)
    assert "careless" not in settled.kinds
    assert "rushed_close" in settled.kinds
    assert (settled.turns, settled.frustration) == (report.turns, report.frustration)
    louder = analyzer(moments={"background_distress": {"labels": ["laughter"]}})
    settled = Rejudge(store, louder)._settled(report)
    assert settled == Settled(), "other sounds count as distress: the curve may be another, and with it any kind"


@pytest.mark.parametrize("made", [{"rules": "rules that nobody knows"}, {"heard": "0.0.1"}])
def test_nothing_stands_that_was_judged_otherwise(store, calls, made):
    save(store, calls, analyzer())
    report = store.load("call-0")
    other = report.model_copy(update={"provenance": report.provenance.model_copy(update=made)})
    settled = Rejudge(store, analyzer(CARELESS))._settled(other)
    assert settled is None or not (settled.kinds or settled.turns)


def test_what_reviewers_said_stands(store, calls):
    save(store, calls, analyzer(CARELESS))
    subject = next(one for one in moments_of(store, "call-2") if one.kind == "careless").subject
    review(store, "call-2", subject, "dismiss", reviewer="ann")
    critical = queue(store, Filters()).rows
    by = analyzer({**CARELESS, "another": {"says": ["kettle"], "severity": "minor"}})
    Rejudge(store, by).batch([call.call_id for call in calls])
    standing = {one.kind: one.decision for one in moments_of(store, "call-2")}
    assert standing["careless"] == "dismiss"
    assert "another" in standing
    before = {row.call_id: row.critical_missed for row in critical}
    assert {row.call_id: row.critical_missed for row in queue(store, Filters()).rows} == before
    assert figures_over(store, Filters())[0].calls == 3


def test_a_call_that_was_analysed_meanwhile_is_left_alone(store, calls, monkeypatch):
    save(store, calls, analyzer())
    judging = Rejudge(store, analyzer(CARELESS))
    one = judging._one

    def while_another_analyses(call):
        if call.report.call_id == "call-1":
            save(store, calls[1:2], analyzer())
        return one(call)

    monkeypatch.setattr(judging, "_one", while_another_analyses)
    assert judging.batch([call.call_id for call in calls]) == Tally(judged=2, skipped=1)
    assert outdated(store, analyzer(CARELESS).rules.fingerprint) == 1


def test_a_report_that_does_not_fit_is_named_and_the_others_are_judged(store, calls):
    save(store, calls, analyzer())
    with store.transaction(write=True) as connection:
        connection.execute(text("UPDATE reports SET json = '{\"turns\": 3}' WHERE call_id = 'call-1'"))
    tally = Rejudge(store, analyzer(CARELESS)).batch([call.call_id for call in calls])
    assert (tally.judged, tally.failed) == (2, ("call-1",))
    assert judgeable(store, ["call-1"]) == ([], ["call-1"])


def test_the_command_judges_what_is_outdated_and_says_so(url, calls, tmp_path):
    with Store.open(url) as store:
        save(store, calls, analyzer())
    config = tmp_path / "heard.toml"
    config.write_text('[rules.careless]\nrole = "agent"\nsays = ["policy"]\n')
    asked = ["rules", "apply", "--store", url, "--config", str(config), "-j", "1"]
    first, second = (CliRunner().invoke(app, asked) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert "3 calls judged anew" in first.output
    assert "Every stored call is judged by the rules in force." in second.output


def test_processes_share_the_work(tmp_path, calls, monkeypatch):
    url = str(tmp_path / "heard.db")
    with Store.open(url) as store:
        save(store, calls, analyzer())
    monkeypatch.setattr("monitor.rejudge.BATCH", 1)
    told = []
    done = rejudge_all(
        Settings(store=url, rules=CARELESS), workers=2, progress=lambda tally, total: told.append((tally.done, total))
    )
    assert done == Tally(judged=3)
    assert told == [(1, 3), (2, 3), (3, 3)]
