"""The page of a call: what the player is told, what a reviewer's actions leave in the store, and who may do what."""

import json
from base64 import b64decode

import pytest

from audio.facts import Waveform
from dashboards.access import LOCAL, Person
from dashboards.catalogue import Words
from dashboards.context import Context
from dashboards.formats import Formats
from dashboards.pages.call import apply, time_of
from dashboards.player.told import outlines
from monitor.records import Channels
from monitor.store import CallDetails, Store, StoreError, glance, moments_of
from tests.dashboard import page, run, words
from tests.reports import make_report, turn


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "heard.db"
    with Store.open(str(path)) as calls:
        peaks = Waveform(peaks_hz=20.0, sides=("left", "right"), peaks=(bytes([9] * 560), bytes([7] * 560)))
        details = CallDetails(agent_name="Kim", team="Kettles")
        calls.save(make_report(), content_sha256="k", details=details, waveform=peaks)
        calls.save(make_report("second", moments=()), content_sha256="s", details=details)
    return path


@pytest.fixture
def context(path):
    with Store.open(str(path)) as calls:
        yield Context(calls, LOCAL, Words("en"), Formats("en"))


def told(app):
    """What the player was given."""
    return json.loads(app.get("bidi_component")[0].proto.json)


def test_the_player_is_told_everything_it_shows(path):
    app = page("call", path, call="kettle", t="9.5")
    data = told(app)
    assert data["open_at"] == 9.5
    assert b64decode(data["outlines"]["agent"]) == bytes([9] * 560)
    assert b64decode(data["outlines"]["customer"]) == bytes([7] * 560)
    assert [one["name"] for one in data["sounds"]] == ["Child crying"]
    assert data["audio"].startswith("listen/")
    first = next(one for one in data["moments"] if one["kind"] == "unacknowledged_frustration")
    assert first["title"] == "Frustration not acknowledged"
    assert first["came"] == "“Fill it with water and tell me what you see.”"
    assert first["late"] == "Never, within the time for it"
    late = next(one for one in data["moments"] if one["verdict"] == "late")
    assert late["late"] == "9.5 s after the opening"


def test_no_frustration_is_told_of_the_agent(path):
    agents = [one for one in told(page("call", path, call="kettle"))["turns"] if one["speaker"] == "agent"]
    assert agents
    assert all(one["frustration"] is None for one in agents)


def test_the_scorecard_keeps_critical_and_minor_apart(path):
    shown = words(page("call", path, call="kettle"))
    assert "Critical missed" in shown
    assert "Minor missed" in shown
    assert "0.90 → 0.30" in shown


@pytest.mark.parametrize("query", [{}, {"call": "nobody"}])
def test_no_call_is_said_in_words(path, query):
    shown = words(page("call", path, **query))
    assert "queue" in shown
    assert "Choose a call" in shown or "no such call" in shown


def test_a_call_of_another_team_is_not_there(path):
    pans = Person("pat@example.org", "reviewer", ("Pans",))
    app = page("call", path, person=pans, call="kettle")
    assert "no such call" in words(app)
    assert not app.get("bidi_component")


def test_a_call_without_moments_and_without_a_waveform_is_shown(path):
    data = told(page("call", path, call="second"))
    assert data["moments"] == []
    assert data["outlines"] is None


def test_a_transcript_has_no_sound_and_says_so(path):
    with Store.open(str(path)) as calls:
        calls.save(make_report("read", channels=Channels(layout="transcript")), content_sha256="t")
    data = told(page("call", path, call="read"))
    assert data["audio"] is None
    assert all(one["clip"] is None for one in data["moments"])
    assert "transcript" in data["silent"]


def test_one_channel_is_shared_out_by_who_speaks():
    report = make_report(turns=(turn(0, "agent", 0.0, 1.0, "Hello"), turn(1, "customer", 1.5, 2.0, "Hi")))
    mono = Waveform(peaks_hz=10.0, sides=("mono",), peaks=(bytes(range(1, 21)),))
    shares = {role: b64decode(text) for role, text in outlines(mono, "first", report).items()}
    assert shares["agent"] == bytes(range(1, 12)) + bytes(9)
    assert shares["customer"] == bytes(15) + bytes(range(16, 21))


def test_what_a_reviewer_does_is_kept(context):
    subject = moments_of(context.store, "kettle")[0].subject
    apply(context, "kettle", {"do": "dismiss", "subject": subject})
    apply(context, "kettle", {"do": "comment", "subject": subject, "comment": "She laughed."})
    apply(context, "kettle", {"do": "undo", "subject": subject})
    apply(context, "kettle", {"do": "relabel", "subject": subject, "kind": "repeat_contact", "verdict": "missed"})
    added = {"do": "add", "kind": "talk_over", "verdict": "missed", "severity": "minor"}
    apply(context, "kettle", added | {"start_s": 1.0, "end_s": 2.0, "comment": ""})
    moments = {one.subject: one for one in moments_of(context.store, "kettle")}
    assert (moments[subject].kind, moments[subject].decision) == ("repeat_contact", "relabel")
    assert [one.comment for one in moments[subject].comments] == ["She laughed."]
    assert [one.reviewer for one in moments[subject].history] == ["local reviewer"] * 4
    assert any(one.origin == "reviewer" and one.kind == "talk_over" for one in moments.values())


def test_nobody_reviews_what_they_may_not_see(context):
    pans = Context(context.store, Person("pat@example.org", "reviewer", ("Pans",)), context.say, context.show)
    subject = moments_of(context.store, "kettle")[0].subject
    with pytest.raises(StoreError):
        apply(pans, "kettle", {"do": "confirm", "subject": subject})
    assert moments_of(context.store, "kettle")[0].decision is None


def test_the_buttons_assign_finish_and_go_on(path, context):
    app = page("call", path, call="kettle")
    app.button(key="assign").click()
    run(app)
    app.button(key="reviewed").click()
    run(app)
    row = glance(context.store, "kettle")
    assert (row.assigned_to, row.reviewed_by) == ("local reviewer", "local reviewer")
    assert "with local reviewer" in words(app)
    app.button(key="next").click()
    run(app)
    assert app.query_params["call"] == "second"


def test_roles_are_swapped_for_the_next_analysis(path):
    app = page("call", path, call="kettle")
    app.button(key="swap").click()
    assert "waits for" in words(run(app))


@pytest.mark.parametrize(("text", "seconds"), [("61.5", 61.5), ("", None), (None, None), ("nan", None), ("-1", None)])
def test_the_time_in_an_address(text, seconds):
    assert time_of(text) == seconds
