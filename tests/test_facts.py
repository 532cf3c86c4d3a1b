"""What `heard facts` writes: turns with words and the customer's voice, and every sound's likelihood by the second."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from audio.errors import BadInput
from audio.facts import Sound
from audio.hear import Ears
from audio.sounds import CLASSES, DISTRESS, DistressTagger
from monitor.analyze import Analyzer, HeardCall, Options
from monitor.cli import app
from monitor.settings import Settings
from tests.fakes import ScriptedDiarizer, ScriptedTagger, ScriptedTranscriber, Tape, said
from tests.recordings import real_call, write

CRY = Sound(label="child_crying", start_s=3.0, end_s=5.0, confidence=0.9)


@pytest.fixture
def one_side(tmp_path: Path) -> Path:
    """The caller's side of a real call, 20 s."""
    return write(tmp_path / "caller.wav", real_call()[1:])


def hear(path: Path, side: str) -> HeardCall:
    analyzer = Analyzer(Settings())
    analyzer.ears = Ears(
        transcriber=ScriptedTranscriber(said("Hi Michelle, my name is Jack.", 6.8, 12)),
        diarizer=(diarizer := ScriptedDiarizer()),
        tagger=ScriptedTagger(CRY),
    )
    heard = analyzer.hear(path, Options(side=side, sound_scores=True))
    assert diarizer.asked == 0
    return heard


def test_a_customer_alone_has_a_voice_and_a_row_of_scores_each_second(one_side: Path) -> None:
    facts = hear(one_side, "customer").facts
    (turn,) = facts.turns
    assert turn.speaker == "customer"
    assert [word.text for word in turn.words] == ["Hi", "Michelle,", "my", "name", "is", "Jack."]
    assert turn.voice is not None
    assert {"f0_hz", "level_db", "rate_sps", "tilt_db", "arousal"} <= set(turn.voice.model_dump())
    assert [row["child_crying"] for row in facts.sound_scores] == [0.9 * (3 <= second < 5) for second in range(20)]


def test_an_agent_alone_has_neither_voice_nor_sounds(one_side: Path) -> None:
    facts = hear(one_side, "agent").facts
    assert [(turn.speaker, turn.voice) for turn in facts.turns] == [("agent", None)]
    assert facts.sounds == facts.sound_scores == ()


def test_a_recording_of_both_sides_has_no_one_side(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="both sides"):
        hear(write(tmp_path / "call.wav", real_call()), "customer")


def test_the_sounds_of_a_silent_customer_are_those_of_the_other_channel(tmp_path: Path) -> None:
    recording = write(tmp_path / "call.wav", real_call())
    asked: list[float] = []

    class Listening(ScriptedTagger):
        def scores(self, channel):  # type: ignore[no-untyped-def]
            asked.append(float(np.abs(channel.read(0, 6)).mean()))
            return super().scores(channel)

    analyzer = Analyzer(Settings(agent="left"))
    analyzer.ears = Ears(
        transcriber=ScriptedTranscriber(said("Thank you for calling.", 0.2, 5), []), tagger=Listening()
    )
    analyzer.hear(recording, Options(agent="left", sound_scores=True))
    # The agent speaks in the first six seconds; the caller's channel is all but silent there.
    assert asked[0] < 0.3 * float(np.abs(real_call()[0, : 8_000 * 6] / 32_768).mean())


@pytest.mark.parametrize("seconds", [0.05, 0.98, 3.0, 7.005, 61.3])
def test_every_second_has_scores_and_distress_is_the_highest_of_its_labels(seconds: float) -> None:
    noise = 0.05 * np.random.default_rng(0).standard_normal(round(seconds * 16_000))
    rows = DistressTagger().scores(Tape(noise.astype(np.float32)))
    assert len(rows) == int(np.ceil(seconds))
    for row in rows:
        assert set(row) == set(CLASSES)
        assert row["distress"] >= max(row[label] for label in DISTRESS)
        assert all(0 <= value <= 1 for value in row.values())


def test_the_command_writes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEARD_LOG", str(tmp_path / "heard.log"))
    write(tmp_path / "caller.wav", real_call()[1:])
    monkeypatch.setattr(
        Analyzer, "ears", Ears(transcriber=ScriptedTranscriber(said("Hello.", 7, 9)), tagger=ScriptedTagger(CRY))
    )
    done = CliRunner().invoke(
        app, ["facts", "caller.wav", "--side", "customer", "--language", "en", "--json", "f.json"]
    )
    assert done.exit_code == 0, done.output
    facts = json.loads((tmp_path / "f.json").read_text())
    assert (facts["language"], len(facts["sound_scores"])) == ("en", 20)
    assert facts["turns"][0]["words"][0]["text"] == "Hello."
    assert set(facts["turns"][0]["voice"]) >= {"f0_hz", "level_db", "rate_sps", "tilt_db", "arousal"}
