"""Lines over weeks, as quiet Plotly charts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboards.context import Context
from dashboards.theme import PLOTLY_CONFIG, colours, plotly_layout

HEIGHT = 190


def weekly(
    context: Context,
    key: str,
    days: Sequence[date],
    values: Sequence[float | None],
    *,
    label: str,
    percent: bool = False,
    texts: Sequence[str] = (),
) -> None:
    """One line over weeks; `texts` say each point in words when it is pointed at."""
    palette = colours(context.dark)
    line = {
        "type": "scatter", "x": list(days), "y": list(values), "mode": "lines+markers", "name": label, "text": list(texts),
        "hovertemplate": "%{text}<extra></extra>", "line": {"color": palette.accent, "width": 2},
        "marker": {"size": 5, "color": palette.accent},
    }  # fmt: skip
    layout = plotly_layout(context.dark)
    ticks = list(days)[:: max(1, len(days) // 6)]
    axis_y = {"nticks": 5, "fixedrange": True} | ({"tickformat": ".0%"} if percent else {})
    axis_x = {
        "showgrid": False, "tickvals": ticks, "ticktext": [context.show.short_day(day) for day in ticks], "fixedrange": True,
    }  # fmt: skip
    axes = {"xaxis": layout["xaxis"] | axis_x, "yaxis": layout["yaxis"] | axis_y}
    _draw([line], layout | axes | {"height": HEIGHT}, key)


def against(
    context: Context,
    key: str,
    xs: Sequence[float],
    shares: Sequence[float],
    spans: Sequence[tuple[float, float]],
    *,
    label: str,
    texts: Sequence[str],
    target: float,
) -> None:
    """Shares with their intervals against a number from 0 to 1; a thin line stands at the target."""
    palette = colours(context.dark)
    up = [high - share for share, (_, high) in zip(shares, spans, strict=True)]
    down = [share - low for share, (low, _) in zip(shares, spans, strict=True)]
    line = {
        "type": "scatter", "x": list(xs), "y": list(shares), "mode": "lines+markers", "text": list(texts),
        "hovertemplate": "%{text}<extra></extra>", "line": {"color": palette.accent, "width": 2},
        "marker": {"size": 7, "color": palette.accent},
        "error_y": {"array": up, "arrayminus": down, "color": palette.calm, "thickness": 1.5, "width": 4},
    }  # fmt: skip
    layout = plotly_layout(context.dark)
    heading = {"text": label, "font": {"color": palette.muted, "size": 12}}
    axis_x = {"range": [0, 1], "fixedrange": True, "title": heading, "showgrid": False}
    axis_y = {"range": [0, 1.02], "tickformat": ".0%", "fixedrange": True, "nticks": 6}
    mark = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": target, "y1": target}
    shapes = [mark | {"line": {"color": palette.faint, "width": 1, "dash": "dot"}}]
    axes = {"xaxis": layout["xaxis"] | axis_x, "yaxis": layout["yaxis"] | axis_y}
    _draw([line], layout | axes | {"height": HEIGHT + 60, "shapes": shapes}, key)


def _draw(data: list[dict[str, Any]], layout: dict[str, Any], key: str) -> None:
    from plotly.graph_objects import Figure

    # Made in one go: each later change of a figure costs a tenth of a second.
    st.plotly_chart(
        Figure({"data": data, "layout": layout}), key=key, config=PLOTLY_CONFIG, theme=None, width="stretch"
    )
