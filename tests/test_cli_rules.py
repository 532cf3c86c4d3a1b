"""`heard rules`: prints, shows and checks rules, and tries them out on stored calls and on transcripts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reports import make_report
from typer.testing import CliRunner, Result

from audio.facts import Word
from monitor.cli import app
from monitor.records import CallReport, ReadTurn
from monitor.store import Store

RULES = """
[rules.cancels]
about = "the customer wants to leave"
role = "customer"
says = ["cancel", "leave you"]
severity = "critical"
met_by = { role = "agent", says = "sorry", turns = 1 }

[rules.long_wait]
silence_s = 20
"""

Heard = Callable[..., Result]


def a_stored_call() -> CallReport:
    said = [
        ("agent", 0.0, 2.0, "Hello."),
        ("customer", 2.5, 6.0, "Cancel it. My number is 415 555 0137."),
        ("agent", 6.5, 9.0, "Fine."),
        ("customer", 26.0, 30.0, "Then I will leave you."),
        ("agent", 51.0, 53.0, "Sorry about that."),
    ]
    turns = tuple(
        ReadTurn(
            index=index, speaker=speaker, start_s=start_s, end_s=end_s, text=text, words=tuple[Word](),
            frustration=0.5 if speaker == "customer" else None,
        )
        for index, (speaker, start_s, end_s, text) in enumerate(said)
    )  # fmt: skip
    return make_report("monday").model_copy(update={"turns": turns, "moments": (), "frustration": (), "sounds": ()})


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Heard:
    monkeypatch.chdir(tmp_path)
    Path("heard.toml").write_text(RULES)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """These rules need no meanings; whoever loads a model for them loads it in vain."""
    import numpy as np

    from monitor.encoder import UseEncoder

    monkeypatch.setattr(UseEncoder, "encode", lambda _, sentences: np.zeros((len(sentences), 512), np.float32))


def test_the_users_rules_are_printed_after_the_built_in_ones(heard: Heard) -> None:
    lines = heard("rules").stdout.splitlines()
    names = [line.split()[0] for line in lines if line and not line[0].isspace()]
    assert names[-2:] == ["cancels", "long_wait"]
    printed = json.loads(heard("rules", "--json").stdout)
    assert list(printed) == ["moments", "custom"]
    assert printed["custom"]["cancels"]["met_by"]["turns"] == 1


def test_a_rule_is_shown_in_words_and_as_it_would_be_written(heard: Heard) -> None:
    shown = heard("rules", "show", "cancels").stdout
    assert "a turn of the customer where the words are “cancel” or “leave you”" in shown
    assert "within 1 turn and 60 s" in shown
    assert 'met_by = { role = "agent", says = ["sorry"], turns = 1 }' in shown
    assert "overlap_s = 0.5" in heard("rules", "show", "talk_over").stdout
    done = heard("rules", "show", "cancel")
    assert (done.exit_code, done.stderr) == (2, "heard: There is no rule named cancel: did you mean cancels?\n")


def test_what_is_shown_can_be_pasted_back(heard: Heard) -> None:
    shown = [heard("rules", "show", name).stdout for name in ("cancels", "long_wait")]
    before = heard("rules", "--json").stdout
    Path("heard.toml").write_text("\n".join(text[text.index("[rules.") :] for text in shown))
    assert heard("rules", "--json").stdout == before


def test_a_settings_file_is_checked(heard: Heard) -> None:
    done = heard("rules", "check")
    assert done.exit_code == 0
    assert "heard.toml is well written: 2 rules of your own (cancels, long_wait), 0 of 22" in done.stdout
    Path("heard.toml").write_text(RULES + "\n[rules.bad]\nsays = 'x'\nrole = 'boss'\n")
    done = heard("rules", "check")
    expected = "heard: heard.toml, line 12: rules.bad.role is 'boss': it must be agent, customer or either.\n"
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", expected)
    Path("other.toml").write_text("[moments.talk_over]\noverlap_s = -1\n")
    for arguments in (("--config", "other.toml", "check"), ("check", "--config", "other.toml")):
        done = heard("rules", *arguments)
        assert done.exit_code == 2
        assert done.stderr.startswith("heard: other.toml, line 1: Rule talk_over.overlap_s cannot be used")
    Path("heard.toml").unlink()
    assert "There is no heard.toml here" in heard("rules", "check").stdout


@pytest.mark.usefixtures("no_models")
def test_a_rule_is_tried_out_on_stored_calls(heard: Heard) -> None:
    with Store.open("heard.db") as store:
        store.save(a_stored_call(), content_sha256="a")
    done = heard("rules", "test", "cancels", "monday")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("monday 2 found, 0 just below")
    assert "missed · critical: the customer wants to leave: “cancel”; not met." in " ".join(done.stdout.split())
    done = heard("rules", "test", "long_wait", "monday", "--json")
    tried: dict[str, Any] = json.loads(done.stdout)
    assert [moment["turn"] for moment in tried["found"]] == [4]
    assert [moment["turn"] for moment in tried["near_misses"]] == [3]
    assert tried["near_misses"][0]["why"] == "after 17 s of silence."


@pytest.mark.usefixtures("no_models")
def test_what_a_rule_finds_is_redacted(heard: Heard) -> None:
    with Store.open("heard.db") as store:
        store.save(a_stored_call(), content_sha256="a")
    Path("heard.toml").write_text('[rules.gives_number]\nsays = "my number"\n')
    done = heard("rules", "test", "gives_number", "monday")
    assert "My number is" in done.stdout
    assert "0137" not in done.stdout


@pytest.mark.usefixtures("no_models")
def test_a_call_that_is_not_there_stops_no_other(heard: Heard) -> None:
    with Store.open("heard.db") as store:
        store.save(a_stored_call(), content_sha256="a")
    done = heard("rules", "test", "cancels", "tuesday", "monday")
    assert done.exit_code == 1
    assert done.stderr.startswith("heard: tuesday is no file, and no stored call either: There is no call tuesday")
    assert "monday 2 found" in done.stdout


def test_a_mistake_in_a_rule_stops_the_analysis_before_it_begins(heard: Heard) -> None:
    Path("heard.toml").write_text('[rules.mine]\nmeens = ["x"]\n')
    done = heard("analyze", "nothing.wav")
    assert done.exit_code == 2
    assert done.stderr == "heard: rules.mine.meens is no key that can stand here: did you mean means?\n"
