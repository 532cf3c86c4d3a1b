"""The queue in the store, on SQLite and on PostgreSQL: what is to be done is done once, by one worker, and nothing is forgotten."""

import threading
from collections import Counter

import pytest
from sqlalchemy import text

from monitor.store import Store
from monitor.store.job_records import Asked, Item, Make
from monitor.store.jobs import (
    MOST_ATTEMPTS,
    TakenOver,
    beat,
    claim,
    compare,
    counts,
    enqueue,
    hold,
    lines,
    release,
    retry_failed,
    same_recording,
    settle,
    workers,
)
from monitor.store.records import CallDetails

MAKE = Make(models="ears-1", rules="rules-1")
A, B = Item(source="/calls/a.wav", stamp="1"), Item(source="/calls/b.wav", stamp="1")


def finish(store, job, state="done", **about):
    with store.transaction(write=True) as connection:
        assert hold(connection, job) == "running"
        settle(connection, job, state, **about)


def states(store):
    return {state: n for state, n in counts(store).items() if n}


@pytest.fixture
def done(store):
    """A store whose one call, A, is done."""
    enqueue(store, [A], MAKE)
    finish(store, claim(store, "w", MAKE), content_sha256="aa", call_id="a")
    return store


def test_a_call_is_queued_once_however_often_it_is_listed(store):
    assert enqueue(store, [A, B, A], MAKE) == 2
    assert enqueue(store, [B, A], MAKE) == 0
    assert enqueue(store, [], MAKE) == 0
    assert states(store) == {"waiting": 2}


def test_calls_are_given_in_the_order_of_the_archive_and_each_once(store):
    enqueue(store, [A, B], MAKE)
    jobs = [claim(store, "w", MAKE) for _ in range(3)]
    assert [job and job.source for job in jobs] == [A.source, B.source, None]
    assert workers(store) == ("w",)


def test_what_was_said_of_a_call_comes_with_it(store):
    item = Item(source="/c.wav", asked=Asked(call_id="c", agent="left"), details=CallDetails(team="North"))
    enqueue(store, [item], MAKE)
    job = claim(store, "w", MAKE)
    assert (job.asked, job.details, job.attempts) == (item.asked, item.details, 1)


@pytest.mark.parametrize(
    ("item", "make", "heard_by"),
    [
        (A, MAKE, None),
        (A, Make(models="ears-1", rules="rules-2"), "ears-1"),
        (A, Make(models="ears-2", rules="rules-1"), "ears-1"),
        (A.model_copy(update={"details": CallDetails(team="North")}), MAKE, "ears-1"),
        (A.model_copy(update={"stamp": "2"}), MAKE, ""),
        (A.model_copy(update={"asked": Asked(agent="left")}), MAKE, ""),
    ],
)
def test_what_is_done_is_begun_again_only_where_something_has_changed(done, item, make, heard_by):
    assert compare(done, [item], make) == {"done" if heard_by is None else "changed": 1}
    assert enqueue(done, [item], make) == (heard_by is not None)
    if heard_by is None:
        assert states(done) == {"done": 1}
    else:
        job = claim(done, "w", make)
        assert (job.known_as, job.heard_by) == ("a", heard_by)


def test_what_failed_is_left_alone_until_its_file_or_the_models_change_or_somebody_says_so(store):
    enqueue(store, [A], MAKE)
    finish(store, claim(store, "w", MAKE), "failed", reason="It is no recording.")
    [line] = lines(store, ["failed", "quarantined"])
    assert (line.source, line.reason) == (A.source, "It is no recording.")
    assert enqueue(store, [A], Make(models="ears-1", rules="rules-2")) == 0
    assert retry_failed(store, MAKE) == 1
    assert states(store) == {"waiting": 1}
    finish(store, claim(store, "w", MAKE), "quarantined", reason="It hung.")
    assert enqueue(store, [A], Make(models="ears-2", rules="rules-1")) == 1
    assert states(store) == {"waiting": 1}


def test_calls_queued_for_other_models_are_left_to_those_who_have_them(store):
    enqueue(store, [A], MAKE)
    assert claim(store, "w", Make(models="ears-2", rules="rules-1")) is None
    assert claim(store, "w", MAKE)


def run_out(store):
    with store.transaction(write=True) as connection:
        connection.execute(text("UPDATE jobs SET until_s = 1 WHERE state = 'running'"))


def test_the_lease_of_a_silent_worker_runs_out_and_of_a_living_one_does_not(store):
    enqueue(store, [A, B], MAKE)
    silent, living = claim(store, "silent", MAKE), claim(store, "living", MAKE)
    run_out(store)
    beat(store, "living")
    again = claim(store, "other", MAKE)
    assert (again.source, again.attempts) == (silent.source, 2)
    assert claim(store, "other", MAKE) is None
    with pytest.raises(TakenOver), store.transaction(write=True) as connection:
        hold(connection, silent)
    finish(store, living, call_id="b")
    finish(store, again, call_id="a")
    assert states(store) == {"done": 2}


def test_one_worker_that_gets_the_same_call_twice_holds_only_the_second_lease(store):
    enqueue(store, [A], MAKE)
    first = claim(store, "w", MAKE)
    release(store, "w")
    with pytest.raises(TakenOver), store.transaction(write=True) as connection:
        hold(connection, first)
    second = claim(store, "w", MAKE)
    with pytest.raises(TakenOver), store.transaction(write=True) as connection:
        hold(connection, first)
    finish(store, second, call_id="a")
    with store.transaction(write=True) as connection:
        assert (
            hold(connection, second) == "done"
        )  # settled already: a lost answer to COMMIT is no reason to do it again


def test_a_call_whose_workers_vanish_every_time_is_quarantined(store):
    enqueue(store, [A], MAKE)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert claim(store, f"w{attempt}", MAKE).attempts == attempt
        assert release(store, f"w{attempt}") == 1
    assert claim(store, "w", MAKE) is None
    assert lines(store, ["quarantined"])[0].reason == "Its workers vanished without a word 10 times."


def test_another_attempt_waits_until_its_time(store):
    enqueue(store, [A], MAKE)
    finish(store, claim(store, "w", MAKE), "waiting", fault=True, not_before_s=1000.0)
    assert claim(store, "w", MAKE) is None
    with store.transaction(write=True) as connection:
        connection.execute(text("UPDATE jobs SET until_s = until_s - 1001"))
    assert claim(store, "w", MAKE).faults == 1


def test_the_same_recording_under_another_name_is_found(done):
    enqueue(done, [B], MAKE)
    job = claim(done, "w", MAKE)
    with done.transaction(write=True) as connection:
        assert same_recording(connection, job, "aa") == "a"
        assert same_recording(connection, job, "bb") is None
        other = job.model_copy(update={"make": Make(models="ears-2", rules="rules-1")})
        assert same_recording(connection, other, "aa") is None


def test_many_workers_at_once_are_each_given_their_own(url):
    items = [Item(source=f"/calls/{n:03}.wav") for n in range(60)]
    with Store.open(url) as store:
        enqueue(store, items, MAKE)
    given, errors = Counter(), []
    begin = threading.Barrier(4)

    def work(name):
        try:
            with Store.open(url) as own:
                begin.wait()
                while job := claim(own, name, MAKE):
                    given[job.source] += 1
                    finish(own, job, call_id=job.source)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert given == dict.fromkeys([item.source for item in items], 1)


def test_two_machines_may_list_the_same_archive_at_once(url):
    items = [Item(source=f"/calls/{n:04}.wav") for n in range(400)]
    Store.open(url).close()
    queued, errors = [], []
    begin = threading.Barrier(2)

    def work(mine):
        try:
            with Store.open(url) as own:
                begin.wait()
                queued.append(sum(enqueue(own, mine[at : at + 50], MAKE) for at in range(0, len(mine), 50)))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in (items, items[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(queued) == 400
