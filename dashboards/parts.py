"""Parts that pages are drawn from. Each gives HTML in which all texts are escaped; `draw` puts it on the page."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html import escape

import streamlit as st

from dashboards.context import Context
from dashboards.theme import Tone


def draw(html: str) -> None:
    """Put HTML on the page; nothing where there is none."""
    if html:
        st.html(html)


def title(context: Context, page: str, *, aside: str = "", right: str = "") -> str:
    """The head of a page: its name, a sentence about it, and at the right a word, or HTML."""
    right += f'<div class="aside">{escape(aside)}</div>' if aside else ""
    about = escape(context.say(f"pages.{page}_about"))
    return f'<div class="head"><div><h1>{escape(context.say(f"pages.{page}"))}</h1><p>{about}</p></div>{right}</div>'


def section(heading: str, about: str = "") -> str:
    """The head of a part of a page."""
    return f'<div class="section"><h2>{escape(heading)}</h2>{f"<p>{escape(about)}</p>" if about else ""}</div>'


def chip(text: str, tone: Tone = "plain", symbol: str = "") -> str:
    """A short label; the symbol tells what the colour tells."""
    sign = f'<span aria-hidden="true">{escape(symbol)}</span>' if symbol else ""
    return f'<span class="chip {tone}">{sign}{escape(text)}</span>'


def link(text: str, href: str) -> str:
    """A link to another page of the dashboard."""
    return f'<a href="{escape(href)}">{escape(text)}</a>'


def tabs(views: Iterable[tuple[str, str, bool]]) -> str:
    """Views of one page, each with its name, its address, and whether it is the one shown."""
    links = "".join(
        f'<a class="tab" href="{escape(href)}"{" aria-current=true" if current else ""}>{escape(name)}</a>'
        for name, href, current in views
    )
    return f'<div class="view-tabs">{links}</div>'


def tiles(*figures: str) -> str:
    """Figures in a row that breaks where the page is narrow."""
    return f'<div class="tiles">{"".join(figures)}</div>'


def empty(heading: str, text: str, code: str = "") -> str:
    """What stands where there is nothing to show, and what to do about it."""
    command = f"<code>{escape(code)}</code>" if code else ""
    return f'<div class="state"><h2>{escape(heading)}</h2><p>{escape(text)}</p>{command}</div>'


@contextmanager
def card(key: str) -> Iterator[None]:
    """A bordered surface for what is drawn inside; `key` is unique on the page."""
    with st.container(key=f"card-{key}"):
        yield
