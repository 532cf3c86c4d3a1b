"""A reviewer's way through the dashboard, in a real browser: queue, filter, call, play, confirm, link, language."""

from pathlib import Path
from time import monotonic, sleep

import pytest

from monitor.store import CallDetails, Store, glance, moments_of
from tests.browsing import CHROMIUM, browser, served
from tests.reports import make_report

RECORDING = Path(__file__).parent.parent / "fixtures" / "audio" / "wifi-missed.opus"

SOUND = Path(__file__).parent.parent / "dashboards" / "player" / "sound.js"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "heard.db"
    with Store.open(str(path)) as calls:
        for name, team in (("kettle", "Kettles"), ("pan", "Pans")):
            report = make_report(name, source=str(RECORDING))
            calls.save(report, content_sha256=name, details=CallDetails(agent_name="Kim", team=team))
    return path


@pytest.fixture(scope="module")
def address(store, tmp_path_factory):
    with served(tmp_path_factory.mktemp("dashboard"), store=store) as address:
        yield address


@pytest.fixture(scope="module")
def page(address):
    with browser() as page:
        page.goto(address, wait_until="domcontentloaded")
        yield page


def seconds(page):
    minutes, rest = page.inner_text(".clock").split(" / ")[0].split(":")
    return 60 * int(minutes) + int(rest)


def wait_until(holds, what, seconds=90.0):
    """The page settles when its scripts have run, which takes as long as the machine is busy."""
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end, what
        sleep(0.1)


def test_a_reviewers_way(page, store):
    page.wait_for_selector(".queue-row")
    assert page.locator(".queue-row").count() == 2

    page.get_by_placeholder("Search what was said").fill("leaks")
    page.keyboard.press("Enter")
    page.wait_for_selector("mark")
    page.goto(page.url + "&teams=Kettles", wait_until="domcontentloaded")
    page.wait_for_selector(".hit")
    assert page.locator(".queue-row").count() == 1

    page.click(".queue-row a.open")
    page.wait_for_selector(".control.main:not([disabled])")
    assert "call=kettle" in page.url

    page.click(".mark.bad >> nth=0")
    before = seconds(page)
    wait_until(lambda: seconds(page) > before, "it plays from the moment on")
    page.wait_for_selector(".turn.now")

    page.keyboard.press("c")
    page.wait_for_selector(".card.selected .decided")
    playing = seconds(page)
    assert playing >= before, "a verdict does not interrupt the sound"

    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector(".card.selected .decided:has-text('Confirmed')")
    with Store.open(str(store)) as calls:
        assert [one.decision for one in moments_of(calls, "kettle")].count("confirm") == 1


def test_a_link_opens_at_its_time(page, address):
    page.goto(f"{address}/call?call=pan&t=18.5", wait_until="domcontentloaded")
    page.wait_for_selector(".turn.now")
    assert page.inner_text(".clock") == "0:18 / 0:28"
    assert page.inner_text(".turn.now p").startswith("I am sorry")
    page.wait_for_selector(".control.main:not([disabled])")
    assert page.inner_text(".clock") == "0:18 / 0:28"
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: seconds(page) in (13, 14), "five seconds back")


def test_a_missed_moment_is_added_from_the_keyboard(page, address, store):
    page.goto(f"{address}/call?call=pan&t=10.0", wait_until="domcontentloaded")
    page.wait_for_selector(".control.main:not([disabled])")
    page.keyboard.press("[")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("]")
    page.select_option(".adding select >> nth=0", value="talk_over|missed")
    page.fill(".adding input", "He went on.")
    page.click(".adding .action.yes")
    page.wait_for_selector("article.card .name:has-text('Talked over the customer')")
    with Store.open(str(store)) as calls:
        (added,) = [one for one in moments_of(calls, "pan") if one.origin == "reviewer"]
    assert (added.kind, round(added.moment.start_s), round(added.moment.end_s)) == ("talk_over", 10, 15)


def test_the_language_is_switched_and_remembered(page, address):
    page.goto(f"{address}/queue?reviewed=any", wait_until="domcontentloaded")
    page.click(".st-key-language-switch button")
    page.wait_for_selector("h1:has-text('待听')")
    page.wait_for_selector("html[lang='zh-Hans']", state="attached")
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector("h1:has-text('待听')")
    page.wait_for_selector("html[lang='zh-Hans']", state="attached")
    page.click(".st-key-language-switch button")
    page.wait_for_selector("h1:has-text('Queue')")


def test_light_and_dark_are_switched_and_remembered(page, address):
    scheme = "getComputedStyle(document.querySelector('.stApp')).colorScheme"
    page.context.clear_cookies()
    page.goto(f"{address}/queue?reviewed=any", wait_until="domcontentloaded")
    # The script that listens to the button sets the cookie too.
    page.wait_for_function("document.cookie.includes('heard_language')")
    page.wait_for_function(f"{scheme} === 'light'")
    page.click("[data-scheme]")
    page.wait_for_function(f"document.querySelector('.queue-row') && {scheme} === 'dark'")
    page.goto(f"{address}/call?call=pan", wait_until="domcontentloaded")
    page.wait_for_selector(".mark")
    page.wait_for_function(f"{scheme} === 'dark'")


def test_the_queue_is_walked_and_a_call_taken_by_keyboard(page, address, store):
    page.goto(f"{address}/queue?reviewed=any", wait_until="domcontentloaded")
    page.wait_for_selector(".queue-row >> nth=1")

    def at_last():
        page.keyboard.press("j")
        return page.evaluate("[...document.querySelectorAll('.queue-row')].at(-1).contains(document.activeElement)")

    wait_until(at_last, "j goes down")
    last = page.inner_text(".queue-row >> nth=1 >> .id").split(" ")[0]
    page.keyboard.press("a")
    page.wait_for_selector(".queue-row >> nth=1 >> text=Yours")
    with Store.open(str(store)) as calls:
        assert glance(calls, last).assigned_to == "local reviewer"
    wait_until(lambda: at_last() or True, "the focus is in the list")
    page.wait_for_function("document.activeElement.matches('.queue-row a.open')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mark")
    assert f"call={last}" in page.url


def test_a_clip_is_downloaded_and_silence_is_known(page, address):
    page.goto(f"{address}/call?call=kettle", wait_until="domcontentloaded")
    page.wait_for_selector(".control.main:not([disabled])")
    with page.expect_download() as waiting:
        page.click(".card.selected >> text=Download clip")
    assert waiting.value.suggested_filename.startswith("kettle_")
    assert Path(waiting.value.path()).stat().st_size > 1_000
    # What "skip silence" leaves out: where nobody speaks and nothing sounds, from 1.5 s on, a breath before and after.
    script = SOUND.read_text("utf-8")
    gaps = page.evaluate(
        f"(() => {{ {script}; const s = new Sound(() => {{}}); s.busy([[6, 7], [0, 2], [1, 5]], 9); return s.gaps; }})()"
    )
    assert gaps == [[7.3, 8.7]]


def test_a_made_up_address_opens_no_recording(page, address):
    answer = page.request.get(f"{address}/listen/eyJjYWxsX2lkIjoia2V0dGxlIn0=.00")
    assert answer.status == 403
    assert "audio" not in answer.headers["content-type"]
