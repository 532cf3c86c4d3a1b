"""The outline of a recording: one peak for 50 ms of each side."""

import numpy as np
from fakes import RATE_HZ, Tape
from hypothesis import given
from hypothesis import strategies as st

from audio.peaks import outline


def test_the_loudest_sample_of_each_stretch_is_kept():
    left = np.zeros(RATE_HZ, dtype=np.float32)
    left[800 * 3 + 7] = -0.5
    right = np.full(RATE_HZ, 1.0, dtype=np.float32)
    waveform = outline({"left": Tape(left), "right": Tape(right)})
    assert (waveform.peaks_hz, waveform.sides) == (20.0, ("left", "right"))
    assert waveform.peaks[0] == bytes([0, 0, 0, 128] + [0] * 16)
    assert waveform.peaks[1] == bytes([255] * 20)


@given(st.integers(1, 130 * RATE_HZ))
def test_the_outline_is_as_long_as_the_sound(samples):
    (peaks,) = outline({"mono": Tape(np.ones(samples, dtype=np.float32))}).peaks
    assert len(peaks) == -(-samples // 800)
    assert set(peaks) == {255}
