"""The queue: what its address asks for is what it shows; its words say why a call comes first."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.access import Person
from dashboards.pages.queue import asked_for, order_of, page_of
from dashboards.rows import highlighted
from monitor.store import CallDetails, Store, glance, mark_reviewed
from tests.dashboard import page, run, words
from tests.reports import make_report


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Three calls: two of the kettle team, of which one is calm, and one of the pan team."""
    path = tmp_path_factory.mktemp("store") / "heard.db"
    with Store.open(str(path)) as calls:
        for number, (name, team) in enumerate([("kettle", "Kettles"), ("calm", "Kettles"), ("pan", "Pans")]):
            report = make_report(name, moments=()) if name == "calm" else make_report(name)
            details = CallDetails(started_at=datetime(2026, 3, 1 + number, 9, tzinfo=UTC), agent_name="Kim", team=team)
            calls.save(report, content_sha256=name, details=details)
    return path


def test_the_first_row_says_what_was_missed_and_opens_there(store):
    shown = words(page("queue", store))
    assert "Frustration not acknowledged" in shown
    assert "I have called three times and the kettle still leaks!" in shown
    assert "call?call=kettle&amp;t=3.5" in shown
    assert shown.index("call=pan") < shown.index("call=calm"), "a call without a miss comes last"
    assert "1–3 of 3" in shown


def test_filters_of_the_address_combine(store):
    assert "1–1 of 1" in words(page("queue", store, teams="Pans", kinds="unacknowledged_frustration"))
    assert "No call fits" in words(page("queue", store, teams="Pans", kinds="talk_over"))


def test_words_that_were_said_are_found_and_marked(store):
    shown = words(page("queue", store, text="called leaks", teams="Pans"))
    assert "<mark>called</mark>" in shown
    assert "Said: called leaks" in shown


def test_a_search_typed_in_goes_to_the_address(store):
    app = page("queue", store)
    app.text_input(key="queue-search").input("stainless")
    run(app)
    assert app.query_params["text"] == "stainless"
    assert "No call fits" in words(app)


def test_a_team_is_all_that_its_people_see(store):
    pans = Person("pat@example.org", "reviewer", ("Pans",))
    shown = words(page("queue", store, person=pans, reviewed="any"))
    assert "1–1 of 1" in shown
    assert "kettle" not in shown.replace("the kettle still", "")
    assert "No calls yet" in words(page("queue", store, person=Person("new@example.org", "reviewer", ())))


def test_what_is_reviewed_leaves_the_first_look(tmp_path):
    path = tmp_path / "heard.db"
    with Store.open(str(path)) as calls:
        calls.save(make_report("only"), content_sha256="only")
        mark_reviewed(calls, "only", True, by="Ana")
    assert "Everything here has been reviewed" in words(page("queue", path))
    assert "✓ Ana" in words(page("queue", path, reviewed="any"))


def test_an_empty_store_says_how_to_fill_it(tmp_path):
    Store.open(str(tmp_path / "heard.db")).close()
    assert "heard analyze CALL.wav" in words(page("queue", tmp_path / "heard.db"))


def test_a_store_that_vanishes_is_missed_and_found_again(store, tmp_path):
    path = tmp_path / "heard.db"
    path.write_bytes(store.read_bytes())
    app = page("queue", path)
    path.rename(tmp_path / "elsewhere.db")
    assert "There is no store at" in words(run(app))
    (tmp_path / "elsewhere.db").rename(path)
    assert "1–3 of 3" in words(run(app))


def test_a_store_that_is_being_written_to_is_read(store):
    with Store.open(str(store)) as calls, calls.transaction(write=True):
        assert "1–3 of 3" in words(page("queue", store))
        assert glance(calls, "kettle").call_id == "kettle"


def test_chinese_all_the_way(store):
    shown = words(page("queue", store, language="zh"))
    assert "没有回应客户的不满" in shown
    assert "3月1日" in shown


anything = st.dictionaries(
    st.sampled_from(["sort", "order", "page", "since", "reviewed", "text", "kinds", "hour", "x"]),
    st.lists(st.text(max_size=12), max_size=3),
)


@given(anything)
def test_no_address_is_too_odd(query):
    assert asked_for(query) is not None
    assert order_of(query)[0] in ("attention", "when", "missed", "frustration", "duration", "agent", "empathy")
    assert page_of(query) >= 0


@pytest.mark.parametrize(
    ("said", "searched", "marked"),
    [
        ("I have been waiting for it.", "i have", ["I", "have"]),
        ("Unplug the router, the big one.", '"unplug the router"', ["Unplug the router"]),
        ("Your café order, and a cafeteria.", "CAFE", ["café", "cafe"]),
        ("我要申请退款，谢谢。", "要申请退款", ["要申请退款"]),
        ("Nothing of it.", "router", []),
    ],
)
def test_what_is_marked_is_what_was_found(said, searched, marked):
    assert re.findall("<mark>(.*?)</mark>", highlighted(said, searched)) == marked


def test_a_mark_at_the_end_of_what_is_shown_is_whole_and_nothing_is_said_to_follow():
    assert highlighted(f"{'a ' * 77}refund", "refund") == f"…{'a ' * 30}<mark>refund</mark>"
    said = f"help {'a ' * 76}refund"
    assert highlighted(said, "help refund") == f"<mark>help</mark> {'a ' * 76}<mark>refund</mark>"


@given(st.text(max_size=400), st.text(max_size=20))
def test_marking_never_lets_markup_through(said, searched):
    shown = highlighted(said, searched).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in shown
    assert ">" not in shown
