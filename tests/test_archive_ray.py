"""An archive on a real Ray cluster: a node joins, another is killed in the middle, and every call is done once."""

import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import emptied
from hypothesis import given
from hypothesis import strategies as st
from reports import make_report
from sqlalchemy import select
from typer.testing import CliRunner

from monitor.analyze import Examined
from monitor.archive.batch import Batch
from monitor.archive.crew import CannotWork
from monitor.archive.outcome import put_back
from monitor.archive.processes import Spec
from monitor.archive.ray_crew import WORKERS_A_GPU, RayCrew, room_on
from monitor.cli.app import app
from monitor.rules import default_rules
from monitor.settings import Settings
from monitor.store import Store
from monitor.store.job_records import Item, Make
from monitor.store.job_tables import JobRow
from monitor.store.jobs import claim, counts, enqueue
from monitor.store.more_tables import RunRow

CALLS = 6
MAKE = Make(models="scripted", rules="scripted")
PATIENCE_S = 180.0
"""A busy machine starts a node in a minute."""


class Gated:
    """Analyses nothing: every call has the same report, which is ready when the gate is open."""

    rules = default_rules()

    def __init__(self, settings):
        pass

    def examine(self, path, options, progress):  # noqa: ARG002
        (path.parent / f"worker-{os.getpid()}").touch()
        wait_for((path.parent / "gate").exists)
        return Examined(report=make_report(path.stem))


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.05)


def workers_alive(folder):
    """How many of the processes that have begun a call are still there."""
    numbers = [path.name.partition("-")[2] for path in folder.glob("worker-*")]
    return sum(Path(f"/proc/{number}").exists() for number in numbers)


@contextmanager
def ray_cluster():
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    cluster = cluster_utils.Cluster(
        initialize_head=True, connect=False, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    try:
        yield cluster
    finally:
        cluster.shutdown()


@contextmanager
def working(batch, listing, gate):
    """The batch in a thread; whatever happens, it is at its end before its cluster goes."""
    at_work = threading.Thread(target=batch.run, args=(listing,))
    at_work.start()
    try:
        yield
    finally:
        gate.touch()
        at_work.join(PATIENCE_S)
    assert not at_work.is_alive()


@pytest.mark.cluster
@pytest.mark.timeout(900)
def test_a_node_is_killed_and_every_call_is_done_once(postgresql, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))  # the nodes find `Gated` there
    url = emptied(postgresql)
    for number in range(CALLS):
        (tmp_path / f"call-{number}.json").write_text(f"call {number}", "utf-8")
    listing = [Item(source=str(path)) for path in sorted(tmp_path.glob("*.json"))]
    spec = Spec(Settings(store=url), Gated, tmp_path / "log", threads=1)
    with Store.open(url) as store, ray_cluster() as cluster, RayCrew(spec, cluster.address, threads=1) as crew:
        batch = Batch(store, MAKE, crew)
        with working(batch, listing, tmp_path / "gate"):
            joined = cluster.add_node(num_cpus=1)
            wait_for(lambda: counts(store, MAKE).get("running", 0) == 2)
            wait_for(lambda: workers_alive(tmp_path) == 2)
            cluster.remove_node(joined, allow_graceful=False)
            # A worker outlives its node by a moment, and might finish its call.
            wait_for(lambda: workers_alive(tmp_path) == 1)
        assert batch.status.ended["done"] == CALLS
        assert sorted(call.call_id for call in store.list()) == [f"call-{number}" for number in range(CALLS)]
        with store.transaction(write=False) as connection:
            done = connection.execute(select(RunRow.call_id).where(RunRow.outcome == "analysed")).scalars().all()
            attempts = connection.execute(select(JobRow.attempts)).scalars().all()
        assert sorted(done) == sorted({*done})
        assert len(done) == CALLS
        assert sorted(attempts) == [1] * (CALLS - 1) + [2]


def test_a_call_whose_node_was_lost_is_put_back_without_blame(store, tmp_path):
    enqueue(store, [Item(source=str(tmp_path / "call.wav"))], MAKE)
    job = claim(store, "lost", MAKE)
    assert job is not None
    assert put_back(job, store, "The node is gone.").ended == "again"
    again = claim(store, "other", MAKE)
    assert again is not None
    assert (again.attempts, again.faults) == (2, 0)
    assert put_back(job, store, "The node is gone.").ended == "taken"


def test_a_store_that_nodes_cannot_share_is_refused(tmp_path):
    spec = Spec(Settings(store=str(tmp_path / "heard.db")), Gated, tmp_path / "log", threads=1)
    with pytest.raises(CannotWork, match="postgresql"):
        RayCrew(spec, "auto")


def test_a_cluster_that_is_not_there_is_named(tmp_path):
    spec = Spec(Settings(store="postgresql:///heard"), Gated, tmp_path / "log", threads=1)
    with pytest.raises(CannotWork, match=r"no Ray cluster at 127\.0\.0\.1:1 .*ray start --head"):
        RayCrew(spec, "127.0.0.1:1")


def test_workers_are_not_counted_out_on_a_cluster(tmp_path):
    result = CliRunner().invoke(app, ["batch", str(tmp_path), "--ray", "auto", "--workers", "2"])
    assert result.exit_code == 2
    assert "--workers" in result.output


@given(st.floats(0, 256), st.sampled_from([0.0, 1.0, 2.0, 8.0]), st.integers(1, 8))
def test_workers_fit_on_their_node(cpus, gpus, threads):
    room = room_on(cpus, gpus, threads)
    assert room * threads <= cpus
    assert room <= gpus * WORKERS_A_GPU or not gpus
    assert (room + 1) * threads > cpus or room == gpus * WORKERS_A_GPU
