"""The pitch tracker against librosa's YIN, on a real caller."""

from pathlib import Path

import numpy as np
import pytest

from audio.decode import decode
from audio.pitch import CEILING_HZ, FLOOR_HZ, HOP_S, RATE_HZ, WINDOW_S, yin
from audio.prosody import halve

EXCERPT = Path(__file__).parent.parent / "fixtures" / "audio" / "repair-excerpt.flac"


@pytest.mark.models  # loads no weights, but librosa compiles itself for many seconds
def test_voiced_frames_have_the_pitch_that_librosa_hears() -> None:
    import librosa

    with decode(EXCERPT) as recording:
        speech = halve(recording.channel(1).read(0.0, 30.0))
    ours = yin(speech)
    window = round(WINDOW_S * RATE_HZ)
    theirs = librosa.yin(
        speech,
        fmin=FLOOR_HZ,
        fmax=CEILING_HZ,
        sr=RATE_HZ,
        frame_length=2 * window,
        hop_length=round(HOP_S * RATE_HZ),
        trough_threshold=0.15,
        center=False,
    )
    frames = min(len(ours.f0_hz), len(theirs))
    voiced = ours.aperiodicity[:frames] < 0.1
    assert voiced.sum() > 300
    semitones = np.abs(12 * np.log2(ours.f0_hz[:frames][voiced] / theirs[:frames][voiced]))
    # The two differ where a voice creaks or changes within a window; 0.92 agreed when this was written.
    assert np.mean(semitones < 0.5) > 0.88
    assert np.median(semitones) < 0.15
