"""The review queue: what to listen to first, and why. What it shows is in its address, so that it can be kept and sent."""

from functools import partial
from pathlib import Path
from typing import Any, get_args

import streamlit as st

from dashboards.context import Context
from dashboards.filtering import active, draw_filters
from dashboards.links import page_url
from dashboards.parts import draw, empty, link, tabs, title
from dashboards.reasons import failure
from dashboards.rows import rows_html
from monitor.store import Filters, QueuePage, Sort, StoreError, assign, choices, queue

PAGE_SIZE = 25
FIRST_LOOK = Filters(reviewed=False)
"""What an address without any filter shows: what is still to be reviewed."""

keys = st.components.v2.component("heard.queue", js=(Path(__file__).parent.parent / "queue.js").read_text("utf-8"))


def show(context: Context) -> None:
    """Draw the page."""
    say = context.say
    known = choices(context.store, limited_to=context.person.teams)
    if not known.calls:
        draw(title(context, "queue"))
        draw(empty(say("queue.empty"), say("queue.empty_about"), "heard analyze CALL.wav"))
        return
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    filters = asked_for(query).model_copy(update={"limited_to": context.person.teams})
    sort, descending = order_of(query)
    found = queue(
        context.store, filters, sort=sort, descending=descending, page=page_of(query), size=PAGE_SIZE
    )  # fmt: skip
    st.session_state["queue_query"] = filters.to_query()
    st.session_state["queue_order"] = (sort, descending)
    first = (
        f'<a class="button primary" href="{page_url("call", {"call": [found.rows[0].call_id]})}">{say("queue.start")}</a>'
        if found.rows
        else ""
    )
    draw(title(context, "queue", right=first))
    with st.container(key="queue-bar", horizontal=True, vertical_alignment="center"):
        draw(_views(context, filters))
        draw_filters(context, filters, known)
    draw(active(context, filters))
    if found.rows:
        draw(rows_html(context, found.rows, filters, sort, descending))
        draw(_pages(context, found, query))
    elif filters == FIRST_LOOK.model_copy(update={"limited_to": context.person.teams}):
        draw(empty(say("queue.finished"), say("queue.finished_about")))
    else:
        draw(empty(say("queue.nothing"), say("queue.nothing_about")))
    with st.container(key="queue-keys"):
        keys(key="queue-component", on_take_change=partial(_take, context))


def asked_for(query: dict[str, list[str]]) -> Filters:
    """The filters of an address; one that says nothing means what is still to be reviewed."""
    return Filters.from_query(query) if set(query) & {*Filters.model_fields} else FIRST_LOOK


def order_of(query: dict[str, list[str]]) -> tuple[Sort, bool]:
    """By what, and whether the most comes first."""
    asked = (query.get("sort") or [""])[0]
    sort: Sort = next((sort for sort in get_args(Sort) if sort == asked), "attention")
    return sort, (query.get("order") or [""])[0] != "up"


def page_of(query: dict[str, list[str]]) -> int:
    """The page, counted from 0; an address counts from 1."""
    text = (query.get("page") or ["1"])[0]
    return max(0, int(text) - 1) if text.isdecimal() and len(text) < 7 else 0


def _views(context: Context, filters: Filters) -> str:
    """To review, mine, reviewed, all: the same filters otherwise."""
    say, me = context.say, context.person.name
    rest = filters.model_copy(update={"reviewed": None, "assigned_to": None})
    views: tuple[tuple[str, dict[str, Any]], ...] = (
        ("open", {"reviewed": False}),
        ("mine", {"assigned_to": me}),
        ("done", {"reviewed": True}),
        ("all", {}),
    )
    return tabs(
        [
            (
                say(f"queue.{name}"),
                page_url("queue", rest.model_copy(update=update).to_query() or {"reviewed": ["any"]}),
                rest.model_copy(update=update) == filters,
            )
            for name, update in views
        ]
    )


def _pages(context: Context, found: QueuePage, query: dict[str, list[str]]) -> str:
    """Which rows these are, and the way to those before and after."""
    say, show, page, total = context.say, context.show, found.page, found.total
    first, last = page * PAGE_SIZE + 1, min(total, (page + 1) * PAGE_SIZE)

    def to(number: int) -> str:
        return page_url("queue", {**query, "page": [str(number + 1)]})

    earlier = link(say("queue.earlier"), to(page - 1)) if page else ""
    later = link(say("queue.later"), to(page + 1)) if last < total else ""
    where = say(
        "queue.page" if found.counted else "queue.page_of_many",
        first=show.number(first),
        last=show.number(last),
        n=show.number(total),
    )
    return f'<div class="pages"><span>{say("queue.keys")}</span><span>{earlier} {where} {later}</span></div>'


def _take(context: Context) -> None:
    call_id = st.session_state["queue-component"].get("take")
    try:
        assign(context.store, str(call_id), context.person.name, by=context.person.name)
    except StoreError as error:
        st.toast(failure(context.say, error), icon=":material/error:")
