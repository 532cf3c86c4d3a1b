"""The player: a Streamlit component of our own. Its scripts are plain files, joined here in the order they build on each other."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
SCRIPTS = ("dom.js", "sound.js", "timeline.js", "transcript.js", "cards.js", "main.js")

player = st.components.v2.component(
    "heard.player",
    js="\n".join((HERE / name).read_text("utf-8") for name in SCRIPTS),
    css=(HERE / "player.css").read_text("utf-8"),
)
"""Draws a call. Takes `data` (see `dashboards.player.told`); its trigger `act` is what the reviewer did."""
