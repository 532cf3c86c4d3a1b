"""Signing in with a real OpenID Connect service: who is let in, and what each of them sees."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.store import CallDetails, Store
from tests.browsing import CHROMIUM, browser, free_port, served, wait_for
from tests.reports import make_report

ROOT = Path(__file__).parent.parent
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: apt-get install chromium")

PEOPLE = """
[dashboard.people."ana@example.org"]
role = "reviewer"
teams = ["Kettles"]

[dashboard.people."mia@example.org"]
role = "manager"
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dashboard")
    with Store.open(str(folder / "heard.db")) as calls:
        for name, team in (("kettle", "Kettles"), ("pan", "Pans")):
            calls.save(make_report(name), content_sha256=name, details=CallDetails(team=team))
    (folder / "heard.toml").write_text(PEOPLE)
    port, service_port = free_port(), free_port()
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
        'cookie_secret = "a secret that only this test has, long enough"\n'
        f'client_id = "heard"\nclient_secret = "unused"\n'
        f'server_metadata_url = "http://127.0.0.1:{service_port}/.well-known/openid-configuration"\n'
    )
    service = subprocess.Popen([sys.executable, "-m", "tests.oidc_provider", str(service_port)], cwd=ROOT)
    try:
        wait_for(f"http://127.0.0.1:{service_port}/.well-known/openid-configuration", service)
        with served(folder, store=folder / "heard.db", port=port) as address:
            yield address
    finally:
        service.terminate()
        service.wait(20)


def sign_in(page, address, who, path="queue?reviewed=any"):
    page.goto(f"{address}/{path}", wait_until="domcontentloaded")
    page.click(".st-key-sign-in button")
    page.click(f"#{who}")
    page.wait_for_selector(".queue-row, .state")


@pytest.mark.browser
@needs_chromium
def test_nothing_is_shown_to_whom_nobody_knows(address):
    with browser() as page:
        page.goto(f"{address}/call?call=kettle", wait_until="domcontentloaded")
        page.wait_for_selector(".state")
        assert "Sign in to listen" in page.inner_text(".state")
        assert "kettle" not in page.inner_text("body")


@pytest.mark.browser
@needs_chromium
def test_a_reviewer_sees_her_team_alone(address):
    with browser() as page:
        sign_in(page, address, "ana")
        page.wait_for_selector(".queue-row")
        assert page.locator(".queue-row").count() == 1
        assert "Overview" not in page.inner_text("[data-testid=stHeader]")
        page.goto(f"{address}/call?call=pan", wait_until="domcontentloaded")
        page.wait_for_selector(".state")
        assert "no such call" in page.inner_text(".state")
        page.goto(f"{address}/overview", wait_until="domcontentloaded")
        page.wait_for_selector(".state")
        assert "not open to you" in page.inner_text(".state")
        page.click(".st-key-sign-out button")
        page.wait_for_selector(".st-key-sign-in")


@pytest.mark.browser
@needs_chromium
def test_a_manager_sees_all_teams(address):
    with browser() as page:
        sign_in(page, address, "mia")
        page.wait_for_selector(".queue-row")
        assert page.locator(".queue-row").count() == 2
        assert "Overview" in page.inner_text("[data-testid=stHeader]")


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize(("who", "said"), [("eve", "not let in yet"), ("mallory", "not let in yet")])
def test_who_is_not_in_the_settings_is_not_let_in(address, who, said):
    """Mallory claims Ana's address without having shown that it is hers."""
    with browser() as page:
        sign_in(page, address, who)
        assert said in page.inner_text(".state")


def test_without_sign_in_only_this_machine_is_served(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(app, ["dashboard", "--address", "0.0.0.0"])
    assert refused.exit_code == 2
    assert "only to people who sign in" in refused.stderr


def test_settings_of_the_service_that_cannot_be_read_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text("[auth\n")
    refused = CliRunner().invoke(app, ["dashboard"])
    assert refused.exit_code == 2
    assert "secrets.toml cannot be read" in refused.stderr


def test_a_port_that_is_taken_is_said_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = CliRunner().invoke(app, ["dashboard", "--port", str(taken.getsockname()[1])])
    assert refused.exit_code == 1
    assert "choose another --port" in refused.stderr
