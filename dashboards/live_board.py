"""All live calls as rows: what each customer is going through, and which call needs an ear first."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from dashboards.context import Context
from dashboards.links import page_url
from dashboards.live_parts import LAG_S, ago, curve, heard_s, moment_name, moment_sign, state_chip
from dashboards.reasons import quoted
from dashboards.theme import SYMBOLS
from monitor.store import LiveCall

COLUMNS = ("state", "call", "newest", "frustration", "missed", "lag")


def board_html(context: Context, calls: Sequence[LiveCall], now: datetime) -> str:
    """The table of live calls."""
    heads = "".join(f'<span role="columnheader">{escape(context.say(f"live.{name}"))}</span>' for name in COLUMNS)
    rows = "".join(_row(context, call, now) for call in calls)
    return f'<div class="live" role="table"><div class="live-head" role="row">{heads}</div>{rows}</div>'


def _row(context: Context, call: LiveCall, now: datetime) -> str:
    cells = {
        "state": _state(context, call, now),
        "call": _who(context, call),
        "newest": _newest(context, call, now),
        "frustration": _frustration(context, call, now),
        "missed": _counts(call),
        "lag": _lag(context, call),
    }
    body = "".join(f'<div role="cell" class="cell-{name}">{cells[name]}</div>' for name in COLUMNS)
    return f'<div class="live-row is-{call.state}" role="row">{body}</div>'


def _state(context: Context, call: LiveCall, now: datetime) -> str:
    return f'{state_chip(context, call)}<span class="muted">{context.show.clock(heard_s(call, now))}</span>'


def _who(context: Context, call: LiveCall) -> str:
    """Whose call it is; the link opens it."""
    page = "call" if call.state == "analysed" else "live"
    url = escape(page_url(page, {"call": [call.call_id]}))
    about = " · ".join(
        part for part in (call.team, call.language and context.say.name("language", call.language)) if part
    )
    return (
        f'<a class="open" href="{url}"><b>{escape(call.agent_name or context.say("live.no_agent"))}</b></a>'
        f'<span class="muted">{escape(about)}</span><span class="id">{escape(call.call_id)}</span>'
    )


def _newest(context: Context, call: LiveCall, now: datetime) -> str:
    """The moment that was found last, its words, and how long ago."""
    if call.newest is None:
        return f'<span class="none">{escape(context.say("live.no_moment"))}</span>'
    moment = call.newest.moment
    passed = escape(ago(context, call.newest.found_at, now))
    return (
        f'<span class="what">{moment_sign(moment)}<b>{escape(moment_name(context, moment))}</b> <em>{passed}</em></span>'
        f'<span class="quote">{escape(quoted(context.say, moment.quote))}</span>'
    )


def _frustration(context: Context, call: LiveCall, now: datetime) -> str:
    if call.level is None:
        return f'<span class="none" title="{escape(context.say("live.no_level"))}">–</span>'
    end_s = max(heard_s(call, now), call.curve[-1][0], 1.0)
    alt = context.say("live.level", level=f"{call.level:.2f}")
    return f"{curve(call.curve, (0.0, end_s), alt=alt)}<span>{call.level:.2f}</span>"


def _counts(call: LiveCall) -> str:
    counts = (
        ("bad", SYMBOLS["critical"], call.critical_missed),
        ("warn", SYMBOLS["minor"], call.minor_missed),
        ("good", SYMBOLS["handled"], call.handled),
    )
    shown = "".join(
        f'<span class="count {tone if n else "zero"}"><i aria-hidden="true">{sign}</i>{n}</span>'
        for tone, sign, n in counts
    )
    return f'<span class="counts">{shown}</span>'


def _lag(context: Context, call: LiveCall) -> str:
    if call.state not in ("live", "lost"):
        return '<span class="none">–</span>'
    tone = "warn" if call.lag_s >= LAG_S else ""
    lost = ""
    if call.trouble.lost_s >= 1.0:
        text = context.say("live.trouble", seconds=context.show.seconds(call.trouble.lost_s))
        lost = f' <span class="sign warn" title="{escape(text)}">!</span>'
    about = escape(context.say("live.lag_about"))
    return f'<span class="{tone}" title="{about}">{context.show.seconds(call.lag_s)}</span>{lost}'
