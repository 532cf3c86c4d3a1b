"""Numbers as HTML that a screen reader can read and every part of which can be a link: figures, rankings, heat maps."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_DEEP = (0.58, 0.74)
"""From these strengths on a cell's colour needs the other letters, on a dark and on a light page."""


@dataclass(frozen=True)
class Row:
    """One line of a ranking: what, how many, and the calls behind it."""

    text: str
    count: str
    share: float
    """Length of its bar, 0 to 1."""
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell of a heat map."""

    value: str
    strength: float
    """0 to 1."""
    href: str
    label: str
    """The cell in words, for those who do not see the map."""


def figure(
    label: str,
    value: str,
    *,
    change: str = "",
    good: bool | None = None,
    href: str = "",
    note: str = "",
    trend: str = "",
) -> str:
    """A figure card with its change and a small trend; an arrow says what the colour says."""
    tone = "" if good is None else "good" if good else "bad"
    lines = [f'<div class="label">{escape(label)}</div>', f'<div class="value">{escape(value)}</div>']
    if change:
        lines.append(f'<div class="change {tone}">{escape(change)}</div>')
    if note:
        lines.append(f'<div class="note">{escape(note)}</div>')
    body = "".join(lines) + trend
    return f'<a class="tile" href="{escape(href)}">{body}</a>' if href else f'<div class="tile">{body}</div>'


def ranking(rows: Sequence[Row], nothing: str) -> str:
    """Texts with bars, the most first; `nothing` stands where there are none."""
    if not rows:
        return f'<p class="muted">{escape(nothing)}</p>'
    return f'<ol class="ranking">{"".join(_ranked(row) for row in rows)}</ol>'


def _ranked(row: Row) -> str:
    note = f'<span class="note">{escape(row.note)}</span>' if row.note else ""
    count = f'<a href="{escape(row.href)}">{escape(row.count)}</a>' if row.href else escape(row.count)
    bar = f'<span class="bar"><span style="width:{100 * min(1.0, row.share):.1f}%"></span></span>'
    return f'<li><span class="text">{escape(row.text)}{note}</span><span class="count">{count}</span>{bar}</li>'


def heat(corner: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell | None]]]) -> str:
    """A heat map as a table whose cells are links; None leaves a cell empty."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(_cell(cell) for cell in cells)}</tr>' for name, cells in rows
    )
    first = f'<th scope="col">{escape(corner)}</th>'
    return f'<div class="wide"><table class="heat"><thead><tr>{first}{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "<td></td>"
    deep = f' class="deep{sum(cell.strength >= least for least in _DEEP)}"'
    style = f"--heat:{round(6 + 86 * min(1.0, cell.strength))}%"
    label = escape(cell.label)
    return (
        f'<td><a{deep} href="{escape(cell.href)}" style="{style}" aria-label="{label}" title="{label}">'
        f"{escape(cell.value)}</a></td>"
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, numbers_from: int = 1) -> str:
    """A table of cells that are HTML already; columns from `numbers_from` on are numbers."""
    kinds = ["" if index < numbers_from else ' class="number"' for index in range(len(columns))]
    head = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(columns, kinds, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table class="plain"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def percent_of(text: str) -> str:
    """A share in figures beside its bar, as wide in every row."""
    return f'<span class="share">{escape(text)}</span>'


def two_tone(met: float, *, label: str) -> str:
    """A bar of two parts, how much was met and how much was not; the label says it in words."""
    width = f"{100 * met:.1f}%"
    return f'<span class="twotone" role="img" aria-label="{escape(label)}"><span style="width:{width}"></span></span>'


def interval(low: float, point: float, high: float, *, label: str, mark: float | None = None) -> str:
    """A share with its interval on a line from 0 to 1; `mark` is where it should be."""
    target = f'<span class="mark" style="left:{100 * mark:.1f}%"></span>' if mark is not None else ""
    return (
        f'<span class="interval" role="img" aria-label="{escape(label)}">{target}'
        f'<span class="range" style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></span>'
        f'<span class="point" style="left:{100 * point:.1f}%"></span></span>'
    )
