"""The frustration curve in characters, with the flags and the background sounds under it."""

from bisect import bisect_left, bisect_right

from rich.text import Text

from monitor.records import CallReport, FrustrationPoint, Moment
from monitor.titles import clock, plain

ROWS = 4
_BLOCKS = " ▁▂▃▄▅▆▇█"
_AXIS_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_MARGIN = 6
"""Columns left of the curve, for the labels."""

SIGNS = {"missed": "✗", "late": "◷", "handled": "✓"}
STYLES = {"missed": "bold red", "late": "yellow", "handled": "green"}


def draw_curve(report: CallReport, width: int) -> list[Text]:
    """The lines of the chart: curve, time axis, flags, sounds. `width` in terminal cells."""
    columns = max(10, width - _MARGIN)
    scale = _Scale(report.duration_s, columns)
    levels = levels_by_column(report.frustration, report.duration_s, columns)
    return [*_bars(levels), _axis(scale), *_flags(report, scale), *_sounds(report, scale)]


def levels_by_column(points: tuple[FrustrationPoint, ...], duration_s: float, columns: int) -> list[float]:
    """The highest level within each column's stretch of time; the level before it where nothing was measured in it."""
    levels = []
    times = [point.time_s for point in points]
    for column in range(columns):
        first = bisect_right(times, column * duration_s / columns) - 1
        last = len(points) if column == columns - 1 else bisect_left(times, (column + 1) * duration_s / columns)
        inside = points[max(0, first) : last]
        levels.append(max((point.level for point in inside), default=0.0))
    return levels


def level_style(level: float) -> str:
    """The colour of a frustration level: calm, uneasy, frustrated."""
    return "green" if level < 0.35 else "yellow" if level < 0.6 else "red"


def level_block(level: float) -> str:
    """A level as one block character."""
    return _BLOCKS[max(1, min(8, round(level * 8)))]


class _Scale:
    """From times to columns."""

    def __init__(self, duration_s: float, columns: int) -> None:
        self.duration_s = max(duration_s, 1e-9)
        self.columns = columns

    def column(self, time_s: float) -> int:
        share = max(0.0, min(1.0, time_s / self.duration_s))
        return min(self.columns - 1, int(share * self.columns))


def _bars(levels: list[float]) -> list[Text]:
    lines = []
    for row in range(ROWS - 1, -1, -1):
        label = {ROWS - 1: "1.0", 0: "0.0"}.get(row, "")
        line = Text(f"{label:>4} │", style="dim")
        style = f"not dim {level_style((row + 0.5) / ROWS)}"
        for level in levels:
            eighths = round(level * ROWS * 8) - row * 8
            # The lowest row always shows something, so that a calm call has a base line and not a hole.
            block = _BLOCKS[max(1 if row == 0 else 0, min(8, eighths))]
            line.append(block, style=style)
        lines.append(line)
    return lines


def _axis(scale: _Scale) -> Text:
    step = next((s for s in _AXIS_STEPS_S if scale.columns * s / scale.duration_s >= 9), _AXIS_STEPS_S[-1])
    line = [" "] * (scale.columns + _MARGIN)
    for number in range(int(scale.duration_s // step) + 1):
        label = clock(number * step)
        at = _MARGIN + scale.column(number * step)
        if at + len(label) <= len(line):
            line[at : at + len(label)] = label
    return Text("".join(line).rstrip(), style="dim")


def _flags(report: CallReport, scale: _Scale) -> list[Text]:
    """One line of signs; where several fall into a column, the gravest is shown."""
    shown: dict[int, Moment] = {}
    for moment in report.moments:
        column = scale.column(moment.start_s)
        if column not in shown or _gravity(moment) > _gravity(shown[column]):
            shown[column] = moment
    if not shown:
        return []
    line = Text("flags ", style="dim")
    for column in range(max(shown) + 1):
        moment_there = shown.get(column)
        verdict = moment_there and moment_there.verdict
        line.append(SIGNS[verdict] if verdict else " ", style=f"not dim {STYLES[verdict]}" if verdict else None)
    return [line]


def _gravity(moment: Moment) -> tuple[bool, bool]:
    return moment.verdict == "missed", moment.severity == "critical"


def _sounds(report: CallReport, scale: _Scale) -> list[Text]:
    """One line a label: where it was heard."""
    lines = []
    for label in dict.fromkeys(sound.label for sound in report.sounds):
        cells = [" "] * scale.columns
        for sound in report.sounds:
            if sound.label == label:
                first, last = scale.column(sound.start_s), scale.column(sound.end_s)
                cells[first : last + 1] = "~" * (last - first + 1)
        name = f" {plain(label).lower()}"
        line = "".join(cells).rstrip()
        if len(line) + len(name) <= scale.columns:
            line += name
        else:
            line = line[: max(0, scale.columns - len(line.lstrip()) - len(name))] + line.lstrip()
            line = f"{name.strip()} {line.lstrip()}".rjust(len(line))
        lines.append(Text(" " * _MARGIN + line, style="magenta"))
    return lines
