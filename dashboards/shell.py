"""What stands around every page: style, navigation, language, who is looking, and calm words when something fails."""

import logging
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

from dashboards.access import LOCAL, Person, person_of
from dashboards.catalogue import LANGUAGES, Language, Words, language_of
from dashboards.context import Context
from dashboards.formats import Formats, zone_of
from dashboards.pages import PAGES
from dashboards.parts import draw, empty
from dashboards.reasons import failure
from dashboards.state import served
from dashboards.theme import STYLE, variables
from monitor.store import StoreError

log = logging.getLogger("heard.dashboard")
HERE = Path(__file__).parent


def show_page(name: str) -> None:
    """Draw one page for whoever is looking, or say in plain words why it cannot be drawn."""
    say = Words(chosen_language())
    draw(f"<style>{_style()}</style>")
    person = who_looks()
    _corner(say, person)
    if person is None:
        _ask_to_sign_in(say)
    elif not person.may_open(name):
        draw(empty(say("shell.not_yours"), say("shell.not_yours_about", role=say.name("role", person.role))))
    else:
        _show_safely(name, person, say)


def chosen_language() -> Language:
    """The reader's choice in this session or an earlier one, else what their browser asks for."""
    chosen = st.session_state.get("language")
    return language_of(chosen, st.context.cookies.get("heard_language"), st.context.locale)


def _show_safely(name: str, person: Person, say: Words) -> None:
    try:
        context = Context(served.store(), person, say, Formats(say.language, zone_of(st.context.timezone)))
        next(page for page in PAGES if page.name == name).load()(context)
    except StoreError as error:
        if served.is_missing():
            draw(empty(say("shell.no_store"), failure(say, error), say("shell.no_store_command")))
        else:
            draw(empty(say("shell.store_trouble"), failure(say, error)))
    except Exception:  # no trace may reach a reader, whatever a page does; the log has all of it
        log.exception("The page %s failed.", name)
        draw(empty(say("shell.failed"), say("shell.failed_about")))


def who_looks() -> Person | None:
    """The person at the screen; None where nobody has signed in whom heard.toml knows."""
    if not served.sign_in:
        return LOCAL
    email = st.user.get("email") if st.user.is_logged_in else None
    # An address that its owner has not shown to be theirs proves nothing.
    if not isinstance(email, str) or st.user.get("email_verified") is False:
        return None
    return person_of(email, served.settings)


def _ask_to_sign_in(say: Words) -> None:
    if st.user.is_logged_in:
        draw(empty(say("shell.unknown_person"), say("shell.unknown_person_about", email=st.user.get("email") or "–")))
        return
    draw(empty(say("shell.sign_in"), say("shell.sign_in_about")))
    with st.container(horizontal_alignment="center"):
        st.button(say("shell.sign_in_button"), type="primary", on_click=st.login, key="sign-in")


def _corner(say: Words, person: Person | None) -> None:
    """At the right of the head: the other language, and who is signed in."""
    with st.container(key="corner"):
        scheme = escape(say("shell.scheme"))
        draw(f'<button class="scheme" data-scheme title="{scheme}" aria-label="{scheme}"></button>')
        other: Language = "en" if say.language == "zh" else "zh"
        st.button(LANGUAGES[other], key="language-switch", on_click=_choose_language, args=(other,))
        if served.sign_in and st.user.is_logged_in:
            name = person.name if person else str(st.user.get("email") or "")
            st.button(say("shell.sign_out"), key="sign-out", on_click=st.logout, help=escape(name))


def _choose_language(language: Language) -> None:
    st.session_state["language"] = language


@cache
def _style() -> str:
    """The stylesheet with the palette in front."""
    tints = "".join(
        f"--{name}-soft:color-mix(in srgb, var(--{name}) {share}%, var(--surface));"
        for name, share in (("bad", 11), ("warn", 12), ("good", 11), ("accent", 10), ("muted", 12))
    )
    tints += "--plain-soft:var(--muted-soft);"
    return f":root{{{variables()}{tints}}}{STYLE.read_text('utf-8')}"
