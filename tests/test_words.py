"""What Whisper hears on the telephone, and that it hears nothing where nobody speaks."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from audio.channels import find_layout
from audio.decode import decode
from audio.facts import Span
from audio.ports import Track
from audio.speech import find_speech
from audio.words import WhisperTranscriber
from benchmarks.baselines import word_errors
from tests.fakes import RATE_HZ, Tape

pytestmark = pytest.mark.models

FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.fixture(scope="module")
def whisper() -> WhisperTranscriber:
    return WhisperTranscriber("base")


def plain(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower().replace("’", "'"))


def test_a_telephone_call_is_understood_and_its_words_are_where_they_were_spoken(whisper: WhisperTranscriber) -> None:
    turns = json.loads((FIXTURES / "calls" / "wifi-missed.json").read_text("utf-8"))["turns"]
    with decode(FIXTURES / "audio" / "wifi-missed.opus") as recording:
        tracks = [Track(channel, find_speech(channel)) for channel in find_layout(recording).tracks.values()]
        agent, customer = whisper.transcribe(tracks)
    assert agent.language == customer.language == "en"
    for transcript, speaker in ((agent, "agent"), (customer, "customer")):
        own = [turn for turn in turns if turn["speaker"] == speaker]
        reference = plain(" ".join(turn["text"] for turn in own))
        heard = plain(" ".join(word.text for word in transcript.words))
        assert word_errors(reference, heard) <= 0.15 * len(reference)
        starts = np.array([word.start_s for word in transcript.words])
        late = [abs(starts - turn["start"]).min() for turn in own]
        assert np.median(late) < 0.1
        assert all(0 <= word.confidence <= 1 for word in transcript.words)
        assert list(starts) == sorted(starts)


def non_speech() -> dict[str, np.ndarray]:
    second = np.arange(20 * RATE_HZ) / RATE_HZ
    noise = np.random.default_rng(7).normal(size=second.size)
    ringing = (np.sin(2 * np.pi * 440 * second) + np.sin(2 * np.pi * 480 * second)) * (second % 6 < 2)
    chords = sum(np.sin(2 * np.pi * hz * second) for hz in (220, 277, 330)) * (1 - second % 0.5)
    return {"silence": 0 * second, "noise": 0.05 * noise, "ringing": 0.1 * ringing, "music": 0.05 * chords}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", list(non_speech()))
def test_nothing_is_heard_where_nobody_speaks(whisper: WhisperTranscriber, kind: str, language: str) -> None:
    """Even if the detector of speech were wrong about all of it."""
    channel = Tape(non_speech()[kind].astype(np.float32))
    [transcript] = whisper.transcribe([Track(channel, [Span(start_s=0.5, end_s=19.5)])], language=language)
    assert transcript.words == ()


def test_a_channel_without_speech_has_no_words_and_no_language(whisper: WhisperTranscriber) -> None:
    silent = Track(Tape(np.zeros(RATE_HZ, dtype=np.float32)), ())
    assert [t.words for t in whisper.transcribe([silent, silent])] == [(), ()]
    assert whisper.transcribe([silent])[0].language == ""
    assert whisper.detect_language([silent]) == ""


def test_the_same_sound_gives_the_same_words_in_whatever_company(whisper: WhisperTranscriber) -> None:
    with decode(FIXTURES / "audio" / "repair-excerpt.flac") as recording:
        track = Track(recording.channel(1), find_speech(recording.channel(1)))
        [alone] = whisper.transcribe([track], language="en")
        [again] = whisper.transcribe([track], language="en")
    assert alone == again


def test_what_is_known_to_be_said_first_is_not_heard_again(whisper: WhisperTranscriber) -> None:
    with decode(FIXTURES / "audio" / "wifi-missed.opus") as recording:
        customer = find_layout(recording).tracks["right"]
        speech = [Span(start_s=5.0, end_s=15.7)]
        [whole] = whisper.transcribe([Track(customer, speech)], language="en")
        known = len(whole.words) // 2
        opening = tuple(word.text for word in whole.words[:known])
        [rest] = whisper.transcribe([Track(customer, speech, opening)], language="en")
    after = whole.words[known:]
    assert word_errors([word.text for word in after], [word.text for word in rest.words]) <= 1
    assert (rest.words[0].text, rest.words[-1].text) == (after[0].text, after[-1].text)
    assert rest.words[0].start_s == pytest.approx(after[0].start_s, abs=0.1)
