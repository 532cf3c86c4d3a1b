"""`heard analyze` from the outside: what it prints, keeps and returns. A stand-in does the analysing."""

import json
import os
from pathlib import Path
from typing import ClassVar

import pytest
from reports import make_report
from typer.testing import CliRunner

from audio.errors import BadAudio
from audio.facts import CallFacts, Turn, Waveform
from monitor.analyze import Examined
from monitor.cli import app
from monitor.rules import default_rules
from monitor.store import Store, rules_json, runs, swap_roles


class StandIn:
    """Analyses by reading the file: "broken" and "bug" fail, "id=X" is a call of that id, all else is a report."""

    early: ClassVar[list] = []
    """Which call was to be heard while which was judged."""

    def expect(self, paths) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to stop."""

    def __init__(self, settings):
        self.settings = settings
        self.rules = default_rules()

    def examine(self, path, options, progress, *, then=None):
        self.early.append((path.name, then and then[0].name))
        text = path.read_text()
        progress("words", 0.5)
        if text.startswith("broken"):
            raise BadAudio(f"{path} is not a recording; export it again.")
        if text.startswith("bug"):
            raise ZeroDivisionError("division by zero")
        if text.startswith("stop"):
            raise KeyboardInterrupt
        call_id = options.call_id or (text[3:] if text.startswith("id=") else path.stem)
        report = make_report(call_id, source=str(path), language=options.language or "en")
        agent = {"agent": options.agent} if options.agent != "auto" else {}
        report = report.model_copy(update={"channels": report.channels.model_copy(update=agent)})
        return Examined(report=report, waveform=Waveform(peaks_hz=20.0, sides=("left", "right"), peaks=(b"ab", b"cd")))

    def hear(self, path, _options, _progress):
        turn = Turn(index=0, start_s=0, end_s=2, speaker="customer", text="My card is 4111 1111 1111 1111.")
        facts = CallFacts(source=str(path), language="en", duration_s=2.0, layout="mono", turns=(turn,))
        return type("Heard", (), {"facts": facts})()


@pytest.fixture
def heard(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEARD_LOG", str(tmp_path / "heard.log"))
    monkeypatch.setattr("monitor.cli.runner.Analyzer", StandIn)

    def run(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def calls(tmp_path):
    def make(**contents):
        paths = []
        for name, text in contents.items():
            path = tmp_path / f"{name}.wav"
            path.write_text(text)
            paths.append(path.name)
        return paths

    return make


def test_the_next_recording_is_heard_early_unless_something_is_wrong_with_it(heard, calls, monkeypatch):
    early: ClassVar[list] = []
    monkeypatch.setattr(StandIn, "early", early)
    heard("analyze", *calls(first="1", second="2"), "missing.wav", *calls(last="4"))
    assert early == [("first.wav", "second.wav"), ("second.wav", None), ("last.wav", None)]


def stored(path="heard.db"):
    with Store.open(str(path), create=False) as store:
        return {call.call_id: call for call in store.list()}


def test_a_call_is_printed_and_kept(heard, calls, tmp_path):
    done = heard("analyze", *calls(kettle="sound"))
    assert done.exit_code == 0
    assert "Frustration not acknowledged" in done.stdout
    assert done.stderr == ""
    assert stored()["kettle"].source == str(tmp_path / "kettle.wav")


def test_what_fails_is_named_at_the_end_and_the_others_are_done(heard, calls, tmp_path):
    names = calls(one="sound", bad="broken", bug="bug", two="sound")
    done = heard("analyze", *names, "gone.wav", tmp_path)
    assert done.exit_code == 1
    assert set(stored()) == {"one", "two"}
    assert done.stderr.splitlines() == [
        "",
        "heard: 4 of 6 calls could not be analysed:",
        "  bad.wav is not a recording; export it again.",
        f"  bug.wav failed unexpectedly (ZeroDivisionError: division by zero); the details are in {tmp_path}/heard.log.",
        "  gone.wav does not exist; check the name.",
        f"  {tmp_path} is a folder, not a recording; name the files in it.",
    ]
    assert "Traceback" not in done.output
    assert "Traceback" in (tmp_path / "heard.log").read_text()


def test_one_input_that_fails_is_one_line(heard, calls):
    done = heard("analyze", *calls(bad="broken"))
    assert (done.exit_code, done.stderr) == (1, "heard: bad.wav is not a recording; export it again.\n")


def test_a_pipe_is_refused_without_waiting_for_it(heard, tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    assert "pipe.wav is not a regular file" in heard("analyze", "pipe.wav").stderr


def test_quiet_prints_nothing_but_failures(heard, calls):
    done = heard("analyze", "-q", *calls(kettle="sound", bad="broken"))
    assert done.stdout == ""
    assert "bad.wav" in done.stderr


def test_no_store_keeps_nothing(heard, calls, tmp_path):
    assert heard("analyze", "--no-store", *calls(kettle="sound")).exit_code == 0
    assert not (tmp_path / "heard.db").exists()


def test_json_on_standard_output_is_json_alone(heard, calls):
    done = heard("analyze", "--json", "-", *calls(one="sound", bad="broken", two="sound"))
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [report["call_id"] for report in reports] == ["one", "two"]
    assert {report["schema"] for report in reports} == {"heard.call/1"}


def test_json_file_appears_whole(heard, calls, tmp_path):
    assert heard("analyze", "--json", "all.jsonl", *calls(one="sound", two="sound")).exit_code == 0
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 2
    heard("analyze", "--json", "all.jsonl", *calls(bad="broken"))
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 2
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_json_into_no_folder_is_wrong_usage(heard, calls):
    done = heard("analyze", "--json", "none/all.jsonl", *calls(one="sound"))
    assert done.exit_code == 2
    assert "--json none/all.jsonl is no file that can be written" in done.stderr


def test_json_dir_has_a_file_an_input(heard, calls, tmp_path):
    assert heard("analyze", "--json-dir", "new/out", *calls(one="sound", two="sound")).exit_code == 0
    files = {path.name: json.loads(path.read_text())["call_id"] for path in (tmp_path / "new/out").iterdir()}
    assert files == {"one.json": "one", "two.json": "two"}


def test_inputs_of_one_name_do_not_overwrite_each_other(heard, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "call.wav").write_text(f"id={folder}")
    done = heard("analyze", "--json-dir", "out", "a/call.wav", "b/call.wav")
    assert done.exit_code == 1
    assert "b/call.wav has the same name as a/call.wav, so out/call.json would hold only one" in done.stderr
    assert json.loads((tmp_path / "out/call.json").read_text())["call_id"] == "a"
    assert set(stored()) == {"a"}


def test_an_input_is_never_overwritten_by_its_report(heard, tmp_path):
    (tmp_path / "call.json").write_text("[]")
    done = heard("analyze", "--json-dir", ".", "call.json")
    assert done.exit_code == 1
    assert "would be overwritten by its own report" in done.stderr
    assert (tmp_path / "call.json").read_text() == "[]"


def test_the_same_recording_twice_in_one_run_is_one_call(heard, calls):
    assert heard("analyze", "-q", *calls(monday="id=x", copy="id=x")).exit_code == 0
    assert set(stored()) == {"x"}


@pytest.mark.parametrize("keep", [(), ("--no-store",)])
def test_two_recordings_in_one_run_may_not_share_a_call_id(heard, tmp_path, keep):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "call.wav").write_text(f"sound {folder}")
    done = heard("analyze", "-q", *keep, "a/call.wav", "b/call.wav")
    assert done.exit_code == 1
    assert "b/call.wav has the same call id as a/call.wav, call, and is another recording" in done.stderr
    if not keep:
        assert stored()["call"].source.endswith("a/call.wav")


def test_a_call_id_of_another_recording_in_the_store(heard, calls):
    heard("analyze", "-q", *calls(call="sound"))
    first = stored()["call"]
    done = heard("analyze", "-q", *calls(call="other sound"))
    assert done.exit_code == 1
    assert "has the call id call, which the store already has for another recording" in done.stderr
    assert stored()["call"] == first
    assert heard("analyze", "-q", "--call-id", "call-2", *calls(call="other sound")).exit_code == 0
    assert set(stored()) == {"call", "call-2"}
    assert heard("analyze", "-q", "--replace", *calls(call="third sound")).exit_code == 0
    assert stored()["call"].content_sha256 != first.content_sha256


def test_analysing_a_call_again_replaces_it(heard, calls):
    heard("analyze", "-q", *calls(call="sound"))
    first = stored()["call"]
    assert heard("analyze", "-q", *calls(call="sound")).exit_code == 0
    assert stored()["call"].analyzed_at > first.analyzed_at


def test_wrong_usage_is_exit_code_2(heard, calls):
    names = calls(one="sound", two="sound")
    for arguments in (("--call-id", "x", *names), ("--agent", "up", *names), ("--nonsense", *names), ()):
        done = heard("analyze", *arguments)
        assert done.exit_code == 2, arguments
        assert done.stderr
    Path("heard.toml").write_text("colour = 1")
    done = heard("analyze", *names)
    assert (done.exit_code, done.stderr[:30]) == (2, "heard: heard.toml, line 1, set")


def test_a_store_that_cannot_be_opened_stops_before_the_work(heard, calls):
    done = heard("analyze", "--store", "none/heard.db", *calls(one="sound"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "heard: The store none/heard.db cannot be made: there is no folder none.\n"


def test_settings_reach_the_analyzer(heard, calls):
    Path("heard.toml").write_text('language = "lv"\nstore = "mine.db"')
    heard("analyze", "-q", *calls(one="sound"))
    assert stored("mine.db")["one"].language == "lv"
    heard("analyze", "-q", "--language", "de", *calls(two="sound"))
    assert stored("mine.db")["two"].language == "de"


def test_an_interrupt_keeps_what_is_done(heard, calls, tmp_path):
    done = heard("analyze", "-q", "--json", "all.jsonl", *calls(one="sound", two="stop", three="sound"))
    assert done.exit_code == 130
    assert done.stderr == "\nheard: stopped; 1 of 3 calls are analysed and kept in heard.db.\n"
    assert set(stored()) == {"one"}
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 1


def test_facts_are_written_without_personal_data(heard, calls, tmp_path):
    done = heard("facts", *calls(one="sound"))
    assert json.loads(done.stdout)["turns"][0]["text"] == "My card is [card]."
    assert heard("facts", "--json", "facts.json", "one.wav").stdout == ""
    assert json.loads((tmp_path / "facts.json").read_text())["layout"] == "mono"


def test_every_run_is_kept_also_those_that_failed(heard, calls):
    heard("analyze", "-q", *calls(one="sound", bad="broken"))
    with Store.open("heard.db") as store:
        page = runs(store)
        assert (page.total, page.failed) == (2, 1)
        failed, analysed = page.rows
        assert failed.error.endswith("bad.wav is not a recording; export it again.")
        assert (analysed.call_id, analysed.models, analysed.rules) == (
            "one",
            {"words": "whisper-base"},
            default_rules().fingerprint,
        )
        assert rules_json(store, analysed.rules) == default_rules().model_dump_json()


def test_the_outline_of_the_sound_is_kept(heard, calls):
    heard("analyze", "-q", *calls(one="sound"))
    with Store.open("heard.db") as store:
        assert store.waveform("one").peaks == (b"ab", b"cd")


def test_another_analysis_obeys_the_reviewer_who_swapped_the_roles(heard, calls):
    names = calls(one="sound")
    heard("analyze", "-q", *names)
    with Store.open("heard.db") as store:
        assert store.load("one").channels.agent == "left"
        assert swap_roles(store, "one", by="Ana") == "right"
        heard("analyze", "-q", *names)
        assert store.load("one").channels.agent == "right"
        heard("analyze", "-q", "--agent", "left", *names)
        assert store.load("one").channels.agent == "left"
