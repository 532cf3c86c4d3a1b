"""Coaching: what an agent or a team met and missed, by words and timing alone, and a playlist for a session.

Nothing on this page is, or is derived from, anybody's voice or feelings but the customer's.
"""

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from dashboards.changes import change_in
from dashboards.charts import sparkline
from dashboards.context import Context
from dashboards.links import queue_url
from dashboards.pages.overview import by_kind
from dashboards.parts import card, draw, empty, link, section, tiles, title
from dashboards.playlist import moments_html, playlist
from dashboards.scope import Scope, choose, known, told, trend_of
from dashboards.tables import figure, interval, percent_of, table, two_tone
from dashboards.wilson import wilson
from monitor.store import (
    STANDALONE_KINDS,
    Choices,
    Example,
    Figures,
    Filters,
    KindCount,
    examples,
    figures_over,
    kinds_over,
)

STYLE = Path(__file__).parent.parent / "managers.css"
LEAST_OPENINGS = 5
MOST_WEEKS = 26
SHOWN = 6
"""Examples of each sort on the page."""


def show(context: Context) -> None:
    """Draw the page."""
    say = context.say
    draw(f"<style>{STYLE.read_text('utf-8')}</style>")
    there = known(context)
    if not there.calls:
        draw(title(context, "coaching"))
        draw(empty(say("scope.empty"), say("scope.empty_about"), say("scope.empty_code")))
        return
    head = st.container()
    scope = choose(context, "coaching", there, agents=there.agents)
    with head:
        draw(title(context, "coaching", aside=told(context, scope)))
    (now,) = figures_over(context.store, scope.now)
    if not now.calls:
        draw(empty(say("scope.nothing"), say("scope.nothing_about")))
        return
    before = figures_over(context.store, scope.before)[0] if scope.before else Figures()
    counts = kinds_over(context.store, scope.now)
    _figures(context, scope, now, before, counts)
    _examples(context, scope, counts)
    _over_time(context, scope, there)
    if not scope.agent:
        _agents(context, scope, bool(there.agents))


def _figures(context: Context, scope: Scope, now: Figures, before: Figures, counts: Sequence[KindCount]) -> None:
    say, show = context.say, context.show
    handled = scope.now.model_copy(update={"verdicts": ("handled",)})
    missed = scope.now.model_copy(update={"verdicts": ("missed",), "severities": ("critical",)})
    good = sum(count.n for count in counts if count.verdict == "handled")
    rate = change_in(context, now.empathy_rate, before.empathy_rate, share=True, more_is_better=True)
    critical = change_in(context, now.critical_per_100, before.critical_per_100, more_is_better=False)
    counted = say("coaching.openings_value", met=show.number(now.met), openings=show.number(now.openings))
    draw(
        tiles(
            figure(say("coaching.calls"), show.number(now.calls), href=queue_url(scope.now)),
            figure(
                say("coaching.openings"), show.percent(now.empathy_rate), change=rate.text, good=rate.good,
                href=queue_url(handled), note=counted,
            ),
            figure(
                say("coaching.handled"), show.number(good), href=queue_url(handled),
                note=say("coaching.handled_about", rate=show.number(good / now.calls, 1)),
            ),
            figure(
                say("coaching.critical"), show.number(now.critical_per_100, 1), change=critical.text,
                good=critical.good, href=queue_url(missed),
            ),
        )
    )  # fmt: skip
    draw(f'<p class="muted">{escape(say("coaching.note"))}</p>')


def _agents(context: Context, scope: Scope, named: bool) -> None:
    say, show = context.say, context.show
    if not named:
        draw(empty(say("coaching.no_names"), say("coaching.no_names_about")))
        return
    before = {one.over: one for one in figures_over(context.store, scope.before, "agent")} if scope.before else {}
    rows = []
    people = figures_over(context.store, scope.now, "agent")
    for one in sorted(people, key=lambda one: str(one.over)):
        name = str(one.over)
        low, high = wilson(one.met, one.openings)
        point = one.empathy_rate or 0.0
        words = say("coaching.interval", point=show.percent(point), low=show.percent(low), high=show.percent(high))
        earlier = before.get(name, Figures())
        change = change_in(context, one.empathy_rate, earlier.empathy_rate, share=True, more_is_better=True)
        tone = "" if change.good is None else "good" if change.good else "bad"
        rows.append(
            (
                link(name, _coaching_url(scope, name)),
                link(show.number(one.calls), queue_url(scope.now.model_copy(update={"agents": (name,)}))),
                f"{interval(low, point, high, label=words)} {percent_of(show.percent(point))}",
                f'<span class="{tone}">{escape(change.text if earlier.openings else "–")}</span>',
                show.number(one.critical_per_100, 0),
            )
        )
    with card("agents"):
        draw(section(say("coaching.agents"), say("coaching.agents_about")))
        heads = [say(f"coaching.{name}") for name in ("agent", "calls", "openings", "change", "critical")]
        draw(f'<div class="scroll">{table(heads, rows)}</div>')


def _coaching_url(scope: Scope, agent: str) -> str:
    from urllib.parse import urlencode

    team = {"team": scope.now.teams[0]} if scope.now.teams else {}
    return f"coaching?{urlencode(team | {'agent': agent})}"


def _over_time(context: Context, scope: Scope, there: Choices) -> None:
    say, show = context.say, context.show
    counts = kinds_over(context.store, trend_of(scope, there, most_weeks=MOST_WEEKS), "week")
    totals = by_kind(counts)
    weeks = sorted({int(count.over or 0) for count in counts})
    rows = []
    for kind, counted in sorted(totals.items(), key=lambda item: -item[1]["missed"]):
        if counted.total() < LEAST_OPENINGS:
            continue
        share = counted["handled"] / counted.total()
        here = scope.now.model_copy(update={"kinds": (kind,)})
        name = say.name("kind", kind)
        line = sparkline(_weekly(counts, kind, weeks), alt=f"{name}, {say('coaching.weeks')}")
        label = f"{say('coaching.met_rate')}: {show.percent(share)}"
        rows.append(
            (
                escape(name),
                link(show.number(counted["handled"]), queue_url(here.model_copy(update={"verdicts": ("handled",)}))),
                link(show.number(counted["missed"]), queue_url(here.model_copy(update={"verdicts": ("missed",)}))),
                f"{two_tone(share, label=label)} {percent_of(show.percent(share))}",
                line,
            )
        )
    if rows:
        with card("time"):
            draw(section(say("coaching.time"), say("coaching.time_about", least=LEAST_OPENINGS)))
            draw(table([say(f"coaching.{name}") for name in ("kind", "met", "missed", "met_rate", "weeks")], rows))


def _weekly(counts: Sequence[KindCount], kind: str, weeks: Sequence[int]) -> list[float | None]:
    """Share of the openings of a kind that were met in each week; None in a week without any."""
    met: Counter[int] = Counter()
    total: Counter[int] = Counter()
    for count in counts:
        if count.kind == kind:
            total[int(count.over or 0)] += count.n
            met[int(count.over or 0)] += count.n * (count.verdict == "handled")
    return [met[week] / total[week] if total[week] else None for week in weeks]


def _examples(context: Context, scope: Scope, counts: Sequence[KindCount]) -> None:
    say = context.say
    kinds = sorted({count.kind for count in counts}, key=lambda k: say.name("kind", k))
    kind = st.selectbox(
        say("coaching.kind"), ("", *kinds), key="coaching-kind", width=320,
        format_func=lambda value: say.name("kind", value) if value else say("coaching.all_kinds"),
    )  # fmt: skip
    of_kind = scope.now.model_copy(update={"kinds": (kind,) if kind else ()})
    good = _spread(examples(context.store, _with(of_kind, "handled"), most=60), SHOWN)
    missed = _spread(examples(context.store, _with(of_kind, "missed"), most=60), SHOWN)
    for name, found in (("good", good), ("practise", missed)):
        draw(section(say(f"coaching.{name}"), say(f"coaching.{name}_about")))
        draw(moments_html(context, found, say(f"coaching.none_{name}")))
    playlist(context, (*good, *missed))


def _with(filters: Filters, verdict: str) -> Filters:
    return filters.model_copy(update={"verdicts": (verdict,)})


def _spread(found: Sequence[Example], most: int) -> list[Example]:
    """The best examples, one of each kind before a second of any; what answers an opening before what stands alone."""
    seen: Counter[str] = Counter()
    ranked = []
    for place, one in enumerate(found):
        ranked.append((seen[one.kind], one.kind in STANDALONE_KINDS, place, one))
        seen[one.kind] += 1
    return [one for *_, one in sorted(ranked, key=lambda rank: rank[:3])[:most]]
