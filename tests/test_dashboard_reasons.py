"""Why a moment was flagged, in both languages, and what is said when the store fails."""

import json
import re

import pytest

from dashboards.catalogue import Words, entries
from dashboards.formats import Formats
from dashboards.reasons import failure, quoted, reason
from monitor.moments.catalogue import KINDS
from monitor.moments.same_turn import TurnKind
from monitor.moments.window import WindowKind
from monitor.records import STANDALONE_KINDS, Moment, Response
from monitor.rules import load_rules
from monitor.store import Store, StoreError
from tests.dashboard import page
from tests.reports import make_report

LATIN = re.compile("[A-Za-z]{2,}")


def verdicts_of(kind):
    """The verdicts that a kind can come to."""
    if kind.name in STANDALONE_KINDS:
        return ["handled"]
    if issubclass(kind, WindowKind):
        return ["missed", "late", "handled"]
    return ["missed", "handled"] if kind.response is not TurnKind.response else ["missed"]


FOUND = [(kind.name, verdict) for kind in KINDS for verdict in verdicts_of(kind)]


def told(language, kind, verdict, start_s=12.4, latency_s=3.25, stored="The detector's own words."):
    return reason(Words(language), Formats(language), kind, verdict, start_s, latency_s, stored)


@pytest.mark.parametrize(("kind", "verdict"), FOUND)
def test_every_kind_and_verdict_has_a_reason_in_both_languages(kind, verdict):
    english, chinese = told("en", kind, verdict), told("zh", kind, verdict)
    assert english != "The detector's own words."
    assert english.isascii()
    assert not LATIN.search(chinese)
    assert ("0:12" in english) == ("0:12" in chinese)
    assert ("too late" in english) == ("过了" in chinese) == (verdict == "late")


def test_a_reason_says_when_it_was_met_and_what_it_goes_back_to():
    met = told("en", "unacknowledged_frustration", "handled")
    assert met == "The customer voiced frustration at 0:12; after 3.2 s the agent acknowledged it."
    assert "at once a reason" in told("en", "policy_shield", "handled", latency_s=0.0)
    again = told(
        "zh", "hollow_apology", "missed", stored="The agent apologised again (first at 0:05), with nothing done since."
    )
    assert again == "坐席再次道歉，其间没有任何行动。参见 0:05。"


def test_a_kind_of_the_users_own_keeps_its_own_words():
    assert told("zh", "no_upsell", "missed") == "The detector's own words."


def test_every_sound_of_distress_has_a_name():
    labels = load_rules().of("background_distress").labels
    assert [label for label in labels if f"sound.{label}" not in entries()] == []
    assert quoted(Words("zh"), "[child crying]") == "[孩子哭]"
    assert quoted(Words("zh"), "[card]") == "[card]"


def test_a_chinese_page_shows_no_english_reason(tmp_path):
    moments = tuple(
        Moment(
            kind=kind, verdict=verdict, severity="minor", turn=2, start_s=0.1 * number, end_s=0.1 * number + 5, confidence=0.9,
            quote="I see.", why="The agent said so (0:04).", response=None if verdict == "missed" else Response(turn=2, latency_s=3.0),
        )
        for number, (kind, verdict) in enumerate(FOUND)
    )  # fmt: skip
    with Store.open(str(tmp_path / "heard.db")) as calls:
        calls.save(make_report(moments=moments), content_sha256="k")
    app = page("call", tmp_path / "heard.db", language="zh", call="kettle")
    shown = json.loads(app.get("bidi_component")[0].proto.json)["moments"]
    assert len(shown) == len(FOUND)
    assert [one["why"] for one in shown if LATIN.search(one["why"])] == []


def test_what_went_wrong_with_the_store_is_said_in_the_readers_language():
    error = StoreError("The store heard.db is busy; try again.")
    assert failure(Words("en"), error) == "The store heard.db is busy; try again."
    assert not LATIN.search(failure(Words("zh"), error))
