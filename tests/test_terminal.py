"""The timeline: everything is said, in words and signs as well as in colour, at any width."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import any_report, make_report, turn
from rich.cells import cell_len
from rich.console import Console

from audio.facts import Quality
from monitor.curve import draw_curve, levels_by_column
from monitor.records import Channels, FrustrationPoint, Moment
from monitor.terminal import print_calls, print_report
from monitor.titles import _KINDS, clock, effort_words, language_name, moment_title


def printed(report, width=80, *, full=False, colour=False):
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, color_system="truecolor" if colour else None
    )
    print_report(report, console, full=full)
    return console.file.getvalue()


def words_of(text):
    return " ".join(text.split())


def test_a_timeline_says_everything_in_time_order():
    text = words_of(printed(make_report()))
    parts = [
        "kettle 0:28 · English · stereo",
        "The agent is the one on the left (97% sure).",
        "Customer's frustration peak 0.90 at 0:18, end 0.30",
        "child crying",
        "0:03 ✗ Frustration not acknowledged missed · critical",
        "customer “I have called three times and the kettle still leaks!”",
        "agent “Fill it with water and tell me what you see.”",
        "The feeling was not acknowledged.",
        "0:03 ◷ Earlier contacts acknowledged after 10 s · late · critical",
        "0:18 ✓ Took ownership handled",
        "agent “I will send a new one today.”",
        "Outcome resolved, recovered",
        "✗ 1 critical missed ✗ 0 minor missed ✓ 1 handled",
        "50% of the openings were met",
        "1 earlier contact, 2 repeated steps",
        "eliminate",
    ]
    positions = [text.find(part) for part in parts]
    assert -1 not in positions, parts[positions.index(-1)]
    assert positions == sorted(positions)


def test_the_transcript_has_the_flags_under_their_turns():
    text = words_of(printed(make_report(), full=True))
    parts = [
        "0:09 agent Fill it with water and tell me what you see. ✗ Frustration not acknowledged missed · critical",
        "The feeling was not acknowledged. 0:14 ▇ customer I told you, it leaks.",
        "0:25 ▂ customer Thank you, that is kind.",
    ]
    for part in parts:
        assert part in text


def test_colour_only_repeats_what_signs_and_words_say():
    with_colour = printed(make_report(), colour=True)
    assert "\x1b[" in with_colour
    assert re.sub(r"\x1b\[[0-9;]*m", "", with_colour).split() == printed(make_report()).split()


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("full", [False, True])
def test_no_line_is_wider_than_the_window_nor_ends_in_blanks(width, full):
    chinese = turn(
        1, "customer", 3.5, 9.0, "喂,你好,我家这个网昨天晚上开始就不行了,那个光猫上面红灯一直在闪。" * 3, 0.5
    )
    turns = (*make_report().turns[:1], chinese, *make_report().turns[2:])
    moments = tuple(moment.model_copy(update={"quote": chinese.text}) for moment in make_report().moments)
    text = printed(make_report(turns=turns, moments=moments), width, full=full)
    for line in text.splitlines():
        assert cell_len(line) <= min(width, 120), line
        assert line == line.rstrip()
    if full:
        folded = "".join(line.strip() for line in text.splitlines())
        assert chinese.text in folded.replace("0:03 ▄ customer  ", "")


def test_a_long_quote_is_cut_between_words():
    long = turn(1, "customer", 3.5, 9.0, "It is really and truly leaking all over again " * 20, 0.8)
    turns = (*make_report().turns[:1], long, *make_report().turns[2:])
    quote = make_report().moments[0].model_copy(update={"quote": long.text})
    text = words_of(printed(make_report(turns=turns, moments=(quote,))))
    shown = re.search(r"customer “(.*?) …”", text)[1]
    assert 60 < len(shown) < 140
    assert long.text.startswith(shown + " ")


def test_a_sound_and_a_shortened_quote_are_shown_once():
    report = make_report()
    sound = report.moments[0].model_copy(update={"quote": "[child crying]", "kind": "background_distress"})
    shortened = report.moments[1].model_copy(update={"quote": "I have called three times…"})
    text = words_of(printed(make_report(moments=(sound,))))
    assert "sound child crying customer “I have called three times and" in text
    text = words_of(printed(make_report(moments=(shortened,))))
    assert text.count("I have called three times") == 1
    assert "customer “I have called three times…”" in text


def test_a_transcript_cannot_steer_the_terminal():
    evil = turn(1, "customer", 3.5, 9.0, "Hello \x1b[2J\x1b]0;owned\x07 there\x9b31m")
    text = printed(make_report("\x1b[31mkettle", turns=(evil,), moments=()), full=True)
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "Hello [2J]0;owned there" in text


def test_what_was_not_heard_is_told():
    text = printed(make_report(quality=Quality(partial=True, lost_s=3.25, warnings=("A stretch is damaged.",))))
    assert "! A stretch is damaged." in text
    assert "3.2 s are lost" in printed(make_report(quality=Quality(partial=True, lost_s=3.2)))


def test_a_quiet_call_has_a_timeline_too():
    summary = make_report().summary.model_copy(update={"empathy_rate": None, "effort": {}, "recovered": False})
    quiet = make_report(
        turns=(turn(0, "agent", 0, 1, "Hello?"),), moments=(), frustration=(), sounds=(), summary=summary, duration_s=1.0,
        channels=Channels(layout="mono"), language="",
    )  # fmt: skip
    for full in (False, True):
        text = words_of(printed(quiet, full=full))
        assert "No frustration curve: the customer was not heard." in text
        assert "language unknown · mono" in text
        assert "Empathy" not in text
        assert "Effort" not in text
    assert "No moments" in words_of(printed(quiet))


@settings(max_examples=25)
@given(report=any_report, width=st.integers(30, 130), full=st.booleans())
def test_any_report_can_be_printed(report, width, full):
    text = printed(report, width, full=full)
    assert report.summary.outcome in text
    assert not re.search(r"[^\n -~\xa0-\U0010ffff]", text), "a character that steers the terminal"


def test_the_curve_shows_the_highest_level_of_each_column():
    points = tuple(
        FrustrationPoint(time_s=t, level=level, low=level, high=level) for t, level in ((2, 0.5), (3, 1.0), (8, 0.25))
    )
    assert levels_by_column(points, 10.0, 5) == [0.0, 1.0, 1.0, 1.0, 0.25]


def test_flags_and_sounds_stand_under_their_time():
    lines = [line.plain for line in draw_curve(make_report(), 6 + 56)]
    axis, flags, sounds = lines[-3:]
    assert axis.index("0:10") == 6 + 20
    assert flags.index("✗") == 6 + 7
    assert flags.index("✓") == 6 + 37
    assert sounds.index("~") == 6 + 20
    assert sounds.count("~") == 13


def test_every_kind_of_moment_has_a_title():
    from monitor.rules import default_rules

    assert set(default_rules().moments) <= set(_KINDS)
    own = make_report().moments[0].model_copy(update={"kind": "asked_for_refund"})
    assert moment_title(own) == "Asked for refund"
    assert isinstance(own, Moment)


def test_words_for_numbers():
    assert clock(59.9) == "0:59"
    assert clock(3661) == "1:01:01"
    assert (
        effort_words({"holds": 1, "transfers": 2, "repeats": 0, "own_thing": 3}) == "1 hold, 2 transfers, 3 own thing"
    )
    assert language_name("zh") == "Chinese"
    assert language_name("xx") == "xx"


def test_the_list_of_calls(tmp_path):
    from monitor.store import Store

    with Store.open(str(tmp_path / "heard.db")) as store:
        store.save(make_report("a-long-name " * 6), content_sha256="a")
        store.save(make_report("kettle"), content_sha256="b")
        calls = store.list()
    console = Console(file=io.StringIO(), width=80)
    print_calls(calls, console)
    text = console.file.getvalue()
    assert words_of(text).startswith("call length peak critical minor handled outcome analysed")
    assert "kettle 0:28 0.90 1 0 1 recovered 20" in words_of(text)
    assert max(map(len, text.splitlines())) <= 80
