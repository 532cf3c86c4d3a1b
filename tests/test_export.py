"""Exports: what other programs read is well formed and says the same as the report."""

import csv
import io
import json
import re

from hypothesis import given, settings
from reports import any_report, make_report, turn

from monitor.export import FORMATS, MOMENT_COLUMNS, to_csv, to_json, to_rttm, to_srt, to_vtt
from monitor.records import CallReport
from monitor.transcripts import read_transcript


def test_json_is_the_report():
    text = to_json(make_report())
    assert json.loads(text)["schema"] == "heard.call/1"
    assert CallReport.model_validate_json(text) == make_report()


def test_csv_has_a_line_a_moment():
    rows = list(csv.DictReader(io.StringIO(to_csv(make_report()))))
    assert tuple(rows[0]) == MOMENT_COLUMNS
    assert [row["verdict"] for row in rows] == ["missed", "late", "handled"]
    assert [row["latency_s"] for row in rows] == ["", "9.5", ""]
    assert {row["call_id"] for row in rows} == {"kettle"}


def test_csv_runs_no_formula_in_a_spreadsheet():
    evil = make_report().moments[0].model_copy(update={"quote": '=HYPERLINK("http://x.invalid")', "why": "+1"})
    (row,) = csv.DictReader(io.StringIO(to_csv(make_report(moments=(evil,)))))
    assert row["quote"].startswith("'=")
    assert row["why"] == "'+1"


def test_srt_is_numbered_and_timed():
    blocks = to_srt(make_report()).strip().split("\n\n")
    assert len(blocks) == 6
    assert blocks[1].split("\n") == [
        "2",
        "00:00:03,500 --> 00:00:09,000",
        "Customer: I have called three times and the kettle still leaks!",
    ]


def test_vtt_has_voices_and_notes():
    text = to_vtt(make_report())
    assert text.startswith("WEBVTT\n\n")
    assert "00:00:03.500 --> 00:00:09.000\n<v Customer>I have called" in text
    assert "NOTE missed critical unacknowledged_frustration: The feeling was not acknowledged.\n" in text


def test_vtt_keeps_markup_and_arrows_as_text():
    odd = (turn(0, "customer", 0, 1, "a < b & c\n\n00:01 --> 00:02 <b>x</b>"),)
    cue = to_vtt(make_report(turns=odd, moments=()))
    assert cue.count("\n\n") == 1
    assert "a &lt; b &amp; c 00:01 --&gt; 00:02 &lt;b&gt;x" in cue


def test_rttm_times_the_speakers():
    lines = to_rttm(make_report("my call")).splitlines()
    assert lines[1] == "SPEAKER my_call 1 3.500 5.500 <NA> <NA> customer <NA> <NA>"


def test_times_beyond_an_hour():
    late = (turn(0, "customer", 38_999.9996, 39_000.5, "Still here."),)
    assert "10:50:00,000 --> 10:50:00,500" in to_srt(make_report(turns=late))


@settings(max_examples=25)
@given(report=any_report)
def test_any_report_can_be_exported(report):
    for name, write in FORMATS.items():
        assert isinstance(write(report), str), name
    rows = list(csv.DictReader(io.StringIO(to_csv(report), newline="")))
    assert len(rows) == len(report.moments)
    assert len(re.findall(r" --> ", to_srt(report))) >= len(report.turns)
    assert len(to_rttm(report).splitlines()) == len(report.turns)


def test_what_we_export_we_can_read_again(tmp_path):
    for name in ("json", "srt", "vtt"):
        path = tmp_path / f"kettle.{name}"
        path.write_text(FORMATS[name](make_report()))
        call = read_transcript(path)
        assert [turn.text for turn in call.turns] == [turn.text for turn in make_report().turns], name
        assert [turn.speaker for turn in call.turns] == [turn.speaker for turn in make_report().turns], name
