"""Runs of digits as people dictate them: "4111 1111", "4 1 1 1", "four one double one", "幺三八零零".

A run is found first and judged later: what it is (card, phone, price, date ...) is for `monitor.personal` to say.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("personal.toml").read_text(encoding="utf-8"))
"""How numbers and addresses are said, by language."""


@dataclass(frozen=True)
class Group:
    """Digits written or said in one piece: characters `start` to `end` of the text."""

    start: int
    end: int
    digits: str
    repeated: bool = False
    """One digit said as "double" or "triple"."""


@dataclass(frozen=True)
class Run:
    """Groups of digits with nothing but separators between them, and the text of those separators."""

    groups: tuple[Group, ...]
    separators: tuple[str, ...]

    @property
    def start(self) -> int:
        return self.groups[0].start

    @property
    def end(self) -> int:
        return self.groups[-1].end

    @property
    def digits(self) -> str:
        return "".join(group.digits for group in self.groups)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many digits each group has."""
        return tuple(len(group.digits) for group in self.groups)


def runs(text: str, language: str) -> list[Run]:
    """The runs of digits in a text, in order; digit words are read in the language and in English."""
    found: list[Run] = []
    groups: list[Group] = []
    separators: list[str] = []
    separates = _separates(language)
    for group in _groups(text, language):
        between = text[groups[-1].end : group.start] if groups else ""
        if groups and not separates.fullmatch(between):
            found.append(Run(tuple(groups), tuple(separators)))
            groups, separators = [], []
        elif groups:
            separators.append(between)
        groups.append(group)
    if groups:
        found.append(Run(tuple(groups), tuple(separators)))
    return found


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _groups(text: str, language: str) -> list[Group]:
    words, tens, repeats, pattern = _vocabulary(language)
    groups = []
    for match in pattern.finditer(text):
        said = match[0].lower()
        if match["numerals"]:
            digits = "".join(str(unicodedata.digit(character)) for character in said)
        elif match["repeat"]:
            digits = words.get(match["repeated"].lower(), match["repeated"]) * repeats[match["repeat"].lower()]
        elif match["ten"]:
            # French counts on past ten: soixante-dix-huit is 60 + 18.
            digits = str(10 * int(tens[match["ten"].lower()]) + int(words.get((match["unit"] or "").lower(), "0")))
        else:
            digits = words[said]
        groups.append(Group(match.start(), match.end(), digits, repeated=bool(match["repeat"])))
    return groups


@cache
def _vocabulary(language: str) -> tuple[dict[str, str], dict[str, str], dict[str, int], re.Pattern[str]]:
    """Digit words, words for tens, words that repeat a digit, and the pattern that finds them."""
    tables = [WORDS["digits"].get(name, {}) for name in ("en", language)]
    characters = _merged(tables, "characters")
    words = _merged(tables, "words")
    tens, repeats = _merged(tables, "tens"), _merged(tables, "repeats")
    single = _any_of([word for word, digits in words.items() if len(digits) == 1])
    pattern = re.compile(
        r"(?P<numerals>\d+)"
        rf"|(?<!\w)(?:(?P<repeat>{_any_of(repeats)})\s+(?P<repeated>{single}|\d)"
        rf"|(?P<ten>{_any_of(tens)})(?:(?:[\s-]+|\s+y\s+|-et-)(?P<unit>{single}|(?<=-){_any_of(words)}))?"
        rf"|{_any_of(words)})(?!\w)" + (f"|[{''.join(characters)}]" if characters else ""),
        re.IGNORECASE,
    )
    return words | characters, tens, repeats, pattern


def _merged(tables: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return {word: value for table in tables for word, value in table.get(name, {}).items()}


def _any_of(words: Any) -> str:
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"


@cache
def _separates(language: str) -> re.Pattern[str]:
    """What may stand between the groups of one number; a line break parts two turns of one speaker."""
    fillers = _any_of(WORDS["fillers"].get(language, WORDS["fillers"]["en"]))
    return re.compile(rf"(?:[\s\-–—.,，。、()·]|(?<!\w){fillers}(?!\w)){{0,12}}", re.IGNORECASE)
