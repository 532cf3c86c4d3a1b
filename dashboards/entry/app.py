"""The script that Streamlit runs for every look: it opens the page that the address names.

It lies in a folder of its own, because Streamlit takes a folder `pages` beside its script for pages of its own kind.
"""

from functools import partial
from pathlib import Path

import streamlit as st

from dashboards.catalogue import Words
from dashboards.pages import PAGES
from dashboards.shell import chosen_language, show_page, who_looks

HERE = Path(__file__).parent.parent
FIRST = "queue"

follow_links = st.components.v2.component("heard.links", js=(HERE / "links.js").read_text("utf-8"))


def main() -> None:
    """Draw the page that the address names, and the way to the others."""
    say, person = Words(chosen_language()), who_looks()
    st.set_page_config(page_title="heard", page_icon=str(HERE / "mark.svg"), layout="wide")
    st.logo(str(HERE / "logo.svg"), size="large")
    pages = {
        entry.name: st.Page(
            partial(show_page, entry.name),
            title=say(f"pages.{entry.name}"),
            icon=entry.icon,
            url_path=entry.name,
            visibility="visible" if entry.listed and person and person.may_open(entry.name) else "hidden",
        )
        for entry in PAGES
    }
    # The first page has an address of its own too, so that links to it can carry filters.
    home = st.Page(
        lambda: st.switch_page(pages[FIRST]), title="heard", url_path="home", default=True, visibility="hidden"
    )
    current = st.navigation([home, *pages.values()], position="top")
    with st.container(key="links"):
        followed = follow_links(
            key="links-component", data={"pages": list(pages), "language": say.language}, on_go_change=lambda: None
        )
    if followed.go:
        st.switch_page(pages[followed.go["page"]], query_params=[tuple(pair) for pair in followed.go["query"]])
    current.run()


main()
