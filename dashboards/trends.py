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
