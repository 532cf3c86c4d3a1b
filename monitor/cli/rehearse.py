"""Rules shown, checked and tried out on calls: what the subcommands of `heard rules` do."""

import difflib
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from audio.errors import BadInput, BadSettings, HeardError, StoreError
from monitor.acts.reader import ActReader
from monitor.analyze import Analyzer, Options
from monitor.cli.output import rule_values
from monitor.cli.progress import Bar
from monitor.cli.runner import options_from
from monitor.curve import SIGNS, STYLES
from monitor.records import CallReport, Moment
from monitor.rehearsal import Rehearsal, heard_again, rehearse, rehearse_kind
from monitor.rules import Rules, RulesError, load_rules
from monitor.rules.words import in_words
from monitor.settings import FILE_NAME, Settings, load_settings
from monitor.store import Store
from monitor.titles import clock


def known(name: str, rules: Rules) -> str:
    """The name of a rule, built in or of the user's own. Raises RulesError where there is none."""
    names = [*rules.custom, *rules.moments]
    if name in names:
        return name
    alike = difflib.get_close_matches(name, names, n=2)
    hint = f"did you mean {' or '.join(alike)}?" if alike else "`heard rules` prints those that are."
    raise RulesError(f"There is no rule named {name}: {hint}")


def print_rule(name: str, rules: Rules, console: Console) -> None:
    """Print one rule in words, then its values as they would stand in a settings file."""
    own = rules.custom.get(name)
    rule = own or rules.moments[name]
    console.print(Text(name, style="bold"), Text("your own" if own else "built in", style="dim"))
    if rule.about:
        console.print(Text(rule.about))
    console.print()
    if own:
        console.print(Text(in_words(own)), soft_wrap=True)
        console.print()
    console.print(Text(f"[{'rules' if own else 'moments'}.{name}]\n{rule_values(rule)}"), soft_wrap=True)


def check_settings(config: Path | None) -> str:
    """One line that tells how many rules a settings file holds. Raises BadSettings with what is wrong, and where."""
    settings = load_settings(config)
    path = config or Path(FILE_NAME)
    if not path.exists() and not settings.rules and not settings.moments:
        return f"There is no {path} here: the built-in rules are in force."
    try:
        rules = load_rules(settings.moments, settings.rules)
    except RulesError as error:
        raise BadSettings(f"{_place(path, str(error))}{error}") from error
    own = f"{len(rules.custom)} {'rule' if len(rules.custom) == 1 else 'rules'} of your own"
    names = f" ({', '.join(rules.custom)})" if rules.custom else ""
    changed = f"{len(settings.moments)} of {len(rules.moments)} built-in kinds changed"
    return f"{path} is well written: {own}{names}, {changed}."


def _place(path: Path, sentence: str) -> str:
    """The file and the line on which the table of the rule that a sentence names begins."""
    named = re.search(r"(?:rules|moments)\.[\w-]+|(?<=Rule )[\w-]+", sentence)
    if named is None or not path.exists():
        return ""
    name = named[0].split(".")[-1]
    header = re.compile(rf"^\s*\[+\s*(?:rules|moments)\s*\.\s*[\"']?{re.escape(name)}[\"']?\s*[\].]")
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next((number for number, line in enumerate(lines, 1) if header.match(line)), None)
    return f"{path}, line {number}: " if number else f"{path}: "


class Rehearsing:
    """One `heard rules test`: a rule, and the calls that it is tried out on."""

    def __init__(self, name: str, settings: Settings, *, json: bool) -> None:
        self._settings = settings
        self._analyzer = Analyzer(settings)
        self._name = known(name, self._analyzer.rules)
        self._console = None if json else Console()

    def run(self, calls: Sequence[str]) -> int:
        """Try the rule on all calls; the exit code is 0, or 1 if some could not be read."""
        found = near = failed = 0
        for call in calls:
            try:
                rehearsal = self._one(call)
            except HeardError as error:
                typer.echo(f"heard: {error}", err=True)
                failed += 1
                continue
            found, near = found + len(rehearsal.found), near + len(rehearsal.near_misses)
            self._tell(rehearsal)
        if self._console is not None and len(calls) - failed > 1:
            self._console.print(f"{len(calls) - failed} calls: {found} found, {near} just below.")
        return 1 if failed else 0

    def _one(self, call: str) -> Rehearsal:
        rules = self._analyzer.rules
        stored = None if Path(call).exists() else self._load(call)
        with Bar(call) as bar:
            if self._name in rules.moments:
                heard = heard_again(stored) if stored else self._analyzer.hear(Path(call), self._options, bar)
                return rehearse_kind(self._name, heard, self._analyzer)
            if stored is None:
                stored = self._analyzer.judge(self._analyzer.hear(Path(call), self._options, bar), bar)
            return rehearse(self._name, stored, rules, self._encoder)

    @cached_property
    def _options(self) -> Options:
        return options_from(self._settings, side=None)

    @cached_property
    def _encoder(self) -> ActReader:
        return ActReader(self._analyzer.encoder)

    @cached_property
    def _stored(self) -> Store:
        return Store.open(self._settings.store, create=False)

    def _load(self, call: str) -> CallReport:
        try:
            return self._stored.load(call)
        except StoreError as error:
            raise BadInput(f"{call} is no file, and no stored call either: {error}") from error

    def _tell(self, rehearsal: Rehearsal) -> None:
        if self._console is None:
            typer.echo(rehearsal.model_dump_json())
            return
        counts = f"{len(rehearsal.found)} found, {len(rehearsal.near_misses)} just below"
        self._console.print(Text(rehearsal.call_id, style="bold"), Text(counts, style="dim"))
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(justify="right", style="dim", no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        rows = [(moment, True) for moment in rehearsal.found] + [(moment, False) for moment in rehearsal.near_misses]
        for moment, held in sorted(rows, key=lambda row: row[0].start_s):
            table.add_row(clock(max(0.0, moment.start_s)), _sign(moment, held), _words(moment, held))
        self._console.print(Padding(table, (0, 0, 1, 2)), highlight=False)


def _sign(moment: Moment, held: bool) -> Text:
    return Text(SIGNS[moment.verdict], style=STYLES[moment.verdict]) if held else Text("~", style="dim")


def _words(moment: Moment, held: bool) -> Text:
    told = f"{moment.verdict} · {moment.severity}" if held else "just below"
    text = Text(f"“{moment.quote}”", style="italic" if held else "dim italic")
    return text.append(f"\n{told}: {moment.why}", style="not italic dim")
