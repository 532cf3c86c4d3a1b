"""The dashboard's shell: calm words where there is nothing to show, roles, and no heavy import."""

import resource
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from dashboards.access import Person, person_of
from dashboards.catalogue import Words, entries, language_of
from dashboards.formats import Formats, zone_of
from dashboards.pages import PAGES
from monitor.settings import load_settings
from tests.browsing import free_port, served, wait_for
from tests.dashboard import page, words


@pytest.mark.parametrize("name", [entry.name for entry in PAGES])
def test_a_store_that_is_not_there_is_said_in_words(name, tmp_path):
    shown = words(page(name, tmp_path / "none.db"))
    assert "There is no store at" in shown
    assert "Traceback" not in shown


def test_a_page_of_another_role_is_not_drawn(tmp_path):
    shown = words(page("runs", tmp_path / "none.db", person=Person("ana@example.org", "reviewer")))
    assert "not open to you" in shown


def test_the_other_language_is_one_button_away(tmp_path):
    app = page("queue", tmp_path / "none.db", language="zh")
    assert "这里还没有可读的数据" in words(app)
    assert app.button(key="language-switch").label == "English"


def test_every_entry_has_both_languages():
    for key, entry in entries().items():
        assert {"en", "zh"} <= set(entry) <= {"en", "zh", "one"}, key
        assert all(sentence.strip() for sentence in entry.values()), key


def test_a_count_of_one_has_its_own_words():
    assert Words("en")("queue.calls", n=1) == "1 call"
    assert Words("en")("queue.calls", n=2) == "2 calls"
    assert Words("zh").name("kind", "rule_of_their_own") == "Rule of their own"


@pytest.mark.parametrize(
    ("wishes", "language"), [((None, "zh-Hans-CN"), "zh"), (("en", "zh"), "en"), (("fr-FR",), "en"), ((), "en")]
)
def test_the_first_wish_that_can_be_met_is_met(wishes, language):
    assert language_of(*wishes) == language


def test_numbers_and_times_are_written_as_the_language_does():
    english, chinese = Formats("en"), Formats("zh")
    assert english.change(-0.04, 1) == "0.0"
    assert english.change(-2.26, 1) == "−2.3"
    assert english.clock(3675.9) == "1:01:15"
    assert chinese.seconds(3.25) == "3.2 秒"
    assert english.number(12345.6) == "12,346"
    assert english.percent(None) == "–"


def test_times_are_told_by_the_readers_zone():
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert Formats("en").time(late) == "1 Mar 2026, 23:30 UTC"
    assert Formats("en", zone_of("Europe/Berlin")).time(late) == "2 Mar 2026, 00:30 CET"
    assert Formats("zh", zone_of("Asia/Shanghai")).near_time(late)[1] == "07:30"
    for unknown in (None, "", "Middle/Earth", "../etc/passwd", "\0"):
        assert Formats("en", zone_of(unknown)).time(late) == "1 Mar 2026, 23:30 UTC"


def test_people_are_known_by_address_whatever_its_case(tmp_path):
    config = tmp_path / "heard.toml"
    config.write_text('[dashboard.people."Ana@Example.org"]\nrole = "manager"\nteams = ["Billing"]\n')
    settings = load_settings(config)
    assert person_of("ana@example.ORG", settings) == Person("ana@example.ORG", "manager", ("Billing",), signed_in=True)
    assert person_of("eve@example.org", settings) is None
    assert person_of("", settings) is None


def test_what_nobody_expected_becomes_a_sentence_and_goes_to_the_log(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("dashboards.pages.queue.show", lambda _: 1 / 0)
    (tmp_path / "heard.db").touch()
    shown = words(page("queue", tmp_path / "heard.db"))
    assert "could not be drawn" in shown
    assert "ZeroDivisionError" not in shown
    assert "ZeroDivisionError" in caplog.text


HEAVY = {"av", "torch", "librosa", "faster_whisper", "pyannote", "ctranslate2", "onnxruntime", "sklearn", "scipy"}
START_S = 3.0
"""Processor time in which the server answers, the command that starts it included."""
EMPTY_START_S = 2.1
"""What an application of Streamlit's that shows nothing takes on the machine of which START_S is asked."""


def processor_s():
    """What the children that have ended took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def start_of_nothing(folder):
    """Start an application that shows nothing, and stop it once it answers."""
    (folder / "nothing.py").write_text("import streamlit\n")
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "nothing.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
    finally:
        server.terminate()
        server.wait(20)


def test_the_server_answers_soon(tmp_path):
    """In the best of a few starts, and on a slower machine by as much later as Streamlit alone is."""
    taken, nothing = [], []
    while len(taken) < 4:
        before = processor_s()
        with served(tmp_path, store=tmp_path / "none.db"):
            pass
        taken.append(processor_s() - before)
        if min(taken) < START_S:
            return
        before = processor_s()
        start_of_nothing(tmp_path)
        nothing.append(processor_s() - before)
    assert min(taken) / min(nothing) < START_S / EMPTY_START_S


def test_the_server_imports_no_heavy_library(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    with served(tmp_path, store=tmp_path / "none.db"):
        pass
    log = (tmp_path / "dashboard.log").read_text()
    imported = {
        line.split("|")[-1].strip().split(".")[0] for line in log.splitlines() if line.startswith("import time:")
    }
    assert "streamlit" in imported
    assert imported & HEAVY == set()


def test_no_module_of_the_dashboard_imports_a_heavy_library():
    code = (
        "import sys, pkgutil, importlib, dashboards;"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(dashboards.__path__, 'dashboards.')"
        " if not m.name.endswith(('__main__', 'entry'))];"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert HEAVY & set(done.stdout.split()) == set()
