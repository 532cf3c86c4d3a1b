"""What reviewers say is kept, stands after another analysis, and changes every figure that depends on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import make_report

from audio.errors import StoreError
from monitor.records import Moment
from monitor.store import (
    CallDetails,
    Filters,
    Store,
    add_moment,
    assign,
    call_actions,
    glance,
    mark_reviewed,
    moments_of,
    next_call,
    queue,
    review,
    swap_roles,
)
from monitor.store.reviewed import stand
from monitor.store.tally_tables import Tally


@pytest.fixture
def call(store):
    store.save(make_report(), content_sha256="a", details=CallDetails(team="North"))
    return store


def moment(kind, start_s, end_s, verdict="missed"):
    return Moment(
        kind=kind,
        verdict=verdict,
        severity="critical",
        turn=0,
        start_s=start_s,
        end_s=end_s,
        confidence=0.5,
        quote="",
        why="",
    )


def subject_of(store, kind):
    return next(one.subject for one in moments_of(store, "kettle") if one.kind == kind)


def tallied(store):
    from sqlalchemy import select

    with store.transaction(write=False) as connection:
        return {row.kind: row.n for row in connection.execute(select(Tally.kind, Tally.n))}


def test_a_dismissed_moment_counts_nowhere(call):
    before = glance(call, "kettle")
    assert (before.critical_missed, before.worst.kind) == (1, "unacknowledged_frustration")
    assert before.attention == pytest.approx(0.9 + 0.9)
    review(call, "kettle", subject_of(call, "unacknowledged_frustration"), "dismiss", reviewer="Ana", comment="no")
    after = glance(call, "kettle")
    assert (after.critical_missed, after.worst, after.attention) == (0, None, pytest.approx(0.9))
    assert after.empathy_rate == 0.0  # what is left is a late answer
    assert "unacknowledged_frustration" not in tallied(call)
    assert queue(call, Filters(kinds=("unacknowledged_frustration",))).total == 0
    dismissed = Filters(kinds=("unacknowledged_frustration",), decisions=("dismiss",))
    assert queue(call, dismissed).total == 1


def test_undo_brings_it_back(call):
    subject = subject_of(call, "unacknowledged_frustration")
    before = glance(call, "kettle")
    review(call, "kettle", subject, "dismiss", reviewer="Ana")
    review(call, "kettle", subject, "undo", reviewer="Ana")
    after = glance(call, "kettle")
    assert after.attention == before.attention
    assert after.worst == before.worst
    (one,) = [one for one in moments_of(call, "kettle") if one.subject == subject]
    assert (one.decision, [said.decision for said in one.history]) == (None, ["dismiss", "undo"])


def test_a_relabelled_moment_counts_as_what_it_is(call):
    subject = subject_of(call, "repeat_contact")
    review(call, "kettle", subject, "relabel", reviewer="Ana", kind="hollow_apology", verdict="missed")
    assert tallied(call) == {"unacknowledged_frustration": 1, "hollow_apology": 1, "ownership": 1}
    assert glance(call, "kettle").critical_missed == 2
    assert queue(call, Filters(kinds=("hollow_apology",), verdicts=("missed",))).total == 1


def test_reviews_survive_another_analysis_that_finds_the_moment_elsewhere(call):
    subject = subject_of(call, "unacknowledged_frustration")
    review(call, "kettle", subject, "dismiss", reviewer="Ana", comment="She laughs.")
    again = make_report(moments=(moment("unacknowledged_frustration", 4.0, 13.0), moment("interrogation", 4.0, 13.0)))
    call.save(again, content_sha256="a")
    one, other = sorted(moments_of(call, "kettle"), key=lambda m: m.decision is None)
    assert (one.subject, one.decision, one.origin) == (subject, "dismiss", "detector")
    assert one.comments[0].comment == "She laughs."
    assert one.moment.start_s == 4.0
    assert other.kind == "interrogation"
    assert glance(call, "kettle").critical_missed == 1


def test_a_reviewed_moment_that_is_found_no_more_is_kept_and_comes_back(call):
    subject = subject_of(call, "unacknowledged_frustration")
    review(call, "kettle", subject, "confirm", reviewer="Ana")
    call.save(make_report(moments=()), content_sha256="a")
    (gone,) = moments_of(call, "kettle")
    assert (gone.origin, gone.subject, gone.counts) == ("gone", subject, False)
    assert glance(call, "kettle").critical_missed == 0
    call.save(make_report(), content_sha256="a")
    back = next(one for one in moments_of(call, "kettle") if one.subject == subject)
    assert (back.origin, back.decision) == ("detector", "confirm")


def test_a_moment_that_a_reviewer_adds_counts_and_stays(call):
    subject = add_moment(
        call,
        "kettle",
        reviewer="Ana",
        kind="policy_shield",
        verdict="missed",
        severity="critical",
        start_s=9.5,
        end_s=18.0,
        comment="Hid behind the form.",
    )
    call.save(make_report(), content_sha256="a")
    (added,) = [one for one in moments_of(call, "kettle") if one.origin == "reviewer"]
    assert (added.subject, added.moment.turn) == (subject, 2)
    assert added.moment.quote == "Fill it with water and tell me what you see. I told you, it leaks."
    assert glance(call, "kettle").critical_missed == 2
    assert queue(call, Filters(kinds=("policy_shield",))).total == 1
    found_too = make_report(moments=(moment("policy_shield", 9.0, 18.0),))
    call.save(found_too, content_sha256="a")
    (one,) = moments_of(call, "kettle")
    assert (one.origin, one.decision) == ("detector", "confirm")


def test_what_was_said_of_another_recording_is_not_said_of_this_one(call):
    review(call, "kettle", subject_of(call, "ownership"), "dismiss", reviewer="Ana")
    assign(call, "kettle", "Ana", by="Ana")
    call.save(make_report(source="other.wav"), content_sha256="b", replace=True)
    assert all(one.history == () for one in moments_of(call, "kettle"))
    assert glance(call, "kettle").assigned_to is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"decision": "comment"}, "needs a text"),
        ({"decision": "relabel"}, "needs the kind or the verdict"),
        ({"decision": "explode"}, "is one of confirm"),
        ({"subject": "nothing@1-2", "decision": "confirm"}, "analysed again; reload"),
        ({"call_id": "teapot", "decision": "confirm"}, "no call teapot"),
    ],
)
def test_wrong_reviews_are_sentences(call, wrong, message):
    given = {"call_id": "kettle", "subject": subject_of(call, "ownership")} | wrong
    with pytest.raises(StoreError, match=message):
        review(call, given["call_id"], given["subject"], given["decision"], reviewer="Ana")


def test_a_span_outside_the_call_is_refused(call):
    with pytest.raises(StoreError, match=r"between 0 and 28\.0 s"):
        add_moment(call, "kettle", reviewer="A", kind="x", verdict="missed", severity="minor", start_s=40.0, end_s=41.0)


def test_calls_are_taken_and_reviewed_and_every_step_is_noted(call):
    assign(call, "kettle", "Ana", by="Ben")
    assert queue(call, Filters(assigned_to="Ana", reviewed=False)).total == 1
    assert queue(call, Filters(assigned_to="")).total == 0
    mark_reviewed(call, "kettle", True, by="Ana")
    assert glance(call, "kettle").reviewed_by == "Ana"
    mark_reviewed(call, "kettle", False, by="Ana")
    assert glance(call, "kettle").reviewed_at is None
    assert swap_roles(call, "kettle", by="Ana") == "right"
    assert [(step.action, step.value, step.who) for step in call_actions(call, "kettle")] == [
        ("assign", "Ana", "Ben"),
        ("review", "done", "Ana"),
        ("review", None, "Ana"),
        ("swap_roles", "right", "Ana"),
    ]


def test_a_transcript_has_no_sides_to_swap(store):
    report = make_report()
    store.save(
        report.model_copy(update={"channels": report.channels.model_copy(update={"agent": None})}), content_sha256="a"
    )
    with pytest.raises(StoreError, match="cannot be swapped"):
        swap_roles(store, "kettle", by="Ana")


def test_one_team_does_not_see_the_other(call):
    assert glance(call, "kettle", limited_to=["South"]) is None
    assert glance(call, "kettle", limited_to=["North"]) is not None
    assert queue(call, Filters(limited_to=())).total == 0
    assert next_call(call, Filters(limited_to=("South",))) is None


@pytest.mark.parametrize("sort", ["attention", "when", "missed", "frustration", "duration", "agent", "empathy"])
@pytest.mark.parametrize("descending", [True, False])
def test_stepping_to_the_next_call_walks_the_queue(store, sort, descending):
    for number, (agent, rate) in enumerate([("Kim", 0.5), ("Kim", None), (None, 0.5), ("Ada", 1.0)]):
        summary = make_report().summary.model_copy(update={"empathy_rate": rate, "peak_frustration": number % 2})
        store.save(
            make_report(f"call-{number}", summary=summary),
            content_sha256=str(number),
            details=CallDetails(agent_name=agent),
        )
    walked, call_id = [], None
    while (call_id := next_call(store, sort=sort, descending=descending, after=call_id)) is not None:
        walked.append(call_id)
    assert walked == [row.call_id for row in queue(store, sort=sort, descending=descending).rows]
    assert len(walked) == 4


def test_pages_beyond_the_last_are_the_last(call):
    page = queue(call, page=99, size=1)
    assert (page.page, page.total, len(page.rows)) == (0, 1, 1)


_moments = st.lists(
    st.builds(
        moment,
        st.sampled_from(["a", "b"]),
        st.sampled_from([0.0, 1.0, 5.0]),
        st.sampled_from([1.0, 2.0, 6.0, 9.0]),
        st.sampled_from(["missed", "handled"]),
    ),
    max_size=5,
)


@given(_moments)
def test_subjects_name_moments_without_doubt(moments):
    standing = stand(moments, ())
    assert len({one.subject for one in standing}) == len(moments)
    assert {one.subject for one in stand(moments, ())} == {one.subject for one in standing}


def test_a_store_that_vanishes_is_a_sentence(tmp_path):
    with Store.open(str(tmp_path / "heard.db")) as store:
        store.save(make_report(), content_sha256="a")
        (tmp_path / "heard.db").unlink()
        with pytest.raises(StoreError, match="moved or deleted"):
            queue(store)
