"""Reads the staged calls of `training/staged/`: they train beside the labelled calls, and nothing is measured on them."""

from collections.abc import Iterator
from pathlib import Path

from monitor.acts.names import ACTS_OF
from monitor.rules import default_rules
from training.calls import Call, LabelledMoment, LabelledTurn

FOLDER = Path(__file__).with_name("staged")
PREFIX = "staged-"
"""What the ids of staged calls begin with."""
WORDS_PER_SECOND, CHARACTERS_PER_SECOND = 2.5, 4.0
WITHOUT_SPACES = ("zh", "ja")
GAP_S = 0.6
VERDICTS = ("missed", "late", "handled")
LINE_PARTS = 4


def load_staged(folder: Path = FOLDER) -> list[Call]:
    """All staged calls.

    Raises:
        ValueError: a line is malformed; it is named with its file and number.
    """
    return [call for path in sorted(folder.glob("*.txt")) for call in read_calls(path)]


def is_staged(call: Call) -> bool:
    """Whether a call is one of these."""
    return call.call_id.startswith(PREFIX)


def read_calls(path: Path) -> Iterator[Call]:
    """The calls of one file, whose name is their language."""
    heading: list[str] = []
    reading = _Reading(path.stem)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            if line.startswith("#"):
                if heading:
                    yield reading.call(*heading)
                heading, reading = [part.strip() for part in line[1:].split("|")], _Reading(path.stem)
            elif line.strip():
                reading.read(line)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path.name}, line {number}: {error}") from error
    if heading:
        yield reading.call(*heading)


class _Reading:
    """One call as far as it has been read."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.time_s = 0.0
        self.turns: list[LabelledTurn] = []
        self.moments: list[LabelledMoment] = []

    def read(self, line: str) -> None:
        """The next turn or pause."""
        parts = [part.strip() for part in line.split("|")]
        who, _, value = parts[0].partition(" ")
        if who == "pause":
            self.time_s += float(value)
            return
        if who not in ACTS_OF or not 1 < len(parts) <= LINE_PARTS:
            raise ValueError("a turn is SPEAKER LEVEL | WORDS | ACTS | MOMENTS")
        text, acts, moments = (*parts[1:], "", "")[:3]
        names = frozenset(filter(None, acts.split(", ")))
        if unknown := names - set(ACTS_OF[who]):
            raise ValueError(f"no act of the {who}: {', '.join(sorted(unknown))}")
        self.moments += [self._moment(moment) for moment in filter(None, moments.split(", "))]
        end_s = self.time_s + self._length_s(text)
        level = int(value) if who == "customer" else None
        self.turns.append(LabelledTurn(len(self.turns), who, self.time_s, end_s, text, names, level))
        self.time_s = end_s + GAP_S

    def call(self, call_id: str, outcome: str, recovered: str, value: str) -> Call:
        """The call, now that it has been read."""
        if not call_id.startswith(PREFIX):
            raise ValueError(f"the id of a staged call begins with {PREFIX}")
        return Call(
            call_id, self.language, "", tuple(self.turns), (), tuple(self.moments), outcome, recovered == "yes", value, True
        )  # fmt: skip

    def _moment(self, told: str) -> LabelledMoment:
        verdict, _, kind = told.partition(" ")
        rules = default_rules().moments
        if verdict not in VERDICTS or kind not in rules:
            raise ValueError(f"no such moment: {told}")
        return LabelledMoment(kind, verdict, rules[kind].severity, len(self.turns), "")

    def _length_s(self, text: str) -> float:
        if self.language in WITHOUT_SPACES:
            return len(text) / CHARACTERS_PER_SECOND
        return len(text.split()) / WORDS_PER_SECOND
