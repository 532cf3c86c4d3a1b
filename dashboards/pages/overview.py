"""Overview: whether customers are being heard, and where they are not."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from html import escape
from pathlib import Path

import streamlit as st

from dashboards.changes import Change, change_in, headline
from dashboards.charts import Point, line_chart, sparkline
from dashboards.context import Context
from dashboards.heatmaps import when, where
from dashboards.links import queue_url
from dashboards.parts import card, draw, empty, section, tiles, title
from dashboards.scope import Scope, choose, known, told, trend_of
from dashboards.tables import Row, figure, percent_of, ranking, table, two_tone
from monitor.store import (
    STANDALONE_KINDS,
    Figures,
    Filters,
    KindCount,
    contact_values,
    figures_over,
    kinds_over,
    monday_of,
    themes,
)

STYLE = Path(__file__).parent.parent / "managers.css"
MOST_TICKS = 7


def show(context: Context) -> None:
    """Draw the page."""
    draw(f"<style>{STYLE.read_text('utf-8')}</style>")
    there = known(context)
    if not there.calls:
        draw(title(context, "overview"))
        draw(empty(context.say("scope.empty"), context.say("scope.empty_about"), context.say("scope.empty_code")))
        return
    head = st.container()
    scope = choose(context, "overview", there)
    with head:
        draw(title(context, "overview", aside=told(context, scope)))
    (now,) = figures_over(context.store, scope.now)
    if not now.calls:
        draw(empty(context.say("scope.nothing"), context.say("scope.nothing_about")))
        return
    before = figures_over(context.store, scope.before)[0] if scope.before else Figures()
    weeks = [
        (monday_of(int(one.over or 0)), one) for one in figures_over(context.store, trend_of(scope, there), "week")
    ]
    _figures(context, scope, now, before, weeks)
    _trend(context, now, before, weeks)
    counts = kinds_over(context.store, scope.now, "team")
    values = contact_values(context.store, scope.now)
    _kinds(context, scope, counts)
    where(context, scope, counts, values)
    when(context, scope)
    _square(context, scope, now, values)
    _themes(context, scope)


def _figures(
    context: Context, scope: Scope, now: Figures, before: Figures, weeks: Sequence[tuple[date, Figures]]
) -> None:
    say, show = context.say, context.show

    def one(label: str, value: str, change: Change, filters: Filters, note: str, trend: Sequence[float | None]) -> str:
        line = sparkline(trend, alt=say("overview.trend_about"))
        return figure(
            label, value, change=change.text, good=change.good, href=queue_url(filters), note=note, trend=line
        )

    of = scope.now.model_copy
    missed = of(update={"verdicts": ("missed",), "severities": ("critical",)})
    draw(
        tiles(
            one(
                say("overview.calls"), show.number(now.calls),
                change_in(context, now.calls, before.calls or None, digits=0), scope.now, "", [week.calls for _, week in weeks],
            ),
            one(
                say("overview.empathy"), show.percent(now.empathy_rate),
                change_in(context, now.empathy_rate, before.empathy_rate, share=True, more_is_better=True),
                of(update={"verdicts": ("handled",)}),
                say("overview.empathy_note", met=show.number(now.met), openings=show.number(now.openings)),
                [week.empathy_rate for _, week in weeks],
            ),
            one(
                say("overview.critical"), show.number(now.critical_per_100, 1),
                change_in(context, now.critical_per_100, before.critical_per_100, digits=1, more_is_better=False),
                missed, say("overview.critical_note", n=show.number(now.critical)), [week.critical_per_100 for _, week in weeks],
            ),
            one(
                say("overview.recovery"), show.percent(now.recovery_rate),
                change_in(context, now.recovery_rate, before.recovery_rate, share=True, more_is_better=True),
                of(update={"recovered": True}),
                say("overview.recovery_note", recovered=show.number(now.recovered), frustrated=show.number(now.frustrated)),
                [week.recovery_rate for _, week in weeks],
            ),
            one(
                say("overview.repeats"), show.percent(now.repeat_rate),
                change_in(context, now.repeat_rate, before.repeat_rate, share=True, more_is_better=False),
                of(update={"repeat_contact": True}),
                say("overview.repeats_note", n=show.number(now.repeat_contacts)), [week.repeat_rate for _, week in weeks],
            ),
        )
    )  # fmt: skip


def _trend(context: Context, now: Figures, before: Figures, weeks: Sequence[tuple[date, Figures]]) -> None:
    say, show = context.say, context.show
    last = max(1, len(weeks) - 1)
    names = [show.short_day(monday) for monday, _ in weeks]
    every = max(1, -(-len(weeks) // MOST_TICKS))
    ticks = [(n / last, name) for n, name in enumerate(names) if n % every == 0]

    def line(label: str, values: Sequence[float | None], written: Callable[[float | None], str]) -> str:
        points = [
            Point(n / last, value, f"{say('overview.week_of', day=name)}: {written(value)}")
            for n, (name, value) in enumerate(zip(names, values, strict=True))
        ]
        return f"<div><h3>{escape(label)}</h3>{line_chart(points, ticks, label=label, written=written)}</div>"

    rates = line(say("overview.trend_empathy"), [week.empathy_rate for _, week in weeks], show.percent)
    misses = [week.critical_per_100 for _, week in weeks]
    missed = line(
        say("overview.trend_critical"), misses, lambda value: show.number(value, 0 if (value or 0) >= 10 else 1)
    )
    with card("trend"):
        draw(section(say("overview.trend"), f"{headline(context, now, before)} {say('overview.trend_about')}"))
        draw(f'<div class="pair">{rates}{missed}</div>')


def _kinds(context: Context, scope: Scope, counts: Sequence[KindCount]) -> None:
    say, show = context.say, context.show
    now = by_kind(counts)
    before = by_kind(kinds_over(context.store, scope.before)) if scope.before else {}
    rows = []
    for kind, counted in sorted(now.items(), key=lambda item: -item[1]["missed"]):
        missed, met = counted["missed"], counted["handled"]
        share = met / counted.total() if counted.total() else 0.0
        earlier = before.get(kind, Counter())
        share_before = earlier["handled"] / earlier.total() if earlier.total() else None
        change = change_in(context, share, share_before, share=True, more_is_better=True)
        tone = "" if change.good is None else "good" if change.good else "bad"
        told_change = "–" if share_before is None else change.text
        here = scope.now.model_copy(update={"kinds": (kind,)})
        met_of_all = say("overview.met_rate")
        rows.append(
            (
                escape(say.name("kind", kind)),
                _number(show.number(missed), here.model_copy(update={"verdicts": ("missed",)})),
                _number(show.number(met), here.model_copy(update={"verdicts": ("handled",)})),
                f"{two_tone(share, label=f'{met_of_all}: {show.percent(share)}')} {percent_of(show.percent(share))}",
                f'<span class="{tone}">{escape(told_change)}</span>',
            )
        )
    with card("kinds"):
        draw(section(say("overview.kinds"), say("overview.kinds_about")))
        heads = [say(f"overview.{name}") for name in ("kind", "missed", "met", "met_rate", "change")]
        draw(table(heads, rows))


def by_kind(counts: Sequence[KindCount]) -> dict[str, Counter[str]]:
    """By kind that answers an opening, how many moments there are of each verdict."""
    found: dict[str, Counter[str]] = {}
    for count in counts:
        if count.kind not in STANDALONE_KINDS:
            found.setdefault(count.kind, Counter())[count.verdict] += count.n
    return found


def _number(text: str, filters: Filters) -> str:
    return f'<a href="{escape(queue_url(filters))}">{escape(text)}</a>'


def _square(context: Context, scope: Scope, now: Figures, values: Mapping[tuple[str | None, str], int]) -> None:
    say, show = context.say, context.show
    counts: Counter[str] = Counter()
    for (_, value), n in values.items():
        counts[value] += n
    reasons = themes(context.store, scope.now, "reason", by_value=True, most=3)
    quarters = []
    for value in ("leverage", "simplify", "automate", "eliminate"):
        n = counts[value]
        here = scope.now.model_copy(update={"contact_values": (value,)})
        share = n / now.calls
        rows = [
            Row(
                theme.text,
                say("overview.n_calls", n=theme.calls),
                0.0,
                queue_url(here.model_copy(update={"theme": theme.theme_id})),
            )
            for theme in reasons
            if theme.contact_value == value
        ]
        count = say("overview.share", n=show.number(n), share=show.percent(share))
        quarters.append(
            f'<div class="quarter" style="--heat:{round(22 * share)}%"><h3>{escape(say.name("contact_value", value))}'
            f'<a href="{escape(queue_url(here))}">{escape(count)}</a></h3>'
            f"<p>{escape(say(f'overview.{value}_about'))}</p>{ranking(rows, say('overview.none')) if n else ''}</div>"
        )
    with card("square"):
        draw(section(say("overview.square"), say("overview.square_about")))
        draw(f'<div class="quarters">{"".join(quarters)}</div>')


def _themes(context: Context, scope: Scope) -> None:
    say = context.say
    columns = st.columns(3)
    for column, (topic, name) in zip(
        columns, (("instruction", "instructions"), ("refusal", "refusals"), ("need", "needs")), strict=True
    ):
        found = themes(context.store, scope.now, topic, most=6)  # type: ignore[arg-type]
        most = max((theme.calls for theme in found), default=1)
        rows = [
            Row(
                theme.text,
                say("overview.n_calls", n=theme.calls),
                theme.calls / most,
                queue_url(scope.now.model_copy(update={"theme": theme.theme_id})),
            )
            for theme in found
        ]
        with column, card(f"theme-{topic}"):
            draw(section(say(f"overview.{name}"), say(f"overview.{name}_about")))
            draw(ranking(rows, say("overview.none")))
