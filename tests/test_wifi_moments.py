"""The two Wi-Fi calls as transcripts, judged by the real models: what was missed in the first is handled in the second."""

from functools import cache
from pathlib import Path

import pytest

from audio.facts import Sound, Turn
from monitor.listener import Findings, replay
from training.calls import load_call

CALLS = Path(__file__).parent.parent / "fixtures" / "calls"

pytestmark = pytest.mark.models


@cache
def judged(name: str) -> Findings:
    from monitor.acts.reader import ActReader
    from monitor.dialogue import DialogueEncoder
    from monitor.encoder import UseEncoder
    from monitor.frustration import FrustrationFilter

    call = load_call(CALLS / f"{name}.json")
    turns = [Turn(index=t.index, speaker=t.speaker, start_s=t.start_s, end_s=t.end_s, text=t.text) for t in call.turns]
    sounds = [Sound(label=s.label, start_s=s.start_s, end_s=s.end_s, confidence=1.0) for s in call.sounds]
    reader = ActReader(UseEncoder(), dialogue=DialogueEncoder(), language="en")
    return replay(turns, sounds, reader=reader, frustration=FrustrationFilter(reader))


def verdicts(name: str) -> set[tuple[str, str]]:
    return {(moment.kind, moment.verdict) for moment in judged(name).moments}


@pytest.mark.parametrize(
    "kind", ["background_distress", "repeated_instruction", "unacknowledged_frustration", "repeat_contact"]
)
def test_the_first_call_misses(kind: str) -> None:
    assert (kind, "missed") in verdicts("wifi-missed")


def test_the_first_call_ends_unresolved() -> None:
    assert judged("wifi-missed").summary.outcome == "unresolved"


@pytest.mark.parametrize("kind", ["offered_time", "unacknowledged_frustration", "ownership", "background_distress"])
def test_the_second_call_handles(kind: str) -> None:
    assert (kind, "handled") in verdicts("wifi-handled")


def test_the_second_call_misses_nothing_and_is_resolved() -> None:
    assert [m for m in judged("wifi-handled").moments if m.verdict == "missed"] == []
    assert judged("wifi-handled").summary.outcome == "resolved"
