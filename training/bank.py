"""The bank of example sentences as training data."""

import csv
from dataclasses import dataclass
from pathlib import Path

BANK = Path(__file__).parents[1] / "monitor" / "acts" / "bank"


@dataclass(frozen=True)
class Example:
    """One sentence and all the acts that it performs."""

    role: str
    acts: frozenset[str]
    text: str
    language: str


def load_bank(folder: Path = BANK) -> list[Example]:
    """All examples of all languages."""
    examples = []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as lines:
            examples += [
                Example(row["role"], frozenset(filter(None, (row["acts"] or "").split(","))), row["text"], path.stem)
                for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            ]
    return examples
