"""A report as a person reads it in a terminal: the call, its curve, its flags in time order, its score."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from monitor.curve import SIGNS, STYLES, draw_curve, level_block, level_style
from monitor.records import CallReport, Moment, ReadTurn
from monitor.titles import clock, effort_words, language_name, moment_title

if TYPE_CHECKING:
    from monitor.store import StoredCall

MAX_WIDTH = 120
"""Lines longer than this are hard to read, however wide the window."""

_OUTCOMES = {"resolved": "green", "unresolved": "red", "escalated": "yellow"}
_CONTACT_VALUES = {
    "leverage": "worth having",
    "simplify": "should cost the customer less effort",
    "automate": "could be self-service",
    "eliminate": "should not have been needed",
}


def print_report(report: CallReport, console: Console, *, full: bool = False) -> None:
    """Print a call's timeline; `full` prints the whole transcript with the flags in it."""
    width = min(console.width, MAX_WIDTH)
    parts: list[RenderableType] = [_header(report), *_warnings(report), Text(), _curve(report, width - 4), Text()]
    parts.append(_transcript(report) if full else _moments(report, width - 4))
    parts += [Text(), _score(report), Text()]
    _print(Padding(Group(*parts), (0, 2)), console, width)


def print_calls(calls: Sequence["StoredCall"], console: Console) -> None:
    """Print the list of calls, one line each."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("call", overflow="fold")
    for name in ("length", "peak", "critical", "minor", "handled"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("analysed", no_wrap=True)
    for call in calls:
        table.add_row(
            Text(call.call_id),
            clock(call.duration_s),
            _level(call.peak_frustration),
            Text(str(call.critical_missed), style="bold red" if call.critical_missed else "dim"),
            Text(str(call.minor_missed), style="" if call.minor_missed else "dim"),
            Text(str(call.handled), style="green" if call.handled else "dim"),
            Text("recovered" if call.recovered else call.outcome, style=_OUTCOMES.get(call.outcome, "")),
            f"{call.analyzed_at.astimezone():%Y-%m-%d}",
        )
    _print(table, console, console.width)


_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))
"""Characters that would steer the terminal: what a transcript says is not trusted."""


def _print(content: RenderableType, console: Console, width: int) -> None:
    """Print without the blanks at the ends of lines, which are a nuisance in pipes and in narrowed windows."""
    for line in console.render_lines(content, console.options.update(width=width), pad=False):
        while line and not line[-1].text.strip():
            line.pop()
        if line:
            line[-1] = Segment(line[-1].text.rstrip(), line[-1].style)
        safe = [Segment(segment.text.translate(_CONTROL), segment.style) for segment in line]
        console.print(Segments([*safe, Segment.line()]), end="", soft_wrap=True)


def _header(report: CallReport) -> RenderableType:
    channels = report.channels
    facts = [clock(report.duration_s), language_name(report.language), channels.layout.replace("_", " ")]
    title = Table.grid(expand=True)
    title.add_column(overflow="fold")
    title.add_column(justify="right", no_wrap=True)
    title.add_row(Text(report.call_id, style="bold"), Text(" · ".join(facts), style="dim"))
    lines: list[RenderableType] = [Rule(style="dim"), title]
    if channels.agent:
        side = {
            "left": "on the left",
            "right": "on the right",
            "first": "who spoke first",
            "second": "who spoke second",
        }
        sure = f"The agent is the one {side[channels.agent]} ({channels.role_confidence:.0%} sure)."
        lines.append(Text(sure, style="dim" if channels.role_confidence >= 0.8 else "yellow"))
    return Group(*lines)


def _warnings(report: CallReport) -> Iterable[RenderableType]:
    quality = report.quality
    if quality.partial and not quality.warnings:
        yield _hanging("!", Text(f"Not all of it could be heard: {quality.lost_s:.1f} s are lost.", style="yellow"))
    for warning in quality.warnings:
        yield _hanging("!", Text(warning, style="yellow"))


def _curve(report: CallReport, width: int) -> RenderableType:
    summary = report.summary
    if not report.frustration:
        return Text("No frustration curve: the customer was not heard.", style="dim")
    peak = max(report.frustration, key=lambda point: point.level)
    heading = Text("Customer's frustration  ", style="bold")
    heading.append_text(Text.assemble("peak ", _level(summary.peak_frustration), f" at {clock(peak.time_s)}, end "))
    heading.append_text(_level(summary.end_frustration))
    heading.stylize("not bold", len("Customer's frustration"))
    return Group(heading, *draw_curve(report, width))


def _moments(report: CallReport, width: int) -> RenderableType:
    """The flags in time order; flags on the same exchange share its quotes."""
    if not report.moments:
        return Text("No moments: nothing in this call asked for more than it got.", style="dim")
    exchanges: dict[tuple[int | None, int | None], list[Moment]] = {}
    for moment in sorted(report.moments, key=lambda moment: (moment.start_s, moment.end_s)):
        exchanges.setdefault((moment.opening_turn, moment.turn), []).append(moment)
    table = _grid()
    for moments in exchanges.values():
        for moment in moments:
            table.add_row(clock(moment.start_s), _sign(moment), _title(moment))
        table.add_row("", "", _dialogue(moments, report, width - 10))
        for moment in moments:
            table.add_row("", "", Text(moment.why, style="dim"))
        table.add_row()
    return table


def _title(moment: Moment) -> RenderableType:
    """What happened, and at the right edge how it was judged."""
    verdict = Text(moment.verdict, style=STYLES[moment.verdict])
    if moment.response and moment.response.latency_s > 0:
        verdict = Text(f"after {moment.response.latency_s:.0f} s · ", style="dim").append_text(verdict)
    if moment.verdict != "handled":
        verdict.append(f" · {moment.severity}", style="red" if moment.severity == "critical" else "dim")
    title = Table.grid(expand=True, padding=(0, 2, 0, 0), pad_edge=False)
    title.add_column(ratio=1)
    title.add_column(justify="right", no_wrap=True)
    title.add_row(Text(moment_title(moment), style="bold"), verdict)
    return title


def _dialogue(moments: Sequence[Moment], report: CallReport, width: int) -> RenderableType:
    """The opening and the turn that missed or met it, with what was quoted of them, in the order they were spoken."""
    turns = {turn.index: turn for turn in report.turns}
    spoken = {index: turns[index] for index in (moments[0].opening_turn, moments[0].turn) if index in turns}
    quotes = {moment.quote: moment.quote.rstrip("… ") for moment in moments if moment.quote}
    # Two lines, less what the breaks between words leave empty.
    cells = 2 * (width - 10) - 16
    table = _speech_grid()
    for quote, beginning in quotes.items():
        if not any(beginning in turn.text for turn in spoken.values()):
            sound = quote.startswith("[")
            table.add_row(Text("sound" if sound else "", style="yellow"), _quoted(quote.strip("[]"), cells, not sound))
    for turn in spoken.values():
        quoted = next((quote for quote, beginning in quotes.items() if beginning in turn.text), turn.text)
        table.add_row(_speaker(turn.speaker), _quoted(quoted, cells))
    return table


def _quoted(text: str, cells: int, marks: bool = True) -> Text:
    cut = _cut(text, cells)
    return Text(f"“{cut}”" if marks else cut, style="italic")


def _transcript(report: CallReport) -> RenderableType:
    flags: dict[int | None, list[Moment]] = {}
    for moment in report.moments:
        flags.setdefault(moment.turn, []).append(moment)
    table = _grid()
    for turn in report.turns:
        table.add_row(clock(turn.start_s), _level_mark(turn), _said(turn))
        for moment in flags.get(turn.index, ()):
            table.add_row("", _sign(moment), Group(_title(moment), Text(moment.why, style="dim")))
    for moment in flags.get(None, ()):
        table.add_row(clock(moment.start_s), _sign(moment), Group(_title(moment), Text(moment.why, style="dim")))
    return table


def _said(turn: ReadTurn) -> RenderableType:
    table = _speech_grid()
    table.add_row(_speaker(turn.speaker), Text(turn.text))
    return table


def _level_mark(turn: ReadTurn) -> Text:
    if turn.frustration is None:
        return Text()
    return Text(level_block(turn.frustration), style=level_style(turn.frustration))


def _speaker(role: str) -> Text:
    return Text(role, style="cyan" if role == "agent" else "magenta")


def _score(report: CallReport) -> RenderableType:
    summary = report.summary
    outcome = Text(summary.outcome, style=f"bold {_OUTCOMES[summary.outcome]}")
    if summary.recovered:
        outcome.append(", recovered: the customer ended calmer than at the peak", style="not bold green")
    missed = Text.assemble(
        (
            f"{SIGNS['missed']} {summary.critical_missed} critical missed",
            "bold red" if summary.critical_missed else "dim",
        ),
        "   ",
        (f"{SIGNS['missed']} {summary.minor_missed} minor missed", "red" if summary.minor_missed else "dim"),
        "   ",
        (f"{SIGNS['handled']} {summary.handled} handled", "green" if summary.handled else "dim"),
    )
    rows: list[tuple[str, RenderableType]] = [("Outcome", outcome), ("Moments", missed)]
    if summary.empathy_rate is not None:
        rows.append(("Empathy", Text(f"{summary.empathy_rate:.0%} of the openings were met")))
    effort = effort_words(summary.effort)
    if effort:
        rows.append(("Effort", Text(effort)))
    value = Text(summary.contact_value)
    value.append(f": this contact {_CONTACT_VALUES[summary.contact_value]}", style="dim")
    rows.append(("Contact", value))
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, content in rows:
        table.add_row(Text(name, style="dim"), content)
    return table


def _grid() -> Table:
    """Three columns: time, sign, and what there is to say, which takes all the room there is."""
    table = Table.grid(expand=True, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    return table


def _speech_grid() -> Table:
    """Two columns: who, and what was said. Text without spaces is folded."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=len("customer"))
    table.add_column(overflow="fold")
    return table


def _sign(moment: Moment) -> Text:
    return Text(SIGNS[moment.verdict], style=STYLES[moment.verdict])


def _hanging(sign: str, text: Text) -> RenderableType:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_row(Text(sign, style=text.style), text)
    return table


def _level(level: float) -> Text:
    return Text(f"{level:.2f}", style=level_style(level))


def _cut(quote: str, cells: int) -> str:
    """A quote of at most so many cells, ended between words where there are any."""
    if cell_len(quote) <= cells:
        return quote
    head = set_cell_size(quote, cells).rstrip()
    between = head.rfind(" ", len(head) * 2 // 3)
    return (head[:between] if between > 0 else head).rstrip(" ,;.，。、…") + " …"
