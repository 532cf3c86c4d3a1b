"""What the documents say can be done can be done: commands, options, make targets, files and links exist."""

import re
import tomllib
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from monitor.cli.app import app
from monitor.settings import Settings

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "benchmarks" / "README.md"]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def command_lines(document: Path) -> list[str]:
    """Lines that tell the reader to run something, in fences and in backticks."""
    text = document.read_text("utf-8")
    fenced = [line for language, body in FENCED.findall(text) if not language for line in body.splitlines()]
    inline = re.findall(r"`((?:heard|make) [^`\n]+)`", FENCED.sub("", text))
    return [line.split("#")[0].strip() for line in (*fenced, *inline) if line.split("#")[0].strip()]


def test_commands_and_options_exist(document: Path) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for line in command_lines(document):
        words = line.removeprefix(".venv/bin/").split()
        if words[0] != "heard" or words[1].startswith("-"):
            continue
        command = group.commands[words[1]]
        if isinstance(command, TyperGroup) and words[2:] and words[2] in command.commands:
            command = command.commands[words[2]]
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words[2:] if word.startswith("--")} <= known, line


def test_make_targets_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for line in command_lines(document):
        if line.startswith("make "):
            assert line.split()[1] in targets, line


def test_files_and_links_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    links = [document.parent / target for target in re.findall(r"\]\(([^)#:]+)\)", text)]
    folders = "audio|monitor|dashboards|fixtures|training|benchmarks|tests|docs"
    named = [ROOT / name for name in re.findall(rf"(?<![\w/.])((?:{folders})/[\w./-]*\w)", text)]
    missing = [str(path) for path in (*links, *named) if not path.exists()]
    assert not missing


def test_settings_shown_are_settings(document: Path) -> None:
    for language, body in FENCED.findall(document.read_text("utf-8")):
        if language == "toml":
            Settings.model_validate(tomllib.loads(body))
