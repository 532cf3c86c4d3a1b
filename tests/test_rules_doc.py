"""The rules that docs/RULES.md shows are well written, and find in the bundled calls what it says they find."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from monitor.analyze import Analyzer, Options
from monitor.records import CallReport
from monitor.rehearsal import rehearse
from monitor.rules import load_rules
from monitor.rules.mistakes import ALLOWED
from monitor.settings import Settings
from monitor.titles import clock

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "RULES.md").read_text("utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
CALLS = ("wifi-missed", "wifi-handled")


def worked_examples() -> dict[str, dict[str, Any]]:
    return {name: table for block in BLOCKS for name, table in tomllib.loads(block)["rules"].items()}


def promised() -> dict[str, dict[str, str]]:
    """By rule and call, "verdict time" as the table has it; nothing where nothing is to be found."""
    rows = re.findall(
        r"^\| `(\w+)` \| ((?:missed|handled)? ?[\d:]*) ?\| ((?:missed|handled)? ?[\d:]*) ?\|$", TEXT, re.M
    )
    return {rule: dict(zip(CALLS, map(str.strip, cells), strict=True)) for rule, *cells in rows}


@cache
def analyzer() -> Analyzer:
    return Analyzer(Settings(rules=worked_examples()))


@cache
def judged(name: str) -> CallReport:
    path = ROOT / "fixtures" / "calls" / f"{name}.json"
    return analyzer().judge(analyzer().hear(path, Options()))


def test_there_are_five_worked_examples_and_every_rule_shown_is_well_written() -> None:
    assert len(promised()) == 5
    assert set(promised()) < set(worked_examples())
    for block in BLOCKS:
        document = tomllib.loads(block)
        load_rules(document.get("moments"), document.get("rules"))


def test_every_key_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", TEXT)) | set(re.findall(r"`(\w+) = ", TEXT))
    assert set(ALLOWED) <= explained


@pytest.mark.models
@pytest.mark.parametrize("rule", promised())
@pytest.mark.parametrize("call", CALLS)
def test_a_worked_example_finds_what_the_page_says(call: str, rule: str) -> None:
    found = [m for m in judged(call).moments if m.kind == rule]
    assert ", ".join(f"{m.verdict} {clock(m.start_s)}" for m in found) == promised()[rule][call]


@pytest.mark.models
@pytest.mark.parametrize("rule", promised())
def test_a_rule_tried_out_finds_what_the_analysis_finds(rule: str) -> None:
    for call in CALLS:
        tried = rehearse(rule, judged(call), analyzer().rules, Encoder())
        found = [m for m in judged(call).moments if m.kind == rule]
        assert [(m.turn, m.verdict, m.why) for m in tried.found] == [(m.turn, m.verdict, m.why) for m in found]


class Encoder:
    """The analyzer's own, which has the vectors already."""

    def meanings(self, sentences: Any) -> Any:
        return analyzer().encoder.encode(sentences)
