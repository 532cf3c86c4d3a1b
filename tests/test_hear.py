"""From a recording to facts: which stages run, and what they make of a call."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import numpy as np
import pytest

from audio.channels import find_layout
from audio.decode import decode
from audio.errors import ModelMissing
from audio.facts import CallFacts, Sound
from audio.hear import Ears, hear, hear_customer
from audio.ports import SideSpan, Transcript
from tests.fakes import ScriptedDiarizer, ScriptedTagger, ScriptedTranscriber, said
from tests.recordings import real_call, write

FIXTURES = Path(__file__).parent.parent / "fixtures" / "audio"
CRY = Sound(label="child_crying", start_s=3.0, end_s=5.0, confidence=0.9)


def heard(path: Path, ears: Ears, **options: Any) -> CallFacts:
    with decode(path) as recording:
        return hear(recording, find_layout(recording), ears, **options)


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    return write(tmp_path / "call.wav", real_call())


@pytest.fixture
def mono(tmp_path: Path) -> Path:
    return write(tmp_path / "call.wav", real_call().mean(axis=0, keepdims=True))


def test_a_stereo_call_is_told_apart_by_channel(stereo: Path) -> None:
    diarizer = ScriptedDiarizer()
    ears = Ears(transcriber=ScriptedTranscriber(said("Can I help?", 0, 2), said("I hope so.", 3, 4)), diarizer=diarizer)
    facts = heard(stereo, ears)
    assert [(turn.speaker, turn.text) for turn in facts.turns] == [("left", "Can I help?"), ("right", "I hope so.")]
    assert (facts.layout, facts.language, facts.models) == ("stereo", "en", {"words": "scripted-words"})
    assert facts.duration_s == pytest.approx(20.0, abs=0.01)
    assert diarizer.asked == 0


def test_a_mono_call_is_told_apart_by_voice(mono: Path) -> None:
    diarizer = ScriptedDiarizer(
        SideSpan(side="first", start_s=0, end_s=2.5), SideSpan(side="second", start_s=2.5, end_s=5)
    )
    ears = Ears(
        transcriber=ScriptedTranscriber(said("Can I help?", 0, 2) + said("I hope so.", 3, 4)), diarizer=diarizer
    )
    facts = heard(mono, ears)
    assert [(turn.speaker, turn.text) for turn in facts.turns] == [("first", "Can I help?"), ("second", "I hope so.")]
    assert facts.models == {"words": "scripted-words", "speakers": "scripted-speakers"}


def test_speakers_of_a_long_call_are_told_apart_once_its_words_are_there(
    mono: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Transcriber(ScriptedTranscriber):
        def transcribe(self, *args: Any, **kwargs: Any) -> tuple[Transcript, ...]:
            done.append("words")
            return super().transcribe(*args, **kwargs)

    class Diarizer(ScriptedDiarizer):
        def diarize(self, *args: Any, **kwargs: Any) -> tuple[SideSpan, ...]:
            done.append("speakers")
            return super().diarize(*args, **kwargs)

    done: list[str] = []
    monkeypatch.setattr("audio.hear.AT_ONCE_S", 0.0)
    spans = SideSpan(side="first", start_s=0, end_s=2.5), SideSpan(side="second", start_s=2.5, end_s=5)
    words = said("Can I help?", 0, 2) + said("I hope so.", 3, 4)
    loaded = Event()

    def later() -> None:
        done.append("what is needed later")
        loaded.set()

    facts = heard(mono, Ears(transcriber=Transcriber(words), diarizer=Diarizer(*spans)), ahead=[later])
    assert loaded.wait(5)
    assert done == ["words", "speakers", "what is needed later"]
    assert [(turn.speaker, turn.text) for turn in facts.turns] == [("first", "Can I help?"), ("second", "I hope so.")]


def test_one_side_of_a_call_belongs_to_who_the_user_says(mono: Path) -> None:
    diarizer = ScriptedDiarizer()
    ears = Ears(transcriber=ScriptedTranscriber(said("It is broken.", 0, 2)), diarizer=diarizer)
    facts = heard(mono, ears, side="customer")
    assert [turn.speaker for turn in facts.turns] == ["customer"]
    assert diarizer.asked == 0


def test_a_call_in_which_nobody_speaks_has_no_turns(tmp_path: Path) -> None:
    path = write(tmp_path / "silence.wav", np.zeros((1, 8_000 * 5), dtype=np.int16))
    facts = heard(path, Ears(transcriber=ScriptedTranscriber([], language=""), diarizer=ScriptedDiarizer()))
    assert facts.turns == ()
    assert "Nobody speaks." in facts.quality.warnings


def test_only_the_customer_s_voice_is_measured(stereo: Path) -> None:
    words = said("Thank you for calling Platinum Motors.", 0.2, 5.5), said("Hi Michelle, my name is Jack.", 6.8, 12)
    ears = Ears(transcriber=ScriptedTranscriber(*words), tagger=ScriptedTagger(CRY))
    with decode(stereo) as recording:
        plan = find_layout(recording)
        facts = hear(recording, plan, ears)
        full = hear_customer(recording, plan, facts, "right", ears)
        nobody = hear_customer(recording, plan, facts, None, ears)
    agent, customer = full.turns
    assert agent.voice is None
    assert customer.voice is not None
    assert full.sounds == (CRY,)
    assert full.models["sounds"] == "scripted-sounds"
    assert [turn.voice for turn in nobody.turns] == [None, None]


def test_progress_tells_each_stage_from_beginning_to_end(mono: Path) -> None:
    told: list[tuple[str, float]] = []
    ears = Ears(
        transcriber=ScriptedTranscriber(said("Can I help?", 0, 2)),
        diarizer=ScriptedDiarizer(SideSpan(side="first", start_s=0, end_s=2)),
        tagger=ScriptedTagger(),
    )
    with decode(mono) as recording:
        plan = find_layout(recording)
        facts = hear(recording, plan, ears, progress=lambda *step: told.append(step))
        hear_customer(recording, plan, facts, "first", ears, progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(stage for stage, _ in told)) == ["speech", "words", "speakers", "voice", "sounds"]
    for stage in ("speech", "words", "speakers", "voice", "sounds"):
        fractions = [fraction for told_stage, fraction in told if told_stage == stage]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0


@pytest.mark.models
def test_a_real_call_is_heard_turn_by_turn() -> None:
    facts = heard(FIXTURES / "repair-excerpt.flac", Ears())
    assert facts.language == "en"
    assert [turn.speaker for turn in facts.turns[:4]] == ["left", "right", "left", "right"]
    assert "how can i help you today" in facts.turns[0].text.lower()
    assert "my name is jack" in facts.turns[1].text.lower()
    # The caller begins 6.8 s into the call, by the energy of that channel.
    assert facts.turns[1].start_s == pytest.approx(6.8, abs=0.3)


class SlowDiarizer(ScriptedDiarizer):
    """Works until it is told that nobody waits for it."""

    def diarize(self, *_: Any, progress: Callable[[float], None], **__: Any) -> tuple[SideSpan, ...]:  # type: ignore[override]
        while True:
            self.asked += 1
            sleep(0.01)
            progress(0.5)


class FailingTranscriber(ScriptedTranscriber):
    """Has no model."""

    def transcribe(self, *_: Any, **__: Any) -> tuple[Transcript, ...]:
        raise ModelMissing("The model is not installed.")


def test_where_words_fail_nobody_goes_on_telling_speakers_apart(mono: Path) -> None:
    diarizer = SlowDiarizer()
    with pytest.raises(ModelMissing):
        heard(mono, Ears(transcriber=FailingTranscriber(), diarizer=diarizer))
    asked = diarizer.asked
    sleep(0.1)
    assert diarizer.asked == asked


def test_the_failure_of_the_diarizer_is_told(mono: Path) -> None:
    class Failing(ScriptedDiarizer):
        def diarize(self, *_: object, **__: object) -> tuple[SideSpan, ...]:
            raise ModelMissing("The diarizer is not installed.")

    ears = Ears(transcriber=ScriptedTranscriber(said("Can I help?", 0, 2)), diarizer=Failing())
    with pytest.raises(ModelMissing, match="diarizer"):
        heard(mono, ears)


def test_what_is_needed_later_is_loaded_in_order_and_a_missing_model_stops_no_other(stereo: Path) -> None:
    loaded: list[str] = []
    done = Event()

    def missing() -> None:
        loaded.append("missing")
        raise ModelMissing("It is not installed.")

    def last() -> None:
        loaded.append("last")
        done.set()

    ears = Ears(transcriber=ScriptedTranscriber(said("Can I help?", 0, 2), ()))
    heard(stereo, ears, ahead=[missing, last])
    assert done.wait(5)
    assert loaded == ["missing", "last"]
