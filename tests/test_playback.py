"""Copies to listen to: playable, as long as the call, both sides apart, personal data silent."""

import wave

import numpy as np
import pytest

from audio.decode import decode
from audio.errors import BadAudio, HeardError
from monitor.playback import write_copy
from tests.reports import make_report, turn

RATE_HZ = 16_000


@pytest.fixture
def report(tmp_path):
    """Six seconds: a low tone on the left, a high one on the right; a card number is said from 2 to 3 s."""
    t = np.arange(6 * RATE_HZ) / RATE_HZ
    sides = np.stack([np.sin(2 * np.pi * 300 * t), np.sin(2 * np.pi * 900 * t)], axis=1)
    with wave.open(str(tmp_path / "call.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((sides * 12_000).astype(np.int16).tobytes())
    said = turn(0, "customer", 0.0, 6.0, "my card is [card] thank you")
    words = tuple(
        word.model_copy(update={"start_s": 2.0, "end_s": 3.0} if word.text == "[card]" else {}) for word in said.words
    )
    said = said.model_copy(update={"words": words})
    return make_report("call", source=str(tmp_path / "call.wav"), turns=(said,), moments=(), duration_s=6.0)


def loudness(path, start_s, end_s):
    """By side, the root mean square of a span."""
    with decode(path) as copy:
        return [float(np.sqrt(np.mean(copy.channel(side).read(start_s, end_s) ** 2))) for side in range(copy.channels)]


def test_a_copy_plays_and_is_silent_where_personal_data_is_said(report, tmp_path):
    write_copy(report, tmp_path / "copy.m4a")
    with decode(tmp_path / "copy.m4a") as copy:
        assert copy.duration_s == pytest.approx(6.0, abs=0.2)
        assert copy.channels == 2
    assert min(loudness(tmp_path / "copy.m4a", 0.5, 1.5)) > 0.1
    assert max(loudness(tmp_path / "copy.m4a", 2.2, 2.8)) < 0.01


def test_a_span_is_cut_where_it_is(report, tmp_path):
    write_copy(report, tmp_path / "clip.m4a", span=(4.0, 99.0))
    with decode(tmp_path / "clip.m4a") as clip:
        assert clip.duration_s == pytest.approx(2.0, abs=0.2)


def test_what_cannot_be_copied_is_said_in_words(report, tmp_path):
    with pytest.raises(HeardError, match="nothing lies between"):
        write_copy(report, tmp_path / "clip.m4a", span=(7.0, 9.0))
    with pytest.raises(HeardError, match="cannot be written"):
        write_copy(report, tmp_path / "no" / "folder" / "copy.m4a")
    with pytest.raises(BadAudio, match="is not at"):
        write_copy(report.model_copy(update={"source": "gone.wav"}), tmp_path / "copy.m4a")
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*.part"))
