"""Every number for managers is what counting by hand gives, in both databases, and its filters open the calls behind it."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from conftest import emptied
from fake_encoder import FakeEncoder
from reports import make_report, turn

from monitor.records import Moment, Summary
from monitor.store import (
    STANDALONE_KINDS,
    CallDetails,
    Figures,
    Filters,
    Store,
    contact_values,
    examples,
    figures_over,
    kinds_over,
    moments_of,
    monday_of,
    next_call,
    place_in_week,
    queue,
    records,
    review,
    themes,
    total,
)
from monitor.themes import mentions

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KINDS = ("policy_shield", "unmet_need", "ownership", "talk_over")


def moment(number):
    kind = KINDS[number % 4]
    return Moment(
        kind=kind,
        verdict="handled" if kind in STANDALONE_KINDS else ("missed", "late", "handled")[number % 3],
        severity="critical" if number % 2 else "minor",
        turn=2,
        opening_turn=1,
        start_s=number * 1.0,
        end_s=number + 5.0,
        confidence=(number % 10) / 10,
        quote="Can you waive the fee?",
        why="",
    )


def report(number):
    turns = (
        turn(0, "agent", 0, 2, "Hello, how can I help?"),
        turn(1, "customer", 2, 6, f"Can you waive the fee number {number % 2} please?"),
        turn(2, "agent", 6, 9, "That is against our policy."),
    )
    moments = tuple(moment(number + k) for k in range(number % 5))
    missed = [one for one in moments if one.verdict == "missed"]
    critical = sum(one.severity == "critical" for one in missed)
    peak = number % 11 / 10
    summary = Summary(
        outcome=("resolved", "unresolved", "escalated")[number % 3],
        recovered=peak >= 0.6 and number % 2 == 0,
        contact_value=("leverage", "simplify", "automate", "eliminate")[number % 4],
        peak_frustration=peak,
        end_frustration=0.1,
        critical_missed=critical,
        minor_missed=len(missed) - critical,
        handled=sum(one.verdict == "handled" for one in moments),
        empathy_rate=None,
        effort={"repeat_contact": number % 3},
    )
    return make_report(
        f"call-{number}", turns=turns, moments=moments, summary=summary, language="en" if number % 3 else "zh"
    )


CALLS = [report(number) for number in range(40)]
STARTS = [MONDAY + timedelta(hours=7 * number) for number in range(40)]
TEAMS = [("North", "South", None)[number % 3] for number in range(40)]


def fill(store, calls):
    for number, call in enumerate(calls):
        details = CallDetails(started_at=STARTS[number], team=TEAMS[number], agent_name=f"agent-{number % 4}")
        found = mentions(call, FakeEncoder())
        store.save(call, content_sha256=str(number), details=details, mentions=found)
    return store


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request, tmp_path_factory):
    """All calls, to be read alone."""
    if request.param == "sqlite":
        url = str(tmp_path_factory.mktemp("calls") / "heard.db")
    else:
        url = emptied(request.getfixturevalue("postgresql"))
    with Store.open(url) as store:
        yield fill(store, CALLS)


@pytest.fixture
def few(store):
    """The first calls, to be written to."""
    return fill(store, CALLS[:12])


def test_numbers_are_those_of_counting_by_hand(filled):
    (all_calls,) = figures_over(filled, Filters())
    answered = [m for call in CALLS for m in call.moments if m.kind not in STANDALONE_KINDS]
    assert all_calls.calls == 40
    assert all_calls.critical == sum(call.summary.critical_missed for call in CALLS)
    assert (all_calls.openings, all_calls.met) == (len(answered), sum(m.verdict == "handled" for m in answered))
    assert all_calls.frustrated == sum(call.summary.peak_frustration >= 0.6 for call in CALLS)
    assert all_calls.recovered == sum(call.summary.recovered for call in CALLS)
    assert all_calls.repeat_contacts == sum(call.summary.effort["repeat_contact"] > 0 for call in CALLS)
    assert all_calls.resolved == sum(call.summary.outcome == "resolved" for call in CALLS)


@pytest.mark.parametrize("over", ["place", "day", "week", "agent"])
def test_parts_add_up_to_the_whole(filled, over):
    (whole,) = figures_over(filled, Filters())
    parts = figures_over(filled, Filters(), over)
    assert total(parts) == whole
    assert [part.over for part in parts] == sorted(part.over for part in parts)


def counted(store, **asked):
    """The figures by reading every call, which only filters make that the tallies do not know."""
    return total(figures_over(store, Filters(weekday=day, **asked))[0] for day in range(7))


def test_tallies_follow_reviews_and_other_analyses(few):
    assert figures_over(few, Filters()) == (counted(few),)
    number = next(k for k in range(12) if any(moment.verdict == "missed" for moment in CALLS[k].moments))
    subject = next(one.subject for one in moments_of(few, f"call-{number}") if one.verdict == "missed")
    review(few, f"call-{number}", subject, "dismiss", reviewer="Ana")
    assert figures_over(few, Filters()) == (counted(few),)
    again = CALLS[5].model_copy(update={"language": "fr", "moments": ()})
    few.save(again, content_sha256="5", details=CallDetails(team="East", started_at=STARTS[30]))
    assert figures_over(few, Filters()) == (counted(few),)
    for asked in (
        {"teams": ("East",)},
        {"languages": ("fr",)},
        {"contact_values": ("simplify",)},
        {"teams": ("North",)},
    ):
        assert figures_over(few, Filters(**asked)) == (counted(few, **asked),), asked
    values = contact_values(few, Filters())
    assert sum(values.values()) == 12
    assert values["East", CALLS[5].summary.contact_value] == 1
    weeks = figures_over(few, Filters(), "week")
    assert Counter({monday_of(week.over): week.calls for week in weeks}) == Counter(
        (start - timedelta(days=start.weekday())).date() for start in [*STARTS[:5], *STARTS[6:12], STARTS[30]]
    )


def test_weeks_begin_on_monday(filled):
    weeks = Counter(monday_of(week.over) for week in figures_over(filled, Filters(), "week") for _ in range(week.calls))
    assert weeks == Counter((start - timedelta(days=start.weekday())).date() for start in STARTS)


def test_places_in_the_week_are_those_of_the_calls(filled):
    found = figures_over(filled, Filters(), "place", only=("calls", "critical"))
    assert {place_in_week(one.over): one.calls for one in found} == Counter(
        (start.weekday(), start.hour) for start in STARTS
    )
    (whole,) = figures_over(filled, Filters())
    assert total(found) == Figures(calls=whole.calls, critical=whole.critical)


FILTERS = [
    Filters(),
    Filters(since=date(2026, 3, 4), until=date(2026, 3, 6)),
    Filters(teams=("North",)),
    Filters(languages=("zh",)),
    Filters(limited_to=("South",)),
    Filters(agents=("agent-1",)),
    Filters(outcomes=("resolved",), since=date(2026, 3, 5)),
    Filters(weekday=2),
    Filters(text="number 1"),
]


def fits(number, filters):
    start = STARTS[number]
    return all(
        (
            filters.since is None or filters.since <= start.date(),
            filters.until is None or start.date() <= filters.until,
            not filters.teams or TEAMS[number] in filters.teams,
            filters.limited_to is None or TEAMS[number] in filters.limited_to,
            not filters.languages or CALLS[number].language in filters.languages,
            not filters.agents or f"agent-{number % 4}" in filters.agents,
            not filters.outcomes or CALLS[number].summary.outcome in filters.outcomes,
            filters.weekday is None or start.weekday() == filters.weekday,
            not filters.text or number % 2 == 1,
        )
    )


@pytest.mark.parametrize("filters", FILTERS)
def test_kinds_are_counted_alike_from_tallies_and_from_moments(filled, filters):
    expected = Counter(
        (m.kind, m.verdict, m.severity)
        for number, call in enumerate(CALLS)
        if fits(number, filters)
        for m in call.moments
    )
    found = {(one.kind, one.verdict, one.severity): one.n for one in kinds_over(filled, filters)}
    assert found == dict(expected)
    assert queue(filled, filters, size=100).total == sum(fits(number, filters) for number in range(40))
    assert sum(contact_values(filled, filters).values()) == queue(filled, filters).total


@pytest.mark.parametrize("verdicts", [("missed",), ("handled",), ("late",), ("missed", "late")])
@pytest.mark.parametrize("severities", [(), ("critical",), ("minor",)])
def test_calls_are_found_by_what_is_in_them(filled, verdicts, severities):
    expected = {
        call.call_id
        for call in CALLS
        if any(m.verdict in verdicts and (not severities or m.severity in severities) for m in call.moments)
    }
    filters = Filters(verdicts=verdicts, severities=severities)
    assert {row.call_id for row in queue(filled, filters, size=100).rows} == expected


def test_a_row_shows_the_loudest_miss_of_the_kind_that_is_asked_for(filled):
    rows = queue(filled, Filters(kinds=("policy_shield",), verdicts=("missed",)), size=100).rows
    assert {row.worst.kind for row in rows} == {"policy_shield"}
    everywhere = {row.call_id: row.worst for row in queue(filled, size=100).rows}
    assert any(everywhere[row.call_id].kind != "policy_shield" for row in rows)
    others = queue(filled, Filters(kinds=("ownership",), verdicts=("handled",)), size=100).rows
    assert {row.call_id: row.worst for row in others} == {row.call_id: everywhere[row.call_id] for row in others}


@pytest.mark.parametrize(
    "filters",
    [
        *FILTERS,
        Filters(kinds=("policy_shield",)),
        Filters(kinds=("unmet_need", "talk_over"), verdicts=("missed",)),
        Filters(kinds=("policy_shield",), teams=("North",), severities=("minor",)),
        Filters(decisions=("none",)),
        Filters(verdicts=("missed",), severities=("critical",), outcomes=("resolved", "escalated")),
        Filters(teams=("", "South"), recovered=False, frustrated=False, repeat_contact=False, weekday=1, hour=9),
    ],
)
@pytest.mark.parametrize(
    ("sort", "descending"), [("attention", True), ("missed", False), ("agent", True), ("empathy", False)]
)
def test_where_many_calls_fit_the_same_ones_are_found(filled, filters, sort, descending, monkeypatch):
    def pages():
        found = [queue(filled, filters, sort=sort, descending=descending, page=page, size=4) for page in range(11)]
        return [(page.total, [row.call_id for row in page.rows]) for page in found]

    expected = pages()
    monkeypatch.setattr("monitor.store.paging.MANY", 0)
    assert pages() == expected
    monkeypatch.setattr("monitor.store.paging._SHARE", 0)
    for first in (
        3,
        12,
        39,
        40,
    ):  # of those that fit none, a few, or all may be among the first; 40 calls are all there are
        monkeypatch.setattr("monitor.store.paging.FIRST", first)
        assert pages() == expected


@pytest.mark.parametrize(
    "filters",
    [
        Filters(text="number", kinds=("policy_shield",)),
        Filters(text="number", decisions=("none",), teams=("North", "South")),
        Filters(text="number 1", reviewed=False),
        Filters(text="number", verdicts=("handled",), severities=("critical",)),
    ],
)
def test_words_and_moments_of_the_same_calls_are_found_by_walking_as_by_looking_up(filled, filters, monkeypatch):
    def pages():
        return [[row.call_id for row in queue(filled, filters, page=page, size=4).rows] for page in range(4)]

    looked_up = pages()
    assert looked_up[0]
    monkeypatch.setattr("monitor.store.walk.MANY", 0)
    for many in (5_000, 0):
        monkeypatch.setattr("monitor.store.paging.MANY", many)
        assert pages() == looked_up


@pytest.mark.parametrize("many", [5_000, 0])
@pytest.mark.parametrize(
    "filters",
    [Filters(kinds=("policy_shield",)), Filters(decisions=("none",), text="number"), Filters(teams=("South",))],
)
def test_stepping_from_call_to_call_follows_the_queue_whatever_it_is_filtered_by(filled, filters, many, monkeypatch):
    expected = [row.call_id for row in queue(filled, filters, size=50).rows]
    monkeypatch.setattr("monitor.store.paging.MANY", many)
    stepped: list[str] = []
    while call_id := next_call(filled, filters, after=stepped[-1] if stepped else None):
        stepped.append(call_id)
    assert stepped == expected
    assert len(stepped) > 8


@pytest.mark.parametrize("filters", [Filters(decisions=("none",)), Filters(kinds=("policy_shield",), reviewed=False)])
def test_where_each_call_is_asked_for_its_moments_only_the_first_are_counted(filled, filters, monkeypatch):
    expected = [queue(filled, filters, page=page, size=4) for page in range(6)]
    assert all(page.counted for page in expected)
    assert expected[0].total > 8
    monkeypatch.setattr("monitor.store.paging.MANY", 0)
    monkeypatch.setattr("monitor.store.paging.COUNTED", 5)
    for exact in expected:
        some = queue(filled, filters, page=exact.page, size=4)
        assert (some.page, some.rows) == (exact.page, exact.rows)
        least = max(5, 4 * (exact.page + 1))
        assert some.counted == (exact.total <= least)
        assert some.total == min(exact.total, least + 1)


@pytest.mark.parametrize(
    "filters", [Filters(), Filters(teams=("South",)), Filters(agents=("agent-1",)), Filters(languages=("zh",))]
)
@pytest.mark.parametrize("topic", ["reason", "refusal", "need"])
def test_the_calls_of_a_theme_are_as_many_as_it_says(filled, filters, topic):
    found = themes(filled, filters, topic, most=50)
    assert [theme.calls for theme in found] == sorted((theme.calls for theme in found), reverse=True)
    for theme in found:
        assert queue(filled, filters.model_copy(update={"theme": theme.theme_id})).total == theme.calls
    if topic == "reason":
        assert sum(theme.calls for theme in found) == queue(filled, filters).total
    by_value = themes(filled, filters, topic, by_value=True, most=50)
    assert sum(theme.calls for theme in by_value) == sum(theme.calls for theme in found)
    for theme in by_value:
        here = filters.model_copy(update={"theme": theme.theme_id, "contact_values": (theme.contact_value,)})
        assert queue(filled, here).total == theme.calls


def test_filters_come_back_from_an_address():
    for filters in (
        *FILTERS,
        Filters(reviewed=False, assigned_to="", frustrated=True, hour=0, theme=3, kinds=("a", "b")),
    ):
        assert Filters.from_query(filters.to_query()) == filters.model_copy(update={"limited_to": None})
    garbled = {"since": "yesterday", "hour": "x", "limited_to": "North", "kinds": ["a"], "nonsense": "1"}
    assert Filters.from_query(garbled) == Filters(kinds=("a",))


def test_examples_are_the_surest_and_confirmed_ones_come_first(few):
    missed = Filters(verdicts=("missed",), kinds=("policy_shield",))
    found = examples(few, missed, most=5)
    everything = examples(few, missed, most=1000)
    assert len(everything) == sum(
        m.kind == "policy_shield" and m.verdict == "missed" for c in CALLS[:12] for m in c.moments
    )
    assert [one.confidence for one in found] == sorted((one.confidence for one in everything), reverse=True)[:5]
    least = everything[-1]
    subject = next(
        one.subject
        for one in moments_of(few, least.call_id)
        if (one.kind, one.moment.start_s) == (least.kind, least.start_s)
    )
    review(few, least.call_id, subject, "confirm", reviewer="Ana")
    first = examples(few, missed, most=5)[0]
    assert (first.call_id, first.start_s, first.decision) == (least.call_id, least.start_s, "confirm")


def test_records_count_what_reviewers_said(few):
    for one in moments_of(few, "call-4")[:3]:
        review(few, "call-4", one.subject, "dismiss" if one.kind == "talk_over" else "confirm", reviewer="Ana")
    judged = {(one.kind, one.verdict): (one.confirmed, one.wrong) for one in records(few)}
    assert sum(right + wrong for right, wrong in judged.values()) == 3
    assert sum(wrong for _, wrong in judged.values()) == sum(m.kind == "talk_over" for m in CALLS[4].moments[:3])
    assert records(few, limited_to=("North",)) == ()  # call-4 is South's
    assert len(records(few, limited_to=("South",))) == len(judged)
