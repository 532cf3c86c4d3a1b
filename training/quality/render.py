"""docs/QUALITY.md from the kept results."""

from collections.abc import Mapping
from pathlib import Path

from monitor.evaluate.statistics import Interval
from training.quality.pictures import draw
from training.quality.results import Beside, Result, Row

INTRODUCTION = """\
# How well it hears and judges

Every figure on this page was measured by `make quality`, which writes the page from the results in `docs/quality/`; none was typed.
The data are not part of this repository (`make quality SHARED=FOLDER` names the folder that holds `calls/` and `data/`). Measuring everything
takes {total} on the machine that did it last; `make quality PARTS={parts}` measures parts, and what is measured is kept.

Where weights were fitted on the same calls, each call was judged by weights that never saw it (cross-validation by call). Brackets hold 95 %
intervals, by bootstrap over the calls, dialogues, actors or clips. *Beside* stands what a simpler way reaches on the same data.
"""
HOLDS = {True: "yes", False: "**not yet**", None: ""}


def render(results: Mapping[str, Result], order: list[str], page: Path) -> None:
    """Write the page and its pictures.

    Args:
        results: what was measured, by part.
        order: the parts in the order of the page; those that were never measured are named as such.
        page: where to write; pictures go to the folder of results beside it.
    """
    measured = [results[name] for name in order if name in results]
    total = _duration(sum(result.took_s for result in measured))
    text = [INTRODUCTION.format(total=total, parts=",".join(order[:2])), _summary(measured)]
    text += [_section(result, page.parent / "quality") for result in measured]
    missing = [name for name in order if name not in results]
    if missing:
        text.append(f"Not measured yet: {', '.join(missing)}.\n")
    page.write_text("\n".join(text), encoding="utf-8")


def _summary(results: list[Result]) -> str:
    rows = [row for result in results for row in result.rows if row.reach is not None]
    short = [
        f"- {row.what}, {row.on}, {row.figure}: {_value(row.ours)}, to reach {_target(row)}"
        for row in rows
        if not row.holds
    ]
    held = f"**{sum(bool(row.holds) for row in rows)} of {len(rows)} targets are reached.**"
    return held + (" These are not:\n\n" + "\n".join(short) + "\n" if short else "\n")


def _section(result: Result, pictures: Path) -> str:
    lines = [
        f"## {result.title}",
        "",
        "| what | on | figure | heard | beside | reach | reached |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.what} | {row.on} | {row.figure} | **{_value(row.ours)}**{_interval(row.interval)} "
        f"| {'; '.join(_beside(one) for one in row.beside)} | {_target(row)} | {HOLDS[row.holds]} |"
        for row in result.rows
    ]
    for title, table in result.tables.items():
        lines += [
            "",
            f"**{title}**",
            "",
            _line(table[0]),
            "|" + "---|" * len(table[0]),
            *(_line(row) for row in table[1:]),
        ]
    lines += ["", *(f"![{title}](quality/{name})\n" for name, title in draw(result, pictures))]
    lines += [f"- {note}" for note in result.notes]
    lines.append(f"- Data: {result.data}")
    lines.append(f"- Measured {result.date} at {result.version} by `{result.command}`, in {_duration(result.took_s)}.")
    return "\n".join(lines) + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _beside(one: Beside) -> str:
    return f"{one.name} {_value(one.value)}{_interval(one.interval)}"


def _interval(interval: Interval | None) -> str:
    return f" [{_value(interval[0])}, {_value(interval[1])}]" if interval else ""


def _target(row: Row) -> str:
    return "" if row.reach is None else f"{'≤' if row.lower else '≥'} {_value(row.reach)}"


def _value(value: float) -> str:
    return f"{value:.3f}".replace("-", "\u2212")


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes >= 2 else f"{seconds:.0f} s"
