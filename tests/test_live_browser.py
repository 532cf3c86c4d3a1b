"""From the customer's words to the screen, in a real browser: a moment is on the Live page seconds after it was spoken."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from monitor.live.lines import RATE_HZ
from monitor.live.outlets import open_outlets
from monitor.live.simulate import Sides, Simulation, read_sides, simulate
from monitor.rules import load_rules
from monitor.settings import LiveSettings
from monitor.store import Store, live_calls
from monitor.transcripts import read_transcript
from tests.browsing import CHROMIUM, browser, free_port, served, wait_for
from tests.live_ears import NotedAnalysis, Running, scripted_models, words

FIXTURES = Path(__file__).parent.parent / "fixtures"
SECONDS = 15.0
"""In which a moment is on the page; the page renews itself every second, and the machine may be busy."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: apt-get install chromium"),
]

RESTARTED = {"restarted_already": {"role": "customer", "says": ["I've restarted it"], "severity": "critical"}}


def excerpt():
    """From the bundled call: the customer's words and what the agent says to them; real speech, with the words as labelled."""
    call = read_sides(FIXTURES / "audio" / "wifi-missed.opus")
    cut = slice(round(4.0 * RATE_HZ), round(22.9 * RATE_HZ))
    turns = read_transcript(FIXTURES / "calls" / "wifi-missed.json").turns[1:3]
    script = [word for turn in turns for word in words(turn.text, turn.start_s - 4.0, turn.end_s - 4.0)]
    return Sides("kettle", call.customer[cut], call.agent[cut]), script, turns[0].end_s - 4.0


class PatientAnalysis(NotedAnalysis):
    """Takes as long as a test looks at the call."""

    def __init__(self):
        super().__init__()
        self.looked = threading.Event()

    def analyse(self, note):
        self.looked.wait(120)
        return super().analyse(note)


def test_a_moment_is_on_the_page_seconds_after_it_was_spoken(tmp_path):
    call, script, spoken_s = excerpt()
    path = tmp_path / "heard.db"
    with Store.open(str(path)) as store:
        outlets = open_outlets(store, LiveSettings(), address="ws://127.0.0.1:8765")
        analysis, options = PatientAnalysis(), {"rules": load_rules({}, RESTARTED), "routes": outlets.routes}
        with (
            Running(
                tmp_path, models=scripted_models(script), outlet=outlets.broadcast, analysis=analysis, **options
            ) as server,
            served(tmp_path, store=path) as address,
            browser() as page,
        ):
            page.goto(f"{address}/live", wait_until="domcontentloaded")
            page.wait_for_selector(".state:has-text('No call is being heard just now')")
            said = (("team", "North"), ("language", "en"))
            playing = threading.Thread(target=simulate, args=([call], Simulation(server.url, "pcm", said=said)))
            began = time.monotonic()
            playing.start()
            page.wait_for_selector(".live-row:has-text('North')")
            page.wait_for_selector(".live-row .what:has-text('Restarted already')")
            after_s = time.monotonic() - began - spoken_s
            page.click(".live-row a.open")
            page.wait_for_selector(".said.customer:has-text('been at this for over an hour')")
            page.wait_for_selector(".live-moment:has-text('Restarted already')")
            playing.join()
            analysis.looked.set()
            page.wait_for_selector(".note a:has-text('Open the report')")
            (over,) = live_calls(store)
            assert page.url.endswith(f"live?call={over.call_id}")
        outlets.broadcast.close()
    assert after_s < SECONDS, f"it took {after_s:.1f} s"


@pytest.mark.models
@pytest.mark.timeout(900)
def test_the_demonstration_shows_the_crying_child_while_it_cries(tmp_path):
    port, dashboard = free_port(), free_port()
    command = [
        sys.executable,
        FIXTURES / "live_demo.py",
        "--folder",
        tmp_path,
        "--port",
        str(port),
        "--dashboard-port",
        str(dashboard),
        "--once",
    ]
    with (tmp_path / "demo.log").open("wb") as log:
        demo = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{dashboard}/live"
            wait_for(address, demo, patience_s=180)
            with browser() as page:
                page.goto(address, wait_until="domcontentloaded")
                page.wait_for_selector(".live-row >> nth=1", timeout=120_000)
                page.wait_for_selector(".live-row .what:has-text('Distress in the background')", timeout=300_000)
                assert page.locator(".live-row .chip:has-text('Live')").count() > 0, "while a customer is on the line"
            assert demo.wait(600) == 0
        finally:
            demo.terminate()
            demo.wait(60)
    with Store.open(str(tmp_path / "heard.db"), create=False) as store:
        missed = {moment.kind for call in store.list() for moment in store.load(call.call_id).moments}
        assert "background_distress" in missed, "the reports stand for what was live"
