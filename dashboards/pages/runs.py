"""Runs: what was analysed when, by which models and rules; what failed, and why."""

from html import escape
from pathlib import Path

import streamlit as st

from dashboards.context import Context
from dashboards.links import call_url
from dashboards.parts import card, chip, draw, empty, link, section, tiles, title
from dashboards.reasons import why_failed
from dashboards.tables import figure, table
from monitor.store import NumberedRun, RunsPage, RunTotals, run_totals, runs, runs_by_make
from monitor.store.jobs import counts, lines

STYLE = Path(__file__).parent.parent / "managers.css"
SIZE = 25
FAILED = 10
"""So many of the calls that could not be analysed are named."""


def show(context: Context) -> None:
    """Draw the page."""
    say = context.say
    draw(f"<style>{STYLE.read_text('utf-8')}</style>")
    draw(title(context, "runs"))
    totals = run_totals(context.store)
    queued = _queue(context)
    if not totals.runs and queued:
        return
    if not totals.runs:
        draw(empty(say("runs.nothing"), say("runs.nothing_about"), say("scope.empty_code")))
        return
    _figures(context, totals)
    _list(context, totals)
    _makes(context)


def _queue(context: Context) -> bool:
    """The archive's calls by what has become of them; whether there are any."""
    say, show = context.say, context.show
    states = counts(context.store)
    if not any(states.values()):
        return False
    with card("archive"):
        draw(section(say("runs.queue"), say("runs.queue_about")))
        draw(tiles(*(figure(say(f"runs.queue_{state}"), show.number(n)) for state, n in states.items())))
        rows = [
            (
                f'<span title="{escape(line.source)}">{escape(Path(line.source).name)}</span>',
                f"{chip(say(f'runs.queue_{line.state}'), 'bad', '✕')} {escape(why_failed(say, line.reason))}",
                escape(show.time(line.changed_at)),
            )
            for line in lines(context.store, ("failed", "quarantined"), limit=FAILED)
        ]
        if rows:
            draw(table([say("runs.source"), say("runs.came_of_it"), say("runs.when")], rows))
    return True


def _figures(context: Context, totals: RunTotals) -> None:
    say, show = context.say, context.show
    speed = totals.heard_s / totals.took_s if totals.took_s else None
    draw(
        tiles(
            figure(
                say("runs.analysed"), show.number(totals.runs - totals.failed),
                note=say("runs.analysed_note", hours=show.number(totals.heard_s / 3600, 1)),
            ),
            figure(
                say("runs.failed"), show.number(totals.failed),
                note=say("runs.failed_note", share=show.percent(totals.failed / totals.runs, 1)), href="runs?show=failed",
            ),
            figure(
                say("runs.speed"), say("runs.speed_value", times=show.number(speed, 1)), note=say("runs.speed_note")
            ),
            figure(say("runs.last"), show.time(totals.last)),
        )
    )  # fmt: skip


def _list(context: Context, totals: RunTotals) -> None:
    say, show = context.say, context.show
    kinds = {"all": None, "failed": "failed", "analysed": "analysed"}
    wish = st.query_params.get("show", "all")
    if st.session_state.get("runs-address") != wish:
        st.session_state["runs-show"] = wish if wish in kinds else "all"
    with card("runs-list"):
        draw(section(say("runs.list")))
        with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
            chosen = st.segmented_control(
                say("runs.filter"), kinds, format_func=lambda name: say(f"runs.show_{name}"), key="runs-show",
                required=True, label_visibility="collapsed",
            )  # fmt: skip
            outcome = kinds[chosen or "all"]
            n = totals.failed if outcome == "failed" else totals.runs - (totals.failed if outcome else 0)
            last = max(1, -(-n // SIZE))
            number = 1
            if last > 1:
                number = int(st.number_input(say("runs.page"), 1, last, key=f"runs-page-{chosen}", width=140))
        st.session_state["runs-address"] = chosen or "all"
        if st.query_params.get("show", "all") != (chosen or "all"):
            st.query_params["show"] = chosen or "all"
        page = runs(context.store, outcome=outcome, page=number - 1, size=SIZE)  # type: ignore[arg-type]
        if not page.rows:
            draw(f'<p class="muted">{escape(say("runs.none_failed"))}</p>')
            return
        draw(_table(context, page))
        draw(
            f'<p class="muted">{escape(say("runs.pages", page=number, pages=show.number(last), n=show.number(n)))}</p>'
        )


def _table(context: Context, page: RunsPage) -> str:
    say, show = context.say, context.show
    rows = [
        (
            show.time(run.at),
            f'<span title="{escape(run.source)}">{escape(Path(run.source).name)}</span>',
            _outcome(context, run),
            escape(show.clock(run.duration_s) if run.duration_s else "–"),
            escape(show.seconds(run.took_s)),
        )
        for run in page.rows
    ]
    heads = [say(f"runs.{name}") for name in ("when", "source", "came_of_it", "length", "took")]
    return table(heads, rows, numbers_from=3)


def _outcome(context: Context, run: NumberedRun) -> str:
    if run.outcome == "failed":
        return f"{chip(context.say('runs.show_failed'), 'bad', '✕')} {escape(why_failed(context.say, run.error))}"
    return (
        f"{chip(context.say('runs.show_analysed'), 'good', '✓')} {link(run.call_id or '', call_url(run.call_id or ''))}"
    )


def _makes(context: Context) -> None:
    say, show = context.say, context.show
    rows = [
        (
            escape(make.heard),
            escape(", ".join(f"{job}: {name}" for job, name in make.models.items()) or "–"),
            f"<code>{escape(make.rules or '–')}</code>",
            show.number(make.runs),
            escape(show.time(make.first)),
            escape(show.time(make.last)),
        )
        for make in runs_by_make(context.store)
    ]
    if rows:
        with card("makes"):
            draw(section(say("runs.by"), say("runs.by_about")))
            heads = [say(f"runs.{name}") for name in ("version", "models", "rules", "n", "first", "latest")]
            draw(table(heads, rows, numbers_from=3))
