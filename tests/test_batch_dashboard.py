"""The page of runs tells how an archive stands: how many calls wait, are done, have failed, and why."""

import pytest
from dashboard import page, words

from monitor.store import Store
from monitor.store.job_records import Item, Make
from monitor.store.jobs import claim, enqueue, hold, settle

MAKE = Make(models="ears-1", rules="rules-1")


@pytest.fixture
def archive(tmp_path):
    """A store with one call of each sort."""
    path = tmp_path / "heard.db"
    ends = [
        ("done", ""),
        ("failed", "x<b>.wav may not be read by this user; change its permissions."),
        ("quarantined", "It hung."),
    ]
    with Store.open(str(path)) as store:
        enqueue(store, [Item(source=f"/calls/{n}<b>.wav") for n in range(6)], MAKE)
        for state, reason in ends:
            job = claim(store, "w", MAKE)
            with store.transaction(write=True) as connection:
                assert hold(connection, job) == "running"
                settle(connection, job, state, reason=reason)
        claim(store, "w", MAKE)
    return path


def test_the_queue_is_shown_with_what_failed_and_why(archive):
    shown = words(page("runs", archive))
    for expected in ("The archive", "Waiting", "Being analysed", "Put aside", "1&lt;b&gt;.wav", "It hung."):
        assert expected in shown
    assert "x&lt;b&gt;.wav may not be read by this user; change its permissions." in shown
    assert "录音档案" in words(page("runs", archive, language="zh"))


def test_without_an_archive_there_is_no_queue(tmp_path):
    Store.open(str(tmp_path / "heard.db")).close()
    assert "The archive" not in words(page("runs", tmp_path / "heard.db"))
