"""The managers' pages: every number opens as many calls as it says, and every state has helpful words."""

import csv
import io
import re
import shlex
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from dashboards.access import LOCAL, Person
from dashboards.catalogue import Words, entries
from dashboards.context import Context
from dashboards.formats import Formats
from dashboards.heatmaps import LEAST_CALLS
from dashboards.playlist import clip_commands, csv_of
from monitor.records import Moment
from monitor.store import (
    CallDetails,
    Filters,
    Run,
    Store,
    examples,
    figures_over,
    moments_of,
    queue,
    record_run,
    review,
)
from tests.dashboard import page, run, words
from tests.reports import make_report

ROOT = Path(__file__).parent.parent
PAGES = ("overview", "coaching", "health", "runs")
LINK = re.compile(r'<a[^>]*href="queue\?([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


@pytest.fixture(scope="module")
def volume(tmp_path_factory):
    """A hundred made-up calls of a whole year."""
    path = tmp_path_factory.mktemp("volume") / "year.db"
    command = [sys.executable, ROOT / "benchmarks" / "dashboard_volume.py", path, "--calls", "100"]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return path


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Stores that hold next to nothing: none, one call, one call without moments."""
    folder = tmp_path_factory.mktemp("stores")
    reports = {"empty": [], "one": [make_report()], "calm": [make_report(moments=(), turns=make_report().turns[:1])]}
    for name, calls in reports.items():
        with Store.open(str(folder / name)) as store:
            for report in calls:
                store.save(report, content_sha256="a")
    return folder


def links(app):
    """Where the page's links to the queue lead, and what they say."""
    for query, text in LINK.findall(words(app)):
        yield Filters.from_query(parse_qs(unescape(query))), unescape(re.sub("<[^>]+>", " ", text))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_speaks_both_languages(volume, name, language):
    shown = words(page(name, volume, language=language, period="all"))
    missing = [key for key in entries() if f">{key}<" in shown]
    assert not missing
    assert ("通话" in shown or "标记" in shown) == (language == "zh")


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_store_says_what_to_do(stores, name):
    shown = words(page(name, stores / "empty"))
    assert 'class="state"' in shown
    assert "heard analyze" in shown


@pytest.mark.parametrize(("name", "period"), [(name, "4w") for name in PAGES] + [("overview", "all")])
def test_one_call_of_nobody_known_is_enough(stores, name, period):
    assert "<h1>" in words(page(name, stores / "one", period=period))


@pytest.mark.parametrize("name", PAGES)
def test_a_call_without_moments_is_no_reason_to_fail(stores, name):
    assert "<h1>" in words(page(name, stores / "calm"))


@pytest.mark.parametrize("period", ["4w", "all"])
def test_every_count_of_calls_opens_so_many_calls(volume, period):
    counted = 0
    with Store.open(str(volume)) as store:
        for filters, text in links(page("overview", volume, period=period)):
            if said := re.search(r"(?<!per )\b([\d,]+) calls?\b", text):
                assert queue(store, filters).total == int(said[1].replace(",", "")), (filters, text)
                counted += 1
    assert counted >= 8


def test_the_kinds_open_their_moments(volume):
    with Store.open(str(volume)) as store:
        for filters, text in links(page("overview", volume, period="all", team="VIP")):
            if filters.kinds and filters.verdicts and text.strip().isdigit() and len(filters.kinds) == 1:
                moments = examples(store, filters, most=100_000)
                per_100 = (
                    100
                    * len(moments)
                    / figures_over(store, filters.model_copy(update={"kinds": (), "verdicts": ()}))[0].calls
                )
                assert int(text) in (len(moments), round(per_100)), (filters, text)


def test_misses_are_told_by_day_and_by_hour_where_hours_of_the_week_have_few_calls(volume):
    shown = words(page("overview", volume, period="all"))
    assert shown.count('<table class="heat hours">') == 2
    with Store.open(str(volume)) as store:
        asked = [filters for filters, _ in links(page("overview", volume, period="all"))]
        days = [one for one in asked if one.weekday is not None and one.hour is None]
        hours = [one for one in asked if one.hour is not None and one.weekday is None]
        assert days
        assert hours
        assert all(queue(store, one).total >= LEAST_CALLS for one in (*days, *hours))


def test_the_figures_are_of_the_team_in_the_address(volume):
    with Store.open(str(volume)) as store:
        (vip,) = figures_over(store, Filters(teams=("VIP",)))
    app = page("overview", volume, team="VIP", period="all")
    assert app.selectbox(key="overview-team").value == "VIP"
    assert f'<div class="value">{vip.calls}</div>' in words(app)


def test_a_choice_goes_to_the_address_and_to_the_next_page(volume):
    app = page("overview", volume, period="all")
    app.selectbox(key="overview-team").select("Mobile")
    run(app)
    assert app.query_params["team"] in ("Mobile", ["Mobile"])
    assert "teams=Mobile" in words(app)


def test_a_manager_of_one_team_sees_that_team_alone(volume):
    boss = Person("boss@example.org", "manager", ("Mobile",))
    for name in ("overview", "coaching", "health"):
        app = page(name, volume, person=boss, period="all")
        shown = words(app)
        assert not re.search(r"Billing|Returns|VIP", shown), name
    app = page("coaching", volume, person=boss, team="VIP", period="all")
    assert app.selectbox(key="coaching-team").value == "", "a team that may not be seen is no choice"
    with Store.open(str(volume)) as store:
        (mobile,) = figures_over(store, Filters(teams=("Mobile",)))
    assert f'<div class="value">{mobile.calls}</div>' in words(app)


def test_runs_are_for_administrators(volume):
    assert "not open to you" in words(page("runs", volume, person=Person("boss@example.org", "manager")))


def test_coaching_shows_one_agents_moments_good_ones_first(volume):
    with Store.open(str(volume)) as store:
        agent = figures_over(store, Filters(), "agent")[0].over
    app = page("coaching", volume, agent=agent, period="all")
    cards = re.findall(r'<article class="moment">.*?</article>', words(app))
    assert cards
    assert all(f"{agent} ·" in card for card in cards)
    verdicts = ["bad" if 'chip bad"' in card else "good" for card in cards]
    assert verdicts == sorted(verdicts, key=lambda verdict: verdict == "bad")
    assert all(re.search(r'href="call\?call=call-\d+&amp;t=\d', card) for card in cards)


def test_coaching_says_nothing_of_an_agents_feelings(volume):
    """The customer's frustration is told by what it was answered with; no level, score or tone stands beside an agent."""
    shown = words(page("coaching", volume, period="all")).lower()
    told = re.sub(r"nothing here infers how an agent felt", "", shown)
    for word in ("emotion", "sentiment", "mood", "pitch", "arousal", "loudness", "felt", "tone of voice"):
        assert word not in told


def test_a_playlist_is_what_is_ticked(volume):
    context = Context(Store.open(str(volume)), LOCAL, Words("en"), Formats("en"))
    with context.store as store:
        chosen = examples(store, Filters(verdicts=("missed",)), most=3)
        rows = list(csv.DictReader(io.StringIO(csv_of(context, chosen))))
        assert [row["call_id"] for row in rows] == [one.call_id for one in chosen]
        commands = clip_commands(chosen, "my store.db").splitlines()
        assert [shlex.split(line)[2] for line in commands] == list(dict.fromkeys(one.call_id for one in chosen))
        assert all(shlex.split(line)[-1] == "my store.db" for line in commands)
        formula = chosen[0].model_copy(update={"quote": "=HYPERLINK(1)", "why": "-1", "found_kind": None})
        (row,) = csv.DictReader(io.StringIO(csv_of(context, [formula])))
        assert (row["quote"], row["why"]) == ("'=HYPERLINK(1)", "'-1")


def test_health_suggests_what_the_verdicts_say(tmp_path):
    path = tmp_path / "judged.db"
    with Store.open(str(path)) as store:
        moments = tuple(
            Moment(
                kind="policy_shield", verdict="missed", severity="critical", turn=2, start_s=number * 0.2, end_s=number * 0.2 + 0.1,
                confidence=number / 100, quote="No.", why="",
            )
            for number in range(20, 100, 2)
        )  # fmt: skip
        store.save(make_report(moments=moments), content_sha256="a", details=CallDetails(team="North"))
        for one in moments_of(store, "kettle"):
            right = one.moment.confidence >= 0.6
            review(store, "kettle", one.subject, "confirm" if right else "dismiss", reviewer="Ana")
    shown = words(page("health", path))
    assert "from 0.35 to 0.50" in shown
    assert "[moments.policy_shield]\nmissed_at = 0.5" in shown
    other = Person("x@example.org", "manager", ("South",))
    assert "Nobody has judged" in words(page("health", path, person=other)) or "No calls yet" in words(
        page("health", path, person=other)
    )


def test_failed_runs_say_why(tmp_path):
    from datetime import UTC, datetime

    path = tmp_path / "runs.db"
    with Store.open(str(path)) as store:
        for number in range(30):
            failed = number == 3
            error = "bad<b>.wav may not be read by this user; change its permissions." if failed else ""
            outcome = "failed" if failed else "analysed"
            at = datetime(2026, 3, 1, 9, number, tzinfo=UTC)
            record_run(
                store, Run(at=at, took_s=2, source="bad.wav", call_id=None, outcome=outcome, error=error, heard="0.1.0")
            )
    app = page("runs", path)
    assert "Page 1 of 2, 30 runs" in words(app)
    assert "change its permissions" not in words(app), "it is on the second page"
    shown = words(page("runs", path, show="failed"))
    assert "bad&lt;b&gt;.wav may not be read by this user; change its permissions." in shown
    assert "Page 1 of 1, 1 runs" in shown
    assert "没有读取权限" in words(page("runs", path, show="failed", language="zh"))
