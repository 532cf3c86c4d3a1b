"""Lines as HTML: drawn without a script, in the page's own colours, and told in words to those who do not see them."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_LINES = 4
"""About so many lines lie across a chart."""
_LEAST_SPREAD = 0.15
"""A chart's height stands for at least so much of its highest value: a change of a few per cent is no landslide."""

_TINY = 1e-6
"""What differs by less is the same."""


@dataclass(frozen=True)
class Point:
    """One point of a line."""

    x: float
    """0 to 1, from the left."""
    value: float | None
    text: str
    """The point in words, shown when it is pointed at."""
    span: tuple[float, float] | None = None
    """The interval that the value lies in."""


def line_chart(
    points: Sequence[Point],
    ticks: Sequence[tuple[float, str]],
    *,
    label: str,
    written: Callable[[float], str],
    bounds: tuple[float, float] | None = None,
    target: float | None = None,
    below: str = "",
) -> str:
    """A line with marked points; a gap where there is no value.

    ticks: places (0 to 1) and names along the bottom; written: how a value is written at the side; bounds: lowest and highest value
    shown, else what the values need; target: where a thin line stands; below: what the bottom counts
    """
    values = [point.value for point in points if point.value is not None]
    if not values:
        return ""
    lines = rungs(*(bounds or _bounds(values)))
    low, high = lines[0], lines[-1]

    def up(value: float) -> float:
        """Place from the top, in per cent."""
        return 100 * (high - value) / (high - low)

    grid = "".join(
        f'<span class="rung" style="top:{up(line):.2f}%"><i>{escape(written(line))}</i></span>' for line in lines
    )
    goal = f'<span class="goal" style="top:{up(target):.2f}%"></span>' if target is not None else ""
    line = stroke([(point.x, None if point.value is None else up(point.value) / 100) for point in points], 2.0)
    marks = "".join(_mark(point, up) for point in points if point.value is not None)
    names = "".join(f'<span style="left:{100 * x:.2f}%">{escape(name)}</span>' for x, name in ticks)
    told = escape("; ".join([label, *(point.text for point in points)]))
    foot = f'<div class="below">{escape(below)}</div>' if below else ""
    return (
        f'<div class="chart" role="img" aria-label="{told}"><div class="plot">{grid}{goal}{line}{marks}</div>'
        f'<div class="ticks">{names}</div>{foot}</div>'
    )


def sparkline(values: Sequence[float | None], *, alt: str) -> str:
    """A line without axes, its last point marked; gaps where there is no value."""
    known = [value for value in values if value is not None]
    if len(known) < 3:
        return ""
    low, high = _bounds(known)
    last = len(values) - 1
    places = [(n / last, None if value is None else (high - value) / (high - low)) for n, value in enumerate(values)]
    x, y = next((x, y) for x, y in reversed(places) if y is not None)
    end = f'<b style="left:{100 * x:.1f}%;top:{100 * y:.1f}%"></b>'
    return f'<span class="spark" role="img" aria-label="{escape(alt)}"><span>{stroke(places, 1.5)}{end}</span></span>'


def rungs(low: float, high: float) -> list[float]:
    """Round values from below the lowest to above the highest, evenly apart."""
    raw = (high - low) / _LINES or 1.0
    power = 10.0 ** floor(log10(raw))
    step = next(one for one in _STEPS if one * power >= raw * 0.999) * power
    first = floor(low / step + 1e-9)
    last = max(ceil(high / step - 1e-9), first + 1)
    # Counted in steps, so that adding up does not leave 0.30000000000000004.
    return [round(k * step, 10) for k in range(first, last + 1)]


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    spread = max(high - low, _LEAST_SPREAD * abs(high))
    if spread < _TINY:
        spread = 1.0
    middle = (low + high) / 2
    return (max(0.0, middle - spread / 2) if low >= 0 else middle - spread / 2), middle + spread / 2


def stroke(places: Sequence[tuple[float, float | None]], width_px: float) -> str:
    """A line through places (0 to 1 from the left and from the top), broken where there is none, as wide as what holds it.

    It reaches 4 % above and below, for its own width. It is a mask, and so of the page's own colour; a page's HTML may hold no drawing.
    """
    runs: list[list[str]] = [[]]
    for x, y in places:
        if y is None:
            runs.append([])
        else:
            runs[-1].append(f"{1000 * x:.0f},{1000 * y:.0f}")
    still = 'vector-effect="non-scaling-stroke"'
    lines = "".join(f'<polyline {still} points="{" ".join(run)}"/>' for run in runs if len(run) > 1)
    style = f'fill="none" stroke="#000" stroke-width="{width_px}" stroke-linejoin="round"'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -40 1000 1080" preserveAspectRatio="none" {style}>'
        f"{lines}</svg>"
    )
    image = f"url(data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"
    return f'<span class="stroke" style="-webkit-mask-image:{image};mask-image:{image}"></span>'


def _mark(point: Point, up: Callable[[float], float]) -> str:
    top = up(point.value or 0.0)
    span = ""
    if point.span is not None:
        low, high = point.span
        span = f'<i class="span" style="top:{up(high):.2f}%;height:{up(low) - up(high):.2f}%"></i>'
    side = " left" if point.x > 0.5 else ""
    text = escape(point.text)
    return f'<span class="spot{side}" style="left:{100 * point.x:.2f}%" data-text="{text}">{span}<b style="top:{top:.2f}%"></b></span>'
