"""Moments as cards to listen to, and a list of them for a training session."""

import csv
import io
import shlex
from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboards.context import Context
from dashboards.links import call_url
from dashboards.parts import card, chip, draw, link, section
from dashboards.reasons import quoted, reason
from dashboards.theme import SYMBOLS
from monitor.store import Example

AT_ONCE_S = 0.1
"""Below that an answer came at once, and how late it was is not worth a word."""
_TONES = {"missed": "bad", "late": "warn", "handled": "good"}


def moments_html(context: Context, moments: Sequence[Example], nothing: str) -> str:
    """Each moment as a card: what was said, why it was flagged, and where to hear it."""
    if not moments:
        return f'<p class="muted">{escape(nothing)}</p>'
    return f'<div class="moments">{"".join(_moment(context, one) for one in moments)}</div>'


def _moment(context: Context, one: Example) -> str:
    say, show = context.say, context.show
    chips = [chip(what(context, one), _TONES[one.verdict], sign_of(one))]  # type: ignore[arg-type]
    if one.decision == "confirm":
        chips.append(chip(say("coaching.confirmed"), "info", "✓"))
    if one.latency_s is not None and one.latency_s >= AT_ONCE_S:
        chips.append(chip(say("coaching.answered", seconds=show.seconds(one.latency_s))))
    listen = "coaching.read" if one.layout == "transcript" else "coaching.listen"
    place = link(say(listen, at=show.clock(one.start_s)), call_url(one.call_id, one.start_s))
    who = " · ".join(part for part in (one.agent_name or "", show.near_time(one.called_at)[0]) if part)
    return (
        f'<article class="moment"><div class="top">{"".join(chips)}</div><blockquote>{escape(quoted(say, one.quote))}</blockquote>'
        f'<p class="why">{escape(_why(context, one))}</p><div class="foot"><span>{escape(who)}</span>{place}</div></article>'
    )


def sign_of(one: Example) -> str:
    """The sign of a moment, the same on every page."""
    return SYMBOLS[one.severity if one.verdict == "missed" else one.verdict]


def what(context: Context, one: Example) -> str:
    """What happened, in plain words."""
    return context.say.name("kind_missed" if one.verdict == "missed" else "kind_met", one.kind)


def _why(context: Context, one: Example) -> str:
    """Why it was flagged as it was found; a moment that a reviewer added has the reviewer's own words."""
    if one.found_kind is None or one.found_verdict is None:
        return one.why
    return reason(context.say, context.show, one.found_kind, one.found_verdict, one.start_s, one.latency_s, one.why)


def playlist(context: Context, moments: Sequence[Example]) -> None:
    """The moments as a list to choose from, download and cut."""
    if not moments:
        return
    say, show = context.say, context.show
    rows = [
        {
            say("coaching.play"): True,
            say("coaching.what"): f"{sign_of(one)} {what(context, one)}",
            say("coaching.quote"): quoted(say, one.quote),
            say("coaching.agent"): one.agent_name or "",
            say("coaching.call"): one.call_id,
            say("coaching.at"): show.clock(one.start_s),
        }
        for one in moments
    ]
    with card("playlist"):
        draw(section(say("coaching.playlist"), say("coaching.playlist_about")))
        names = list(rows[0])
        edited = st.data_editor(
            rows, hide_index=True, disabled=names[1:], key="coaching-playlist", width="stretch",
            column_config={names[0]: st.column_config.CheckboxColumn(width="small")},
        )  # fmt: skip
        chosen = [one for one, row in zip(moments, edited, strict=True) if row[names[0]]]
        minutes = show.number(sum(one.duration_s for one in chosen) / 60, 1)
        draw(f'<p class="muted">{escape(say("coaching.minutes", n=len(chosen), minutes=minutes))}</p>')
        draw(f"<pre>{escape(clip_commands(chosen, context.store.name))}</pre>")
        st.download_button(
            say("coaching.download"), csv_of(context, chosen), file_name="playlist.csv", mime="text/csv", icon=":material/download:"
        )  # fmt: skip


def clip_commands(moments: Sequence[Example], store: str) -> str:
    """The commands that cut the moments of these calls into files."""
    calls = dict.fromkeys(one.call_id for one in moments if one.layout != "transcript")
    return "\n".join(
        f"heard clips {shlex.quote(call_id)} --out clips --store {shlex.quote(store)}" for call_id in calls
    )


def csv_of(context: Context, moments: Sequence[Example]) -> str:
    """The list as a table, in the order of the session."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["call_id", "agent", "kind", "verdict", "start_s", "end_s", "what", "quote", "why"])
    for one in moments:
        # A spreadsheet would run a cell that begins like a formula.
        cells = (
            one.call_id,
            one.agent_name or "",
            one.kind,
            one.verdict,
            one.start_s,
            one.end_s,
            what(context, one),
            quoted(context.say, one.quote),
            _why(context, one),
        )
        writer.writerow(
            [f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("=+-@\t\r") else cell for cell in cells]
        )
    return text.getvalue()
