"""The bundled call, heard live by the real models, is about what its recording gives; and an agent's voice is never measured."""

import pytest

from benchmarks.live_agreement import FIXTURES, f1, heard_live, same_turn, tracks_of
from monitor.analyze import Analyzer, Options
from monitor.live.spool import Spool
from monitor.settings import load_settings

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    analyzer = Analyzer(load_settings())
    agent, customer = tracks_of(FIXTURES / "audio" / "wifi-missed.opus")
    spool = Spool(tmp_path_factory.mktemp("spool"))
    turns, moments, wav = heard_live(analyzer, spool, "wifi-missed", agent, customer)
    report = analyzer.analyze(wav, Options(language="en", agent="left", channels="0,1"))
    return turns, moments, report


def test_the_turns_are_those_of_the_recording(heard):
    turns, _, report = heard
    assert f1(list(turns.values()), list(report.turns), same_turn) >= 0.8


def test_the_gravest_moments_are_found_while_the_call_goes_on(heard):
    _, moments, _ = heard
    missed = {moment.kind for moment in moments.values() if moment.verdict == "missed"}
    assert missed >= {"background_distress", "repeated_instruction", "unacknowledged_frustration"}


def test_the_voice_is_measured_for_the_customer_alone(heard):
    turns, _, _ = heard
    assert all(turn.voice is None for turn in turns.values() if turn.speaker == "agent")
    assert any(turn.voice is not None for turn in turns.values() if turn.speaker == "customer")
