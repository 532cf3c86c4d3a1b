"""An evaluation as a person reads it in a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.evaluate.evaluation import Accuracy, Evaluation, Part, Score
from monitor.titles import clock, language_name

CONFUSIONS_SHOWN = 12


def print_evaluation(evaluation: Evaluation, console: Console) -> None:
    """Print all figures: by kind, by language, of the call as a whole, confusions, worst errors."""
    heard = f", {evaluation.recordings} of them heard from their recordings" if evaluation.recordings else ""
    console.print(f"{evaluation.calls} labelled calls{heard}\n", highlight=False)
    for table in (_kinds(evaluation), _languages(evaluation), _answers(evaluation)):
        console.print(table)
        console.print()
    if evaluation.confusions:
        console.print(_confusions(evaluation))
        console.print()
    if evaluation.worst:
        console.print(_worst(evaluation))


def _table(title: str, text: Sequence[str], numbers: Sequence[str] = ()) -> Table:
    """A plain table with columns of text, the first never broken, then columns of numbers."""
    table = Table(title=title, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.title_justify, table.title_style = "left", "bold"
    for name in text:
        table.add_column(name, overflow="fold", no_wrap=name == text[0])
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _kinds(evaluation: Evaluation) -> Table:
    title = "Moments by kind: missed, then handled (P precision, R recall, n labelled)"
    table = _table(title, ["kind"], ["P", "R", "F1", "n"] * 2)
    rows = [(kind, scores) for kind, scores in evaluation.kinds.items()]
    for name, scores in [*rows, ("all together (micro)", evaluation.micro)]:
        cells = [cell for verdict in ("missed", "handled") for cell in _score(scores[verdict])]
        table.add_row(name, *cells, style="bold" if name.startswith("all") else None)
    macro = [evaluation.macro[verdict].f1 for verdict in ("missed", "handled")]
    table.add_row("mean of kinds (macro)", "", "", _figure(macro[0]), "", "", "", _figure(macro[1]), "", style="bold")
    late = evaluation.micro["late"]
    table.caption = (
        f"late: P {_figure(late.precision)}  R {_figure(late.recall)}  F1 {_figure(late.f1)}  labelled {late.support}"
    )
    table.caption_justify = "left"
    return table


def _languages(evaluation: Evaluation) -> Table:
    numbers = ("calls", "P", "R", "F1", "95 %", "handled", "turns", "Spearman", "AUC")
    table = _table("By language: missed moments, F1 of handled ones, frustration by turn", ["language"], numbers)
    parts: list[tuple[str, Part]] = [(language_name(code), part) for code, part in evaluation.languages.items()]
    for name, part in [*parts, ("all", evaluation)]:
        missed, level = part.micro["missed"], part.frustration
        low, high = missed.f1_interval or (None, None)
        table.add_row(
            name,
            str(part.calls),
            _figure(missed.precision),
            _figure(missed.recall),
            _figure(missed.f1),
            f"{_figure(low)}–{_figure(high)}" if low is not None else "",
            _figure(part.micro["handled"].f1),
            str(level.turns),
            _figure(level.spearman),
            _figure(level.auc),
            style="bold" if name == "all" else None,
        )
    return table


def _answers(evaluation: Evaluation) -> Table:
    table = _table("The call as a whole", ["question"], ["figure", "calls"])
    table.add_column("taken for another")
    for name in ("outcome", "recovered", "contact_value"):
        answer: Accuracy = getattr(evaluation, name)
        wrong = [
            f"{true} for {found}: {times}"
            for true, row in answer.confusion.items()
            for found, times in row.items()
            if true != found
        ]
        table.add_row(name.replace("_", " "), _figure(answer.accuracy), str(answer.calls), ", ".join(wrong))
    table.add_row(
        "critical false alarms a calm call",
        _figure(evaluation.critical_alarms_a_calm_call),
        str(evaluation.calm_calls),
        "",
    )
    for verdict, error in evaluation.calibration_error.items():
        table.add_row(f"calibration error, {verdict}", _figure(error), "", "")
    return table


def _confusions(evaluation: Evaluation) -> Table:
    table = _table("Flagged instead", ["labelled", "flagged"], ["times"])
    for confusion in evaluation.confusions[:CONFUSIONS_SHOWN]:
        table.add_row(confusion.true, confusion.flagged, str(confusion.count))
    return table


def _worst(evaluation: Evaluation) -> Table:
    table = _table("Worst errors", ["call", "time", "error", "quote"])
    for error in evaluation.worst:
        sure = f" ({error.confidence:.0%} sure)" if error.confidence is not None else ""
        instead = f"; there: {error.instead}" if error.instead != "nothing" else ""
        table.add_row(
            Text(error.call_id),
            clock(error.time_s),
            f"{error.error}{sure}: {error.kind}/{error.verdict}{instead}",
            Text(error.quote),
        )
    return table


def _score(score: Score) -> tuple[str, ...]:
    return (*(_figure(value) for value in (score.precision, score.recall, score.f1)), str(score.support or ""))


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
