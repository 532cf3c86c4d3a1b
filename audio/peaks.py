"""The outline of a recording, from which its waveform is drawn without the sound itself."""

from collections.abc import Mapping

import numpy as np

from audio.facts import Waveform
from audio.ports import AudioReader
from audio.spool import RATE_HZ

PEAKS_HZ = 20
"""One peak for 50 ms: at a wide screen's 1,500 pixels that is finer than what can be seen of any call over 75 s."""

_BLOCK_S = 60.0
_PER_PEAK = RATE_HZ // PEAKS_HZ


def outline(tracks: Mapping[str, AudioReader]) -> Waveform:
    """The peaks of each side, measured in one streaming pass.

    tracks: the readers by side, as `audio.channels.find_layout` gives them
    """
    return Waveform(
        peaks_hz=float(PEAKS_HZ), sides=tuple(tracks), peaks=tuple(_peaks(reader) for reader in tracks.values())
    )


def _peaks(reader: AudioReader) -> bytes:
    """One byte for each 50 ms, the last of which may be shorter."""
    parts = []
    start_s = 0.0
    while start_s < reader.duration_s:
        samples = np.abs(reader.read(start_s, start_s + _BLOCK_S))
        padded = np.pad(samples, (0, -samples.size % _PER_PEAK))
        peaks = padded.reshape(-1, _PER_PEAK).max(axis=1)
        parts.append(np.minimum(np.round(peaks * 255), 255).astype(np.uint8).tobytes())
        start_s += _BLOCK_S
    return b"".join(parts)
