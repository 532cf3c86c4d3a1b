"""Live: all calls that are heard now, or one of them with its curve and transcript; it renews itself every second."""

from datetime import UTC, datetime
from html import escape
from pathlib import Path

import streamlit as st

from dashboards.context import Context
from dashboards.links import page_url
from dashboards.live_board import board_html
from dashboards.live_call import call_html
from dashboards.parts import card, draw, empty, link, section, title
from dashboards.reasons import failure
from dashboards.tables import table
from monitor.store import StoreError, count_dead, deliveries, live_calls, live_servers, live_view

EVERY_S = 1.0
STYLE = Path(__file__).parent.parent / "live.css"
DEAD_SHOWN = 10


def show(context: Context) -> None:
    """Draw the page."""
    draw(f"<style>{STYLE.read_text('utf-8')}</style>")
    with st.container(key="live"):
        _renewed(context, st.query_params.get("call", ""))


@st.fragment(run_every=EVERY_S)
def _renewed(context: Context, call_id: str) -> None:
    try:
        (_one if call_id else _all)(context, call_id)
    except StoreError as error:  # said here, because this part is drawn again without the rest of the page
        draw(empty(context.say("shell.store_trouble"), failure(context.say, error)))


def _all(context: Context, _: str = "") -> None:
    say, now = context.say, datetime.now(UTC)
    calls = live_calls(context.store, limited_to=context.person.teams, now=now)
    going_on = sum(call.state == "live" for call in calls)
    draw(title(context, "live", aside=say("live.now", n=going_on) if calls else ""))
    if calls:
        draw(board_html(context, calls, now))
    else:
        _nothing(context, now)
    _dead_letters(context)


def _one(context: Context, call_id: str) -> None:
    now = datetime.now(UTC)
    view = live_view(context.store, call_id, limited_to=context.person.teams, now=now)
    if view is None:
        draw(empty(context.say("live.unknown"), context.say("live.unknown_about", call=call_id)))
        draw(f"<p>{link(context.say('live.back'), 'live')}</p>")
        return
    for part in call_html(context, view, now):
        draw(part)


def _nothing(context: Context, now: datetime) -> None:
    """What to do where nothing is heard."""
    say, servers = context.say, live_servers(context.store, now=now)
    if servers:
        address = servers[0].address
        command = f"heard simulate CALL.wav --to {address} --protocol twilio"
        draw(empty(say("live.empty"), say("live.empty_server", address=address), command))
    else:
        draw(empty(say("live.empty"), say("live.empty_no_server"), "heard listen"))


def _dead_letters(context: Context) -> None:
    """Messages to webhooks that were given up."""
    say, n = context.say, count_dead(context.store, limited_to=context.person.teams)
    if not n:
        return
    dead = deliveries(context.store, state="dead", limited_to=context.person.teams, most=DEAD_SHOWN)
    rows = [
        (
            escape(one.endpoint),
            f"{escape(say.name('kind_missed', one.kind))}, "
            + link(one.call_id, page_url("call", {"call": [one.call_id], "t": [f"{one.start_s:.1f}"]})),
            context.show.time(one.created_at),
            f'<span class="error">{escape(one.error)}</span>',
        )
        for one in dead
    ]
    with card("live-webhooks"):
        draw(section(say("live.webhooks", n=n), say("live.webhooks_about")))
        heads = [say(f"live.{name}") for name in ("webhook", "about", "when", "why")]
        draw(table(heads, rows, numbers_from=len(heads)))
