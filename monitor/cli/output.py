"""Where the commands' results go."""

import json
import sys
from collections.abc import Set
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audio.errors import BadSettings, HeardError
from monitor.files import written_whole
from monitor.rules import CustomRule, KindRule, Rules
from monitor.rules.words import in_words

if TYPE_CHECKING:
    from monitor.records import CallReport
    from monitor.store import Store


class JsonLines:
    """Reports one a line, to standard output as they come or to a file that appears when all are done."""

    def __init__(self, target: str) -> None:
        self._path = None if target == "-" else Path(target)
        self._stack = ExitStack()
        self._file: BinaryIO | None = None
        if self._path is not None and (self._path.is_dir() or not self._path.parent.is_dir()):
            raise BadSettings(f"--json {target} is no file that can be written: check the folder.")

    def write(self, line: str) -> None:
        """Add one report."""
        if self._path is None:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
            return
        with writing(self._path):
            self._file = self._file or self._stack.enter_context(written_whole(self._path))
            self._file.write(line.encode() + b"\n")

    def close(self) -> None:
        """Give the file its name; without any report an earlier file stays as it is."""
        if self._path is not None:
            with writing(self._path):
                self._stack.close()


def write_text(text: str, path: Path | None) -> None:
    """Write a text to a file, or to standard output if there is none."""
    if path is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    with writing(path), written_whole(path) as file:
        file.write(text.encode())


def write_one(report: "CallReport", format: str, path: Path | None) -> None:
    """Write a call in one of the formats of `monitor.export`."""
    from monitor.export import FORMATS

    write_text(FORMATS[format](report), path)


def write_all(store: "Store", folder: Path) -> str:
    """Write the store as Parquet files; gives the line that tells of it."""
    from monitor.cli.progress import Bar
    from monitor.store.parquet import write_parquet

    with Bar(str(folder)) as bar:
        counts = write_parquet(store, folder, bar.stage("writing"))
    return "\n".join(f"{folder / name}.parquet  {n} {'row' if n == 1 else 'rows'}" for name, n in counts.items())


def make_folder(path: Path) -> None:
    """Make a folder and those above it, if they are not there."""
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)


class writing:  # noqa: N801
    """Turns failures to write into one sentence."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise HeardError(f"{self._path} cannot be written: {error.strerror or error}.") from error


def print_rules(rules: Rules, console: Console) -> None:
    """Print the rules as a table, with the values that a kind uses."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("kind", no_wrap=True, style="bold")
    table.add_column("severity", no_wrap=True)
    table.add_column("rule")
    for name, rule in rules.moments.items():
        shown = rule_values(rule, hide={"about", "severity", "enabled"})
        words = Text(rule.about).append("\n" + ", ".join(shown.splitlines()) if shown else "", style="dim")
        table.add_row(name, rule.severity if rule.enabled else "off", words)
    for name, own in rules.custom.items():
        words = Text(own.about or in_words(own)).append("\nyour own", style="dim")
        table.add_row(Text(name), own.severity if own.enabled else "off", words)
    console.print(table, highlight=False)


def rule_values(rule: KindRule | CustomRule, *, hide: Set[str] = frozenset()) -> str:
    """The values that a rule sets, one a line, as they would stand in a settings file."""
    values = rule.model_dump(by_alias=True, exclude_unset=True, exclude=set(hide))
    return "\n".join(f"{key} = {_toml(value)}" for key, value in values.items())


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
