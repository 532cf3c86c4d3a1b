"""Detector health: how often reviewers agree with each kind of flag, and what to do about it."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import streamlit as st

from dashboards.charts import Point, line_chart
from dashboards.context import Context
from dashboards.links import queue_url
from dashboards.parts import card, draw, empty, link, section, tiles, title
from dashboards.scope import known
from dashboards.tables import figure, interval, percent_of, table
from dashboards.thresholds import BANDS, LEAST_JUDGED, TARGET, Suggestion, bands, suggest
from dashboards.wilson import wilson
from monitor.records import Verdict
from monitor.store import Filters, Judged, Record, added_by_reviewers, judged, kinds_over, records, rules_json

STYLE = Path(__file__).parent.parent / "managers.css"
Sort = tuple[str, Verdict]
"""A kind and a verdict, as the detector gave them."""
Flags = Mapping[Sort, Sequence[Judged]]

_SETTINGS = {"missed": "missed_at", "handled": "handled_at", "late": "handled_at"}
_DEFAULTS = {"missed_at": 0.35, "handled_at": 0.3}
"""For a store whose analyses did not keep their rules."""


def show(context: Context) -> None:
    """Draw the page."""
    say = context.say
    draw(f"<style>{STYLE.read_text('utf-8')}</style>")
    draw(title(context, "health"))
    if not known(context).calls:
        draw(empty(say("scope.empty"), say("scope.empty_about"), say("scope.empty_code")))
        return
    found = records(context.store, limited_to=context.person.teams)
    if not found:
        draw(empty(say("health.nothing"), say("health.nothing_about")))
        return
    added = added_by_reviewers(context.store, limited_to=context.person.teams)
    flags = judged(context.store, limited_to=context.person.teams)
    suggestions = _suggestions(context, found, flags, added)
    _figures(context, found, added, suggestions)
    _thresholds(context, suggestions)
    _kinds(context, found, added)
    _curve(context, found, flags)


def _suggestions(
    context: Context, found: Sequence[Record], flags: Flags, added: Mapping[Sort, int]
) -> dict[Sort, Suggestion]:
    """By kind and setting, what the verdicts suggest."""
    rules = json.loads(rules_json(context.store) or "{}").get("moments", {})
    suggestions: dict[Sort, Suggestion] = {}
    for record in found:
        if record.judged < LEAST_JUDGED or record.verdict == "late":
            continue
        setting = _SETTINGS[record.verdict]
        now = float(rules.get(record.kind, {}).get(setting, _DEFAULTS[setting]))
        sort = (record.kind, record.verdict)
        advice = suggest(flags[sort], now, added=added.get(sort, 0))
        if advice is not None:
            suggestions[sort] = advice
    return suggestions


def _figures(
    context: Context,
    found: Sequence[Record],
    added: Mapping[Sort, int],
    suggestions: Mapping[Sort, Suggestion],
) -> None:
    say, show = context.say, context.show
    right, n = sum(record.confirmed for record in found), sum(record.judged for record in found)
    low, high = wilson(right, n)
    everything = Filters(limited_to=context.person.teams)
    all_found = sum(count.n for count in kinds_over(context.store, everything))
    with_verdict = everything.model_copy(update={"decisions": ("confirm", "dismiss", "relabel")})
    draw(
        tiles(
            figure(
                say("health.judged"), show.number(n), href=queue_url(with_verdict),
                note=say("health.judged_note", found=show.number(all_found)),
            ),
            figure(
                say("health.precision"), show.percent(right / n if n else None),
                note=say("health.precision_note", low=show.percent(low), high=show.percent(high)),
            ),
            figure(say("health.added"), show.number(sum(added.values())), note=say("health.added_note")),
            figure(say("health.suggestions_n"), show.number(len(suggestions))),
        )
    )  # fmt: skip


def _thresholds(context: Context, suggestions: Mapping[Sort, Suggestion]) -> None:
    say, show = context.say, context.show
    with card("thresholds"):
        draw(section(say("health.thresholds"), say("health.thresholds_about", least=LEAST_JUDGED)))
        if not suggestions:
            draw(f'<p class="muted">{escape(say("health.no_suggestions"))}</p>')
            return
        lines = []
        for (kind, verdict), one in suggestions.items():
            name = f"{say.name('kind', kind)} ({say.name('verdict', verdict).lower()})"
            text = say(
                f"health.{one.move}", name=name, now=show.number(one.now, 2), then=show.number(one.then, 2),
                before=show.percent(one.before), after=show.percent(one.after), lost=show.number(one.lost),
            )  # fmt: skip
            sign = {"raise": "↑", "lower": "↓", "unfixable": "!"}[one.move]
            lines.append(f'<li><strong aria-hidden="true">{sign}</strong> {escape(text)}</li>')
        draw(f'<ul class="advice">{"".join(lines)}</ul>')
        settings = toml_of(suggestions)
        if settings:
            draw(f'<p class="muted">{escape(say("health.paste"))}</p><pre>{escape(settings)}</pre>')


def toml_of(suggestions: Mapping[Sort, Suggestion]) -> str:
    """The suggested thresholds as tables of heard.toml."""
    moved: dict[str, list[str]] = {}
    for (kind, verdict), one in suggestions.items():
        if one.move != "unfixable":
            moved.setdefault(kind, []).append(f"{_SETTINGS[verdict]} = {one.then:g}")
    return "\n\n".join("\n".join([f"[moments.{kind}]", *lines]) for kind, lines in moved.items())


def _kinds(context: Context, found: Sequence[Record], added: Mapping[Sort, int]) -> None:
    say, show = context.say, context.show
    with card("health-kinds"):
        draw(section(say("health.kinds"), say("health.kinds_about", target=show.percent(TARGET))))
        verdicts = [
            verdict for verdict in ("missed", "late", "handled") if any(one.verdict == verdict for one in found)
        ]
        chosen = st.segmented_control(
            say("health.verdict"), verdicts, default=verdicts[0], key="health-verdict", required=True,
            format_func=lambda verdict: say.name("verdict", verdict), label_visibility="collapsed",
        )  # fmt: skip
        draw(_table(context, [one for one in found if one.verdict == chosen], added))


def _table(context: Context, found: Sequence[Record], added: Mapping[Sort, int]) -> str:
    say, show = context.say, context.show
    rows = []
    for record in sorted(found, key=lambda one: one.confirmed / one.judged):
        low, high = wilson(record.confirmed, record.judged)
        point = record.confirmed / record.judged
        words = say("health.interval", point=show.percent(point), low=show.percent(low), high=show.percent(high))
        of = Filters(kinds=(record.kind,), verdicts=(record.verdict,))
        few = f' <span class="muted">{escape(say("health.few"))}</span>' if record.judged < LEAST_JUDGED else ""
        right = of.model_copy(update={"decisions": ("confirm",)})
        wrong = of.model_copy(update={"decisions": ("dismiss",)})
        rows.append(
            (
                escape(say.name("kind", record.kind)) + few,
                link(show.number(record.confirmed), queue_url(right)),
                link(show.number(record.wrong), queue_url(wrong)),
                f"{interval(low, point, high, label=words, mark=TARGET)} {percent_of(show.percent(point))}",
                show.number(added.get((record.kind, record.verdict), 0)),
            )
        )
    heads = [say(f"health.{name}") for name in ("kind", "confirmed", "wrong", "share", "missed_by")]
    return table(heads, rows)


def _curve(context: Context, found: Sequence[Record], flags: Flags) -> None:
    say, show = context.say, context.show
    enough = sorted((one for one in found if one.judged >= BANDS * 5), key=lambda one: -one.judged)
    if not enough:
        return
    with card("health-curve"):
        draw(section(say("health.curve"), say("health.curve_about")))
        chosen = st.selectbox(
            say("health.kind"), enough, key="health-kind", width=360,
            format_func=lambda one: f"{say.name('kind', one.kind)} · {say.name('verdict', one.verdict)}",
        )  # fmt: skip
        points = [
            Point(
                (band.low + band.high) / 2,
                band.right / band.judged,
                say("health.band", low=show.number(band.low, 2), high=show.number(band.high, 2), right=band.right, n=band.judged),
                wilson(band.right, band.judged),
            )
            for band in bands(flags[chosen.kind, chosen.verdict])
        ]  # fmt: skip
        ticks = [(n / 5, show.number(n / 5, 1)) for n in range(6)]
        draw(
            line_chart(
                points, ticks, label=say("health.curve"), written=show.percent, bounds=(0.0, 1.0), target=TARGET,
                below=say("health.confidence"),
            )
        )  # fmt: skip
