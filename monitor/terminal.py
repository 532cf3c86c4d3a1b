"""A report as a person reads it in a terminal: the call, its curve, its flags in time order, its score."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from monitor.curve import SIGNS, STYLES, draw_curve, level_block, level_style
from monitor.records import CallReport, Moment, ReadTurn
from monitor.titles import clock, effort_words, language_name, moment_title

if TYPE_CHECKING:
    from monitor.store import StoredCall

MAX_WIDTH = 120
"""Lines longer than this are hard to read, however wide the window."""
QUOTE_CELLS = 240
"""A longer quote is cut: the transcript has the rest."""

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
    parts.append(_transcript(report) if full else _moments(report.moments))
    parts += [Text(), _score(report), Text()]
    console.print(Padding(Group(*parts), (0, 2)), width=width, highlight=False)


def print_calls(calls: Sequence["StoredCall"], console: Console) -> None:
    """Print the list of calls, one line each."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("call", overflow="fold")
    for name in ("length", "peak", "end"):
        table.add_column(name, justify="right")
    table.add_column("critical", justify="right")
    table.add_column("minor", justify="right")
    table.add_column("handled", justify="right")
    table.add_column("outcome")
    table.add_column("analysed", no_wrap=True)
    for call in calls:
        outcome = call.outcome + (" (recovered)" if call.recovered else "")
        table.add_row(
            Text(call.call_id),
            clock(call.duration_s),
            _level(call.peak_frustration),
            _level(call.end_frustration),
            Text(str(call.critical_missed), style="bold red" if call.critical_missed else "dim"),
            Text(str(call.minor_missed), style="" if call.minor_missed else "dim"),
            Text(str(call.handled), style="green" if call.handled else "dim"),
            Text(outcome, style=_OUTCOMES.get(call.outcome, "")),
            call.analyzed_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        )
    console.print(table, highlight=False)


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


def _moments(moments: Sequence[Moment]) -> RenderableType:
    if not moments:
        return Text("No moments: nothing was asked of the agent's empathy that these rules look for.", style="dim")
    table = _grid()
    for moment in sorted(moments, key=lambda moment: (moment.start_s, moment.end_s)):
        table.add_row(clock(moment.start_s), _sign(moment), _card(moment))
    return table


def _card(moment: Moment) -> RenderableType:
    """One flag: what, the quote, why."""
    quote = Text("“" + _cut(moment.quote) + "”", style="italic") if moment.quote else None
    why = Text(moment.why, style="dim") if moment.why else None
    return Group(_title(moment), *(line for line in (quote, why) if line), Text())


def _title(moment: Moment) -> Text:
    title = Text(moment_title(moment), style="bold" if moment.verdict != "handled" else "")
    if moment.verdict != "handled":
        title.append(f"  {moment.severity}", style=f"not bold {'red' if moment.severity == 'critical' else 'dim'}")
    if moment.response and moment.response.latency_s > 0:
        title.append(f"  after {moment.response.latency_s:.1f} s", style="not bold dim")
    return title


def _transcript(report: CallReport) -> RenderableType:
    flags: dict[int | None, list[Moment]] = {}
    for moment in report.moments:
        flags.setdefault(moment.turn, []).append(moment)
    table = _grid()
    for turn in report.turns:
        who = Text(turn.speaker, style="cyan" if turn.speaker == "agent" else "bold")
        table.add_row(clock(turn.start_s), who, _spoken(turn))
        for moment in flags.get(turn.index, ()):
            table.add_row("", _sign(moment), _card(moment))
    for moment in flags.get(None, ()):
        table.add_row(clock(moment.start_s), _sign(moment), _card(moment))
    return table


def _spoken(turn: ReadTurn) -> Text:
    text = Text(turn.text)
    if turn.frustration is not None:
        text.append(f" {level_block(turn.frustration)}", style=level_style(turn.frustration))
    return text


def _score(report: CallReport) -> RenderableType:
    summary = report.summary
    outcome = Text(summary.outcome, style=f"bold {_OUTCOMES[summary.outcome]}")
    if summary.recovered:
        outcome.append(", recovered: the customer ended calmer than at the peak", style="not bold green")
    missed = Text.assemble(
        (f"{SIGNS['missed']} {summary.critical_missed} critical", "bold red" if summary.critical_missed else "dim"),
        "   ",
        (f"{SIGNS['missed']} {summary.minor_missed} minor", "red" if summary.minor_missed else "dim"),
        "   ",
        (f"{SIGNS['handled']} {summary.handled} handled", "green" if summary.handled else "dim"),
    )
    if summary.empathy_rate is not None:
        missed.append(f"   empathy rate {summary.empathy_rate:.0%}")
    rows: list[tuple[str, RenderableType]] = [("Outcome", outcome), ("Moments", missed)]
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
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _sign(moment: Moment) -> Text:
    return Text(f"{SIGNS[moment.verdict]} {moment.verdict}", style=STYLES[moment.verdict])


def _hanging(sign: str, text: Text) -> RenderableType:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_row(Text(sign, style=text.style), text)
    return table


def _level(level: float) -> Text:
    return Text(f"{level:.2f}", style=level_style(level))


def _cut(quote: str) -> str:
    text = Text(quote)
    text.truncate(QUOTE_CELLS, overflow="ellipsis")
    return text.plain
