"""What is kept of a call in the store comes back with it, is replaced with it, and goes with it."""

import json
import zlib

import numpy as np
import pytest
from fake_encoder import FakeDialogue, FakeEncoder
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from audio.errors import StoreError
from audio.facts import CallFacts, Turn
from monitor.analyze import Analyzer, HeardCall
from monitor.kept import packed, unpacked
from monitor.records import Channels
from monitor.settings import Settings
from monitor.store.kept_tables import KeptRow


def heard(call_id="kettle", n=40):
    lines = ("My kettle leaks, and nobody calls me back.", "Please fill it. What do you see?", "It leaks. I said so.")
    turns = tuple(
        Turn(
            index=k,
            speaker="agent" if k % 2 else "customer",
            start_s=5.0 * k,
            end_s=5.0 * k + 4,
            text=f"{lines[k % 3]} {k}",
        )
        for k in range(n)
    )
    facts = CallFacts(source="kettle.wav", language="en", duration_s=5.0 * n, layout="stereo", turns=turns)
    return HeardCall(call_id=call_id, facts=facts, channels=Channels(layout="stereo", agent="right"))


@pytest.fixture(scope="module")
def analyzer():
    made = Analyzer(Settings())
    made.encoder, made.dialogue = FakeEncoder(), FakeDialogue()
    return made


@pytest.fixture(scope="module")
def examined(analyzer):
    return analyzer.rejudge(analyzer.understand(heard()))


def save(store, examined, **options):
    store.save(examined.report, content_sha256="a", mentions=examined.mentions, kept=examined.kept, **options)


def test_it_comes_back_as_it_was(store, examined, analyzer):
    save(store, examined)
    kept = store.kept("kettle")
    assert kept == examined.kept
    assert analyzer.rejudge(kept) == examined


def test_a_call_of_forty_turns_takes_less_than_sixty_kilobytes(examined):
    assert len(examined.kept.understood) < 60_000


def test_without_it_the_call_is_understood_anew(store, examined, analyzer):
    store.save(examined.report, content_sha256="a")
    kept = store.kept("kettle")
    assert not kept.fresh
    assert analyzer.rejudge(kept).report == examined.report


def test_another_analysis_leaves_nothing_of_the_one_before(store, examined):
    save(store, examined)
    store.save(examined.report, content_sha256="a")
    assert not store.kept("kettle").understood


def test_an_unknown_call_is_named(store):
    with pytest.raises(StoreError, match="There is no call pan"):
        store.kept("pan")


def test_there_is_one_row_a_call(store, examined):
    save(store, examined)
    save(store, examined)
    with store.transaction(write=False) as connection:
        assert connection.execute(select(func.count()).select_from(KeptRow)).scalar_one() == 1


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=4)
)


@given(st.binary() | st.text() | anything.map(lambda value: zlib.compress(json.dumps(value).encode() + b"\n12345678")))
def test_what_is_no_kept_call_is_a_value_error_or_nothing(data):
    """Whatever stands in the store's column, a check of the store goes on."""
    try:
        arrays = unpacked(data)
    except ValueError:
        return
    assert all(isinstance(array, np.ndarray) for array in arrays.values())


def test_arrays_come_back_as_they_were_packed():
    arrays = {"a": np.arange(6, dtype=np.int8).reshape(2, 3), "b": np.zeros((0, 4), np.float32)}
    back = unpacked(packed(arrays))
    assert {name: (a.dtype, a.tolist()) for name, a in back.items()} == {
        name: (a.dtype, a.tolist()) for name, a in arrays.items()
    }
