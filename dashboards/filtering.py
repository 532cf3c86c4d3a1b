"""The queue's search and filters. The address is what counts: widgets are set from it, and changing one changes it."""

from datetime import date
from html import escape
from typing import Any

import streamlit as st

from dashboards.catalogue import entries
from dashboards.context import Context
from dashboards.links import page_url
from monitor.store import Choices, Filters, theme_text

FIXED = {
    "severities": ("severity", ("critical", "minor")),
    "verdicts": ("verdict", ("missed", "late", "handled")),
    "decisions": ("decision", ("confirm", "dismiss", "relabel", "none")),
    "outcomes": ("outcome", ("resolved", "unresolved", "escalated")),
    "contact_values": ("contact_value", ("leverage", "simplify", "automate", "eliminate")),
}
"""By filter, the group of the catalogue that names its values, and the values."""
GROUPS = {"kinds": "kind", "languages": "language"} | {name: group for name, (group, _) in FIXED.items()}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SWITCHES = ("reviewed", "recovered", "frustrated", "repeat_contact")


def draw_filters(context: Context, filters: Filters, known: Choices) -> None:
    """The search field, and a popover with everything else."""
    say = context.say
    _set("queue-search", filters.text)
    st.text_input(
        say("queue.search"), key="queue-search", placeholder=say("queue.search"), label_visibility="collapsed",
        on_change=_changed, args=(filters,),
    )  # fmt: skip
    count = len(_parts(context, filters.model_copy(update={"text": ""})))
    with st.popover(say("queue.filters_n", n=count) if count else say("queue.filters"), icon=":material/filter_list:"):
        left, right = st.columns(2)
        with left:
            _day("since", context, filters, known)
            for name in ("teams", "agents", "kinds", "languages"):
                _many(name, getattr(known, name), context, filters)
        with right:
            _day("until", context, filters, known)
            for name, (_, values) in FIXED.items():
                _many(name, values, context, filters)


def active(context: Context, filters: Filters) -> str:
    """The filters in force, each with a way to take it away."""
    parts = _parts(context, filters)
    if not parts:
        return ""
    remove = escape(context.say("queue.remove"))
    chips = "".join(
        f'<a class="chip removable" href="{escape(queue_address(rest))}" title="{remove}">{escape(label)} '
        '<span aria-hidden="true">×</span></a>'
        for label, rest in parts
    )
    clear = (
        f'<a href="{escape(queue_address(Filters()))}">{escape(context.say("queue.clear"))}</a>'
        if len(parts) > 1
        else ""
    )
    return f'<div class="active">{chips}{clear}</div>'


def queue_address(filters: Filters) -> str:
    """The queue with these filters; none at all is said as such, because an address without any means those to review."""
    return page_url("queue", filters.to_query() or {"reviewed": ["any"]})


def _parts(context: Context, filters: Filters) -> list[tuple[str, Filters]]:
    """Each filter in force in words, and the filters without it. Those that the views above set are left out."""
    say = context.say
    found: list[tuple[str, Filters]] = []
    for name in filters.model_dump(exclude_defaults=True, exclude={"limited_to"}):
        value: Any = getattr(filters, name)
        if isinstance(value, tuple):
            for one in value:
                rest = tuple(other for other in value if other != one)
                found.append((f"{say(f'queue.{name}')}: {_named(context, name, one)}", _without(filters, name, rest)))
        elif name in SWITCHES:
            if name != "reviewed":
                found.append((say(f"queue.{name}_{'yes' if value else 'no'}"), _without(filters, name, None)))
        elif name == "assigned_to":
            if value != context.person.name:
                found.append(
                    (f"{say('queue.assigned_to')}: {value or say('queue.nobody')}", _without(filters, name, None))
                )
        else:
            shown = _told(context, name, value)
            found.append((f"{say(f'queue.{name}')}: {shown}", _without(filters, name, "" if name == "text" else None)))
    return found


def _told(context: Context, name: str, value: Any) -> str:
    """A filter's value in words."""
    if isinstance(value, date):
        return context.show.day(value)
    if name == "weekday" and 0 <= value < len(DAYS):
        return context.say(f"overview.{DAYS[value]}")
    if name == "hour":
        return f"{value}:00"
    return theme_text(context.store, value) or str(value) if name == "theme" else str(value)


def _without(filters: Filters, name: str, value: Any) -> Filters:
    return filters.model_copy(update={name: value})


def _named(context: Context, name: str, value: str) -> str:
    group = GROUPS.get(name)
    if group == "kind" and f"kind.{value}" not in entries():
        return value.replace("_", " ")
    return context.say.name(group, value) if group else value or "–"


def _many(name: str, values: tuple[str, ...], context: Context, filters: Filters) -> None:
    chosen = list(getattr(filters, name))
    options = (
        sorted({*values, *chosen}, key=lambda value: _named(context, name, value)) if name not in FIXED else values
    )
    if not options:
        return
    _set(f"queue-{name}", chosen)
    st.multiselect(
        context.say(f"queue.{name}"), options, key=f"queue-{name}", placeholder=context.say("queue.all"),
        format_func=lambda value: _named(context, name, value), on_change=_changed, args=(filters,),
    )  # fmt: skip


def _day(name: str, context: Context, filters: Filters, known: Choices) -> None:
    _set(f"queue-{name}", getattr(filters, name))
    form = "YYYY-MM-DD"
    st.date_input(
        context.say(f"queue.{name}"), value=None, key=f"queue-{name}", format=form, on_change=_changed, args=(filters,),
        min_value=date(2000, 1, 1), max_value=max(known.until or date.today(), date.today()),
    )  # fmt: skip


def _set(key: str, value: Any) -> None:
    st.session_state[key] = value


def _changed(filters: Filters) -> None:
    """A widget was changed: the address says it from now on, and the first page comes first."""
    state = st.session_state
    changes: dict[str, Any] = {"text": state["queue-search"].strip()}
    changes |= {
        name: tuple(state[f"queue-{name}"]) for name in GROUPS.keys() | {"teams", "agents"} if f"queue-{name}" in state
    }
    changes |= {name: state[f"queue-{name}"] for name in ("since", "until") if f"queue-{name}" in state}
    query = filters.model_copy(update=changes).to_query() or {"reviewed": ["any"]}
    kept = {name: st.query_params.get_all(name) for name in ("sort", "order") if name in st.query_params}
    st.query_params.from_dict(query | kept)
