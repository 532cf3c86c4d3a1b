"""The bank of example sentences is well formed, and broad enough to teach every act in every language."""

import unicodedata
from collections import Counter
from pathlib import Path

import pytest

BANK = Path(__file__).parent.parent / "monitor" / "acts" / "bank"
FILES = sorted(BANK.glob("*.tsv"))

ACTS = {
    "customer": {
        "voices_frustration", "already_done", "repeat_contact", "asks_why", "asks_recurrence", "failure_recurred",
        "voices_need", "asks_for_supervisor", "threatens_to_leave", "confirms", "rejects", "thanks", "asks_to_wait",
        "voices_distress", "gives_information", "asks_question",
    },
    "agent": {
        "instructs", "asks_fact", "acknowledges_feeling", "acknowledges_effort", "apologizes", "takes_ownership",
        "offers_time", "notices_background", "refuses", "cites_policy", "lacks_authority", "offers_alternative",
        "explains_cause", "explains_repeat", "assures_future", "announces_hold", "asks_to_hold", "returns_with_news",
        "moves_to_close", "checks_resolution", "contradicts", "blames", "saves_face", "cites_others", "cheers",
        "uses_name", "informs_proactively", "notes_need", "gives_information",
    },
}  # fmt: skip

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
        assert role in ACTS, f"{where}: role {role!r}"
        names = acts.split(",") if acts else []
        assert len(names) == len(set(names)), f"{where}: an act twice"
        assert set(names) <= ACTS[role], f"{where}: the {role} has no {sorted(set(names) - ACTS[role])}"
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
    short = {(role, act): seen[role, act] for role in ACTS for act in [*ACTS[role], ""] if seen[role, act] < fewest}
    assert not short, f"{path.name}: fewer than {fewest} examples of {short}"
