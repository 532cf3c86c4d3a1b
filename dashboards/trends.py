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
    from plotly.graph_objects import Figure, Scatter

    palette = colours(context.dark)
    figure = Figure(
        Scatter(
            x=list(days), y=list(values), mode="lines+markers", name=label, text=list(texts), hovertemplate="%{text}<extra></extra>",
            line={"color": palette.accent, "width": 2}, marker={"size": 5, "color": palette.accent},
        )
    )  # fmt: skip
    layout: dict[str, Any] = plotly_layout(context.dark)
    axis_y = layout["yaxis"] | {"rangemode": "normal", "nticks": 5} | ({"tickformat": ".0%"} if percent else {})
    ticks = list(days)[:: max(1, len(days) // 6)]
    axis_x = layout["xaxis"] | {
        "showgrid": False, "tickvals": ticks, "ticktext": [context.show.short_day(day) for day in ticks], "fixedrange": True,
    }  # fmt: skip
    figure.update_layout(**layout | {"height": HEIGHT, "yaxis": axis_y | {"fixedrange": True}, "xaxis": axis_x})
    st.plotly_chart(figure, key=key, config=PLOTLY_CONFIG, theme=None, width="stretch")


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
    from plotly.graph_objects import Figure, Scatter

    palette = colours(context.dark)
    up = [high - share for share, (_, high) in zip(shares, spans, strict=True)]
    down = [share - low for share, (low, _) in zip(shares, spans, strict=True)]
    figure = Figure(
        Scatter(
            x=list(xs), y=list(shares), mode="lines+markers", text=list(texts), hovertemplate="%{text}<extra></extra>",
            line={"color": palette.accent, "width": 2}, marker={"size": 7, "color": palette.accent},
            error_y={"array": up, "arrayminus": down, "color": palette.calm, "thickness": 1.5, "width": 4},
        )
    )  # fmt: skip
    layout: dict[str, Any] = plotly_layout(context.dark)
    heading = {"text": label, "font": {"color": palette.muted, "size": 12}}
    axis_x = layout["xaxis"] | {"range": [0, 1], "fixedrange": True, "title": heading, "showgrid": False}
    axis_y = layout["yaxis"] | {"range": [0, 1.02], "tickformat": ".0%", "fixedrange": True, "nticks": 6}
    figure.add_hline(y=target, line={"color": palette.faint, "width": 1, "dash": "dot"})
    figure.update_layout(**layout | {"height": HEIGHT + 60, "xaxis": axis_x, "yaxis": axis_y})
    st.plotly_chart(figure, key=key, config=PLOTLY_CONFIG, theme=None, width="stretch")
