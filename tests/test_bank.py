"""The bank of example sentences is well formed, and broad enough to teach every act in every language."""

import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from monitor.acts.names import ACTS_OF

BANK = Path(__file__).parent.parent / "monitor" / "acts" / "bank"
FILES = sorted(BANK.glob("*.tsv"))

FEWEST = {"en": 40, "zh": 30}
FEWEST_ELSEWHERE = 12


def rows(path: Path) -> list[tuple[int, list[str]]]:
    """The lines of a file below its header, each with its number and its cells."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0] == "role\tacts\ttext", f"{path.name}:1: header"
    assert lines[-1] == "", f"{path.name}: no newline at the end"
    return [(number, line.split("\t")) for number, line in enumerate(lines[1:-1], start=2)]


def test_there_are_languages() -> None:
    assert {"en", "zh"} <= {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_line_has_a_role_its_acts_and_a_sentence(path: Path) -> None:
    for number, cells in rows(path):
        where = f"{path.name}:{number}"
        assert len(cells) == 3, f"{where}: three cells, a tab between them"
        role, acts, text = cells
        assert role in ACTS_OF, f"{where}: role {role!r}"
        names = acts.split(",") if acts else []
        assert len(names) == len(set(names)), f"{where}: an act twice"
        assert set(names) <= set(ACTS_OF[role]), f"{where}: the {role} has no {sorted(set(names) - set(ACTS_OF[role]))}"
        assert text, f"{where}: no sentence"
        assert text == text.strip(), f"{where}: white space round the sentence"
        assert text == unicodedata.normalize("NFC", text), f"{where}: not in Unicode's composed form"
        assert text.isprintable(), f"{where}: a control character"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_sentence_stands_twice(path: Path) -> None:
    first: dict[tuple[str, str], int] = {}
    for number, (role, _, text) in rows(path):
        key = (role, text.casefold())
        assert key not in first, f"{path.name}:{number}: the same sentence as in line {first[key]}"
        first[key] = number


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_act_has_its_examples_and_there_are_near_misses(path: Path) -> None:
    seen = Counter((role, act) for _, (role, acts, _) in rows(path) for act in acts.split(","))
    fewest = FEWEST.get(path.stem, FEWEST_ELSEWHERE)
    short = {
        (role, act): seen[role, act] for role in ACTS_OF for act in [*ACTS_OF[role], ""] if seen[role, act] < fewest
    }
    assert not short, f"{path.name}: fewer than {fewest} examples of {short}"
