"""Help: every command and option has some, and it comes at once."""

import resource
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from monitor.cli import app

COMMANDS = typer.main.get_command(app).commands


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name):
    command = COMMANDS[name]
    assert command.help
    for parameter in command.params:
        assert parameter.help, f"{name} {parameter.opts}"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_cuts_no_summary(name):
    shown = CliRunner().invoke(app, ["--help"]).stdout
    line = next(line for line in shown.splitlines() if line.split()[:1] == [name])
    assert not line.endswith("...")


def test_help_comes_in_half_a_second():
    def timed():
        # Processor time, not the clock's: other programs may be running beside the tests.
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "monitor.cli", "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(timed() for _ in range(3)) < 0.5


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from monitor.cli import app;"
        "heavy = {'pydantic', 'numpy', 'torch', 'sqlalchemy', 'alembic', 'av', 'rich.console', 'spacy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_no_command_shows_help():
    shown = CliRunner().invoke(app, [])
    assert "analyze" in shown.output
    assert shown.exit_code == 2
