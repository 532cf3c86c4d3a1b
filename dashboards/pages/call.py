"""One call: what exactly happened, heard and read; and what the reviewer says to it."""

from functools import partial
from html import escape
from typing import Any

import streamlit as st

from dashboards.context import Context
from dashboards.links import queue_url
from dashboards.parts import chip, draw, empty, link
from dashboards.player import player
from dashboards.player.told import told
from dashboards.reasons import failure
from dashboards.theme import OUTCOMES, SYMBOLS
from monitor.records import CallReport
from monitor.store import (
    Filters,
    QueueRow,
    ReviewedMoment,
    StoreError,
    add_moment,
    assign,
    find_turns,
    glance,
    mark_reviewed,
    moments_of,
    next_call,
    review,
    swap_roles,
)


def show(context: Context) -> None:
    """Draw the page."""
    say, call_id = context.say, st.query_params.get("call", "")
    row = glance(context.store, call_id, limited_to=context.person.teams) if call_id else None
    if row is None:
        known = say("call.unknown"), say("call.unknown_about", call=call_id)
        draw(empty(*(known if call_id else (say("call.none"), say("call.none_about")))))
        draw(f"<p>{link(say('call.back'), queue_url())}</p>")
        return
    report = context.store.load(call_id, words=False)
    moments = moments_of(context.store, call_id)
    searched = queue_filters(context)
    with st.container(key="call-head", horizontal=True, vertical_alignment="bottom"):
        draw(_head(context, row, report, searched))
        _buttons(context, row)
    draw(_scorecard(context, row, report, moments))
    hits = find_turns(context.store, call_id, searched.text) if searched.text else ()
    data = told(context, row, report, moments, open_at=time_of(st.query_params.get("t")), hits=hits)
    player(key=f"player-{call_id}", data=data, on_act_change=partial(_acted, context, call_id))


def queue_filters(context: Context) -> Filters:
    """What the queue was last narrowed to in this session, within what the person may see."""
    last = Filters.from_query(st.session_state.get("queue_query", {}))
    return last.model_copy(update={"limited_to": context.person.teams})


def time_of(text: str | None) -> float | None:
    """The time in an address, in seconds; None where it is none."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e6 else None


def apply(context: Context, call_id: str, action: dict[str, Any]) -> None:
    """Store what the reviewer did in the player. Raises StoreError where it cannot be stored."""
    who = context.person.name
    if glance(context.store, call_id, limited_to=context.person.teams) is None:
        raise StoreError(f"The call {call_id} is not open to {who}.")
    if action["do"] == "add":
        names = ("kind", "verdict", "severity", "start_s", "end_s", "comment")
        add_moment(context.store, call_id, reviewer=who, **{name: action[name] for name in names})
        return
    said = {name: action[name] for name in ("comment", "kind", "verdict") if name in action}
    review(context.store, call_id, action["subject"], action["do"], reviewer=who, **said)


def _acted(context: Context, call_id: str) -> None:
    action = st.session_state[f"player-{call_id}"].get("act")
    if action:
        _store(context, lambda: apply(context, call_id, action))


def _store(context: Context, change: Any) -> None:
    """Make a change, and say in a word whether it was stored."""
    try:
        change()
    except StoreError as error:
        st.toast(failure(context.say, error), icon=":material/error:")
    else:
        st.toast(context.say("call.saved"), icon=":material/check:")


def _head(context: Context, row: QueueRow, report: CallReport, searched: Filters) -> str:
    say, show = context.say, context.show
    facts = [row.agent_name, row.team, show.time(row.called_at), say.name("language", row.language)]
    facts.append(show.clock(row.duration_s))
    chips = [chip(say.name("outcome", row.outcome), *OUTCOMES[row.outcome])]
    if row.recovered:
        chips.append(chip(say("call.recovered"), "good", "↗"))
    if report.quality.partial:
        chips.append(chip(say("call.partial"), "warn", "!"))
    if row.assigned_to:
        chips.append(chip(say("call.assigned", who=row.assigned_to), "info"))
    if row.reviewed_by:
        chips.append(chip(say("call.reviewed", who=row.reviewed_by, when=show.time(row.reviewed_at)), "info", "✓"))
    if row.agent_side_given not in (None, row.agent_side):
        chips.append(chip(say("call.swap_waits"), "warn", "⇄"))
    about = escape(" · ".join(fact for fact in facts if fact))
    return (
        f'<div class="call"><div class="crumb">{link(say("call.back"), queue_url(searched))}</div>'
        f'<h1>{escape(row.call_id)} <span class="chips">{"".join(chips)}</span></h1><p class="muted">{about}</p></div>'
    )


def _buttons(context: Context, row: QueueRow) -> None:
    say, store, who = context.say, context.store, context.person.name
    mine = row.assigned_to == who
    change = partial(_store, context)
    with st.container(key="call-buttons", horizontal=True, horizontal_alignment="right", width="content"):
        st.button(
            say("call.release" if mine else "call.assign"),
            key="assign",
            on_click=change,
            args=(partial(assign, store, row.call_id, None if mine else who, by=who),),
        )
        st.button(
            say("call.again" if row.reviewed_by else "call.done"),
            key="reviewed",
            on_click=change,
            args=(partial(mark_reviewed, store, row.call_id, not row.reviewed_by, by=who),),
        )
        if row.agent_side:
            st.button(
                say("call.swap"),
                key="swap",
                help=say("call.swap_help"),
                on_click=change,
                args=(partial(swap_roles, store, row.call_id, by=who),),
            )
        if st.button(say("call.next"), key="next", type="primary"):
            _go_on(context, row.call_id)


def _go_on(context: Context, call_id: str) -> None:
    """Open the call that comes next in the queue, as it was last sorted and narrowed."""
    order = st.session_state.get("queue_order", ("attention", True))
    following = next_call(context.store, queue_filters(context), sort=order[0], descending=order[1], after=call_id)
    if following is None:
        st.toast(context.say("call.next_none"))
        return
    st.query_params.from_dict({"call": following})
    st.rerun()


def _scorecard(context: Context, row: QueueRow, report: CallReport, moments: tuple[ReviewedMoment, ...]) -> str:
    """The figures of the call as they stand after review: critical and minor misses apart."""
    say, show = context.say, context.show
    standing = [moment for moment in moments if moment.counts]
    missed = [moment for moment in standing if moment.verdict == "missed"]
    critical = sum(moment.severity == "critical" for moment in missed)
    late = sum(moment.verdict == "late" for moment in standing)
    handled = sum(moment.verdict == "handled" for moment in standing)
    effort = [f"{say.name('effort', name)} {n}" for name, n in report.summary.effort.items() if n]
    rate = show.percent(row.empathy_rate)
    figures = [
        (say("call.critical"), str(critical), "bad" if critical else "", SYMBOLS["critical"]),
        (say("call.minor"), str(len(missed) - critical), "warn" if len(missed) > critical else "", SYMBOLS["minor"]),
        (say("call.late"), str(late), "warn" if late else "", SYMBOLS["late"]),
        (say("call.handled"), str(handled), "good" if handled else "", SYMBOLS["handled"]),
        (say("call.empathy"), rate, "", ""),
        (say("call.peak"), f"{row.peak_frustration:.2f} → {row.end_frustration:.2f}", "", ""),
        (say("call.effort"), ", ".join(effort) or "–", "small", ""),
    ]
    cells = "".join(
        f'<div class="figure {tone}"><span class="label">{escape(label)}</span><span class="value">'
        f"{f'<i aria-hidden=true>{sign}</i> ' if tone in ('bad', 'warn', 'good') else ''}{escape(value)}</span></div>"
        for label, value, tone, sign in figures
    )
    return f'<div class="scorecard">{cells}</div>'
