"""One job in, one outcome out: what is saved, under which id, and what is written down where there is nothing to save."""

import threading
from datetime import UTC, datetime

import pytest
from scripted_archive import ScriptedExaminer, make_archive
from sqlalchemy import update

from audio.errors import ModelMissing, StoreError
from monitor.archive import outcome as outcomes
from monitor.archive import work
from monitor.archive.files import Unreachable
from monitor.archive.make import make_of
from monitor.archive.sources import Listing
from monitor.rules import load_rules
from monitor.settings import Settings
from monitor.store import Filters, Store, glance, queue, runs
from monitor.store.job_records import Asked, Item, Make
from monitor.store.jobs import TakenOver, claim, compare, counts, enqueue, judged_anew, lines, release
from monitor.store.records import CallDetails
from monitor.store.tables import Call

MAKE = Make(models="ears-1", rules="rules-1")


@pytest.fixture
def examiner(tmp_path, monkeypatch):
    monkeypatch.setenv("SCRIPTED_NOTES", str(tmp_path / "notes"))
    return ScriptedExaminer(Settings())


@pytest.fixture
def do(store, examiner):
    """Does all jobs that there are for some items; gives the outcomes by the name of the file."""

    def run(items, make=MAKE):
        enqueue(store, list(items), make)
        outcomes = {}
        while job := claim(store, "w", make):
            outcomes[job.source.rpartition("/")[2]] = work.carry_out(job, examiner, store)
        return outcomes

    return run


def heard(tmp_path):
    notes = tmp_path / "notes"
    return notes.read_text().splitlines() if notes.exists() else []


def test_a_call_is_saved_with_what_is_known_of_it(store, do, tmp_path):
    archive = make_archive(tmp_path / "calls", kettle="sound")
    [item] = Listing([str(archive)])
    item = item.model_copy(
        update={
            "details": CallDetails(agent_name="Kim", team="North", direction="inbound"),
            "asked": Asked(agent="left"),
        }
    )
    [outcome] = do([item]).values()
    assert (outcome.ended, outcome.call_id, outcome.duration_s) == ("done", "kettle", 30.0)
    seen = glance(store, "kettle")
    assert (seen.agent_name, seen.team) == ("Kim", "North")
    assert store.load("kettle").source == str(archive / "kettle.wav")
    assert store.load("kettle").channels.agent == "left"
    assert store.waveform("kettle") is not None
    [run] = runs(store).rows
    assert (run.outcome, run.call_id, run.duration_s) == ("analysed", "kettle", 30.0)


def test_what_cannot_be_analysed_fails_at_once_with_its_reason(store, do, tmp_path):
    archive = make_archive(tmp_path / "calls", bad="broken")
    [outcome] = do(Listing([str(archive)])).values()
    assert outcome.ended == "failed"
    assert lines(store, ["failed"])[0].reason == f"{archive}/bad.wav is not a recording; export it again."
    assert runs(store).rows[0].outcome == "failed"
    assert store.count() == 0


def test_a_file_that_has_gone_fails(do):
    [outcome] = do([Item(source="/nowhere/gone.wav")]).values()
    assert (outcome.ended, outcome.reason) == (
        "failed",
        "/nowhere/gone.wav does not exist any more; list the archive again.",
    )


def test_the_unexpected_is_tried_three_times_and_then_put_aside(store, do, tmp_path):
    archive = make_archive(tmp_path / "calls", bug="bug")
    [outcome] = do(Listing([str(archive)])).values()  # of the last attempt
    assert outcome.ended == "quarantined"
    assert "failed unexpectedly (ZeroDivisionError: division by zero); tried 3 times." in outcome.reason
    assert heard(tmp_path) == ["heard bug.wav"] * 3
    assert [run.outcome for run in runs(store).rows] == ["failed"] * 3


def test_calls_that_are_named_alike_get_ids_of_their_own(store, do, tmp_path):
    for day in ("monday", "tuesday"):
        make_archive(tmp_path / day, one=day)
    outcomes = do([*Listing([str(tmp_path / "monday"), str(tmp_path / "tuesday")])])
    ids = {call.call_id for call in store.list()}
    assert "one" in ids
    assert len(ids) == 2
    assert all(call_id.startswith("one") for call_id in ids)
    assert set(outcomes) == {"one.wav"}


def test_the_same_recording_is_heard_once_wherever_it_lies(store, do, tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.wav").write_text("sound\nthe same")
    outcomes = do(Listing([str(tmp_path / "*.wav")]))
    assert sorted(outcome.ended for outcome in outcomes.values()) == ["done", "same"]
    assert {outcome.call_id for outcome in outcomes.values()} == {store.list()[0].call_id}
    assert len(heard(tmp_path)) == 1
    assert counts(store)["done"] == 2


def test_calls_that_were_given_ids_are_calls_of_their_own(store, do, tmp_path):
    items = []
    for name in ("one", "two"):
        (tmp_path / f"{name}.wav").write_text("sound\nthe same")
        items.append(Item(source=str(tmp_path / f"{name}.wav"), asked=Asked(call_id=f"id-{name}")))
    do(items)
    assert {call.call_id for call in store.list()} == {"id-one", "id-two"}


def test_an_id_that_was_given_twice_is_refused_for_the_second(do, tmp_path):
    archive = make_archive(tmp_path / "calls", one="sound", two="sound")
    items = [item.model_copy(update={"asked": Asked(call_id="same")}) for item in Listing([str(archive)])]
    outcomes = do(items)
    assert (outcomes["one.wav"].ended, outcomes["two.wav"].ended) == ("done", "failed")
    assert "was given the call id same, which the store already has for" in outcomes["two.wav"].reason


def test_what_was_judged_anew_beside_the_queue_is_not_by_the_queue(store, do, tmp_path):
    items = [*Listing([str(make_archive(tmp_path / "calls", one="sound", two="sound", bad="broken"))])]
    do(items)
    changed = MAKE.model_copy(update={"rules": "rules-2"})
    with store.transaction(write=True) as connection:
        connection.execute(update(Call).where(Call.call_id == "one").values(rules_version="rules-2"))
    assert judged_anew(store, "rules-2") == 1
    assert compare(store, items, changed) == {"done": 1, "changed": 1, "failed": 1}
    assert list(do(items, changed)) == ["two.wav"]


def test_a_file_that_was_replaced_replaces_its_call(store, do, tmp_path):
    archive = make_archive(tmp_path / "calls", one="sound")
    do(Listing([str(archive)]))
    (archive / "one.wav").write_text("sound\nanother recording")
    outcomes = do(Listing([str(archive)]))
    assert outcomes["one.wav"].ended == "done"
    assert [call.call_id for call in store.list()] == ["one"]
    assert queue(store, Filters()).total == 1


def test_a_lease_that_was_lost_keeps_the_call_out_of_the_store(store, examiner, tmp_path):
    archive = make_archive(tmp_path / "calls", one="sound")
    enqueue(store, list(Listing([str(archive)])), MAKE)
    mine = claim(store, "mine", MAKE)
    release(store, "mine")
    theirs = claim(store, "theirs", MAKE)
    outcome = work.carry_out(mine, examiner, store)
    assert outcome.ended == "taken"
    assert store.count() == 0
    assert runs(store).total == 0
    assert work.carry_out(theirs, examiner, store).ended == "done"


def test_settling_fails_with_the_save_and_the_save_with_settling(store, examiner, tmp_path, monkeypatch):
    """The report and the word that it is done are one transaction: where the second fails, the first is not there."""
    archive = make_archive(tmp_path / "calls", one="sound")
    enqueue(store, list(Listing([str(archive)])), MAKE)
    job = claim(store, "w", MAKE)

    def fails(*_, **__):
        raise TakenOver("Somebody else has it.")

    monkeypatch.setattr(outcomes, "settle", fails)
    assert work.carry_out(job, examiner, store).ended == "taken"
    assert store.count() == 0
    assert counts(store)["running"] == 1


def test_a_missing_model_stops_the_work_and_is_no_call_s_fault(store, examiner, tmp_path, monkeypatch):
    def examine(*_):
        raise ModelMissing("The model is not installed.")

    monkeypatch.setattr(examiner, "examine", examine)
    enqueue(store, list(Listing([str(make_archive(tmp_path / "calls", one="sound"))])), MAKE)
    outcome = work.carry_out(claim(store, "w", MAKE), examiner, store)
    assert (outcome.ended, outcome.reason) == ("stopped", "The model is not installed.")
    assert counts(store)["running"] == 1


def test_what_is_out_of_reach_is_tried_again_later(store, examiner, monkeypatch):
    def unreachable(_):
        raise Unreachable("s3://calls/one.wav could not be fetched: timed out.")

    monkeypatch.setattr(work, "fetched", unreachable)
    enqueue(store, [Item(source="s3://calls/one.wav")], MAKE)
    outcome = work.carry_out(claim(store, "w", MAKE), examiner, store)
    assert outcome.ended == "again"
    assert counts(store)["waiting"] == 1
    assert claim(store, "w", MAKE) is None  # not before some seconds have passed


def test_a_store_that_comes_back_is_waited_for(monkeypatch):
    monkeypatch.setattr(outcomes, "_ASK_AGAIN_S", 0.0)
    answers = iter([StoreError("gone"), StoreError("gone"), "saved"])

    def save():
        answer = next(answers)
        if isinstance(answer, StoreError):
            raise answer
        return answer

    assert outcomes.patiently(save) == "saved"
    with pytest.raises(StoreError, match="gone"):
        outcomes.patiently(lambda: (_ for _ in ()).throw(StoreError("gone")), patience_s=-1.0)


def test_the_make_changes_with_the_model_and_with_the_rules():
    def make(**settings):
        read = Settings(**settings)
        return make_of(read, load_rules(read.moments, read.rules))

    plain = make()
    assert make() == plain
    assert make(model="tiny.en").models != plain.models
    assert make(model="tiny.en").rules == plain.rules
    stricter = make(moments={"unexplained_hold": {"silence_s": 15}})
    assert stricter.rules != plain.rules
    assert stricter.models == plain.models


def test_a_store_that_was_deleted_takes_no_call(tmp_path, examiner, monkeypatch):
    monkeypatch.setattr(outcomes.patiently, "__defaults__", (0.0,))
    with Store.open(str(tmp_path / "heard.db")) as store:
        enqueue(store, list(Listing([str(make_archive(tmp_path / "calls", one="sound"))])), MAKE)
        job = claim(store, "w", MAKE)
        (tmp_path / "heard.db").unlink()
        outcome = work.carry_out(job, examiner, store)
    assert outcome.ended == "stopped"
    assert "was moved or deleted while in use" in outcome.reason


def test_a_changed_rule_is_judged_anew_without_hearing(store, do, examiner, tmp_path):
    archive = make_archive(tmp_path / "calls", one="sound")
    do(Listing([str(archive)]))
    (archive / "one.wav").rename(tmp_path / "away.wav")  # nothing of it is read again
    [item] = [Item(source=str(archive / "one.wav"), stamp=row_stamp(store))]
    examiner.rules = load_rules({"unexplained_hold": {"silence_s": 15}}, {})
    [outcome] = do([item], Make(models="ears-1", rules="rules-2")).values()
    assert (outcome.ended, outcome.call_id) == ("judged", "one")
    assert heard(tmp_path) == ["heard one.wav", "judged one"]
    assert store.load("one").provenance.rules == examiner.rules.fingerprint
    assert store.load("one").source == item.source
    assert store.waveform("one") is not None
    assert [run.call_id for run in runs(store).rows] == ["one", "one"]


def row_stamp(store):
    with store.transaction(write=False) as connection:
        return connection.exec_driver_sql("SELECT stamp FROM jobs").scalar()


def test_changed_models_hear_anew(do, tmp_path):
    archive = make_archive(tmp_path / "calls", one="sound")
    do(Listing([str(archive)]))
    [outcome] = do(Listing([str(archive)]), Make(models="ears-2", rules="rules-1")).values()
    assert outcome.ended == "done"
    assert heard(tmp_path) == ["heard one.wav"] * 2


def test_what_is_known_of_a_call_may_change_without_hearing_it(store, do, tmp_path):
    archive = make_archive(tmp_path / "calls", one="sound")
    [item] = Listing([str(archive)])
    do([item])
    do([item.model_copy(update={"details": CallDetails(team="North")})])
    assert glance(store, "one").team == "North"
    assert heard(tmp_path) == ["heard one.wav", "judged one"]


def test_a_call_that_was_taken_out_of_the_store_is_heard_anew(store, do, tmp_path):
    archive = make_archive(tmp_path / "calls", one="sound")
    do(Listing([str(archive)]))
    with store.transaction(write=True) as connection:
        connection.exec_driver_sql("DELETE FROM calls")
    [outcome] = do(Listing([str(archive)]), Make(models="ears-1", rules="rules-2")).values()
    assert outcome.ended == "done"
    assert store.count() == 1


def test_a_recording_that_lies_in_two_places_is_judged_anew_once(store, do, examiner, tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.wav").write_text("sound\nthe same")
    do(Listing([str(tmp_path / "*.wav")]))
    examiner.rules = load_rules({"unexplained_hold": {"silence_s": 15}}, {})
    outcomes = do(Listing([str(tmp_path / "*.wav")]), Make(models="ears-1", rules="rules-2"))
    assert sorted(outcome.ended for outcome in outcomes.values()) == ["judged", "same"]
    [call] = store.list()
    assert sorted(line.split()[0] for line in heard(tmp_path)) == ["heard", "judged"]
    assert store.load(call.call_id).provenance.rules == examiner.rules.fingerprint


def test_two_calls_of_one_name_that_are_saved_at_the_same_time_are_both_kept(url, tmp_path, monkeypatch):
    monkeypatch.setenv("SCRIPTED_NOTES", str(tmp_path / "notes"))
    for day in ("monday", "tuesday"):
        make_archive(tmp_path / day, one=day)
    together = threading.Barrier(2)

    class Together(ScriptedExaminer):
        def examine(self, *arguments):
            examined = super().examine(*arguments)
            together.wait()
            return examined

    def do(name):
        with Store.open(url) as own:
            outcomes.append(work.carry_out(claim(own, name, MAKE), Together(Settings()), own).ended)

    outcomes = []
    with Store.open(url) as store:
        enqueue(store, list(Listing([str(tmp_path / "monday"), str(tmp_path / "tuesday")])), MAKE)
        threads = [threading.Thread(target=do, args=(name,)) for name in ("v", "w")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes == ["done", "done"]
        assert {call.source for call in store.list()} == {
            str(tmp_path / day / "one.wav") for day in ("monday", "tuesday")
        }


def test_a_worker_that_dies_when_all_was_done_has_done_it(store, examiner, tmp_path):
    enqueue(store, list(Listing([str(make_archive(tmp_path / "calls", one="sound"))])), MAKE)
    job = claim(store, "w", MAKE)
    work.carry_out(job, examiner, store)
    outcome = outcomes.faulted(job, store, "It crashed its worker.", "rules-1", datetime.now(UTC))
    assert outcome.ended == "done"
    assert counts(store)["done"] == 1


def test_a_copy_that_becomes_another_recording_leaves_the_first_one_s_call_alone(store, do, tmp_path):
    for day in ("monday", "tuesday"):
        (tmp_path / day).mkdir()
        (tmp_path / day / "one.wav").write_text("sound\nthe same")
    archive = [str(tmp_path / "monday"), str(tmp_path / "tuesday")]
    do(Listing(archive))
    assert [call.source for call in store.list()] == [str(tmp_path / "monday" / "one.wav")]
    (tmp_path / "tuesday" / "one.wav").write_text("sound\nsomething else")
    do(Listing(archive))
    (tmp_path / "tuesday" / "one.wav").write_text("sound\nsomething else again")
    do(Listing(archive))
    assert sorted(call.source for call in store.list()) == [
        str(tmp_path / day / "one.wav") for day in ("monday", "tuesday")
    ]


def test_a_job_is_put_back_without_blame_unless_it_is_settled(store, examiner, tmp_path):
    enqueue(store, list(Listing([str(make_archive(tmp_path / "calls", one="sound"))])), MAKE)
    outcomes.put_back(claim(store, "w", MAKE), store, "Its machine was lost.")
    job = claim(store, "w", MAKE)
    assert (job.attempts, job.faults) == (2, 0)
    work.carry_out(job, examiner, store)
    outcomes.put_back(job, store, "Its machine was lost.")
    assert counts(store)["done"] == 1
