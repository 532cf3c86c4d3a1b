"""Which channels hold a party: two-party stereo, mono, one voice on both channels, or a dead channel.

Decided from the sound alone, in one streaming pass for the levels and one over a bounded sample for the likeness, so
that a call of ten hours costs little more than one of ten minutes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.errors import BadAudio
from audio.facts import Layout
from audio.levels import FRAME, frame_levels_db, loud_db
from audio.ports import AudioReader, Samples
from audio.spool import RATE_HZ, Recording

_DEAD_DB = -75.0
"""A channel that never rises above this holds nothing: two steps of a 16-bit sample, the idle code of A-law."""
_FLOOR_DB = -70.0
"""The noise floor is taken to be no lower, so that dither after digital silence is not taken for a voice."""
_VOICE_OVER_FLOOR_DB = 10.0
"""A voice that can be understood stands out of the noise by more."""
_SYLLABLE_FRAMES = 4
"""Only 0.2 s without a break count as voice: clicks, and hum that swells for a moment, are shorter."""
_VOICE_FRAMES = 10
"""Less than half a second of voice in a whole call is no party."""

_EXCERPT_S = 5.0
_MOST_EXCERPTS = 120
"""The likeness of two channels is judged on ten minutes at most, spread over the call."""
_FFT = 1_024
_HOP = 512
_LOWEST_BIN = 6
"""Bins below 94 Hz carry hum, which both channels may share."""
_MAX_DELAY_S = 0.25
_ACTIVE_BELOW_LOUD_DB = 15.0
"""Frames down to this much below the loud ones are compared; what is quieter may be each channel's own noise."""
_UNEXPLAINED_DB = -6.0
"""A frame of one channel is explained by the other if at most a quarter of its energy is left over: low-rate codecs
leave some 10 to 20 dB of signal to noise, another voice leaves all of it."""
_MOST_UNEXPLAINED = 0.2
"""Share of active frames that may stay unexplained in one voice on two channels. Measured on a real call: none with
both channels in one mp3, opus or aac file, 0.04 to 0.09 with one side through a codec of 8 kbit/s; two parties that leak
into each other by -25 dB leave 0.9 or more, by -6 dB still 0.6."""


Spectra = NDArray[np.complex64]
"""Short-time spectra of an excerpt, shape (n_frames, n_bins)."""


@dataclass(frozen=True)
class ChannelPlan:
    """What to listen to.

    Attributes
    ----------
    layout:
        "stereo" for one party on each side, "mono" or "dual_mono" for all parties in one track.
    tracks:
        The readers by side: "left" and "right", or "mono" alone.
    warnings:
        What was found odd, one plain sentence each.
    """

    layout: Layout
    tracks: dict[str, AudioReader]
    warnings: tuple[str, ...] = ()


def find_layout(recording: Recording, *, channels: str | None = None) -> ChannelPlan:
    """Decide which channels are parties.

    Parameters
    ----------
    recording:
        A decoded recording.
    channels:
        The user's word instead of ours: "0,1" names the left and the right party, "0" picks one channel that holds
        all parties, "mix" mixes all channels into one.

    Raises
    ------
    BadAudio
        More than two channels and no choice, or a choice that this recording does not have.
    """
    if channels is not None:
        return _chosen(recording, channels)
    if recording.channels == 1:
        return ChannelPlan("mono", {"mono": recording.channel(0)})
    if recording.channels > 2:
        raise BadAudio(
            f"{recording.source} has {recording.channels} channels; "
            "say which two are the two parties with --channels 0,1 (or --channels mix)."
        )
    left, right = recording.channel(0), recording.channel(1)
    levels = frame_levels_db(left), frame_levels_db(right)
    has_left, has_right = (_has_voice(level) for level in levels)
    if not has_left and not has_right:
        return ChannelPlan("mono", {"mono": left}, ("Neither channel holds a voice.",))
    if not has_right:
        return ChannelPlan("mono", {"mono": left}, ("The right channel is silent; the left one is heard as mono.",))
    if not has_left:
        return ChannelPlan("mono", {"mono": right}, ("The left channel is silent; the right one is heard as mono.",))
    if _same_voice(left, right, *levels):
        louder = left if loud_db(levels[0]) >= loud_db(levels[1]) else right
        return ChannelPlan("dual_mono", {"mono": louder}, ("Both channels hold the same sound; it is heard once.",))
    return ChannelPlan("stereo", {"left": left, "right": right})


class Mix:
    """All channels of a recording, averaged; an `audio.ports.AudioReader`."""

    def __init__(self, recording: Recording) -> None:
        self._channels = [recording.channel(index) for index in range(recording.channels)]
        self.duration_s = recording.duration_s

    def read(self, start_s: float, end_s: float) -> Samples:
        """The samples of a span, shape (n_samples,)."""
        total = np.sum([channel.read(start_s, end_s) for channel in self._channels], axis=0, dtype=np.float32)
        return np.asarray(total / np.float32(len(self._channels)), dtype=np.float32)


def _chosen(recording: Recording, choice: str) -> ChannelPlan:
    if choice.strip().lower() == "mix":
        return ChannelPlan("mono", {"mono": Mix(recording)})
    try:
        picked = [int(part) for part in choice.split(",")]
    except ValueError:
        picked = []
    if len(picked) not in (1, 2) or len(set(picked)) != len(picked):
        raise BadAudio(f"--channels {choice!r} is not understood; give two numbers like 0,1, one number, or mix.")
    if not all(0 <= index < recording.channels for index in picked):
        raise BadAudio(
            f"--channels {choice} does not fit {recording.source}: its channels are 0 to {recording.channels - 1}."
        )
    readers = [recording.channel(index) for index in picked]
    if len(readers) == 1:
        return ChannelPlan("mono", {"mono": readers[0]})
    return ChannelPlan("stereo", {"left": readers[0], "right": readers[1]})


def _has_voice(levels_db: NDArray[np.float32]) -> bool:
    """Whether anything in a channel rises and falls as a voice does: neither dead nor a steady noise or hum."""
    if not levels_db.size or levels_db.max() < _DEAD_DB:
        return False
    floor_db = max(float(np.percentile(levels_db, 10)), _FLOOR_DB)
    return _frames_in_runs(levels_db > floor_db + _VOICE_OVER_FLOOR_DB, _SYLLABLE_FRAMES) >= _VOICE_FRAMES


def _frames_in_runs(flags: NDArray[np.bool_], shortest: int) -> int:
    """How many of the set flags stand in runs of at least `shortest`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= shortest].sum())


def _same_voice(
    left: AudioReader, right: AudioReader, left_db: NDArray[np.float32], right_db: NDArray[np.float32]
) -> bool:
    """Whether one channel is the other, up to a delay, a filter and a codec's noise.

    One linear filter for the whole call is fitted from each channel to the other (Wiener's: cross-spectrum over
    spectrum). In one voice on two channels it explains nearly every frame. Where each side leaks into the other it
    cannot: the leak of either side would take a filter of its own.
    """
    excerpts = _excerpts(left, right, left_db, right_db)
    delay = _delay(excerpts)
    spectra = [(_spectra(a), _spectra(b)) for a, b in (_aligned(a, b, delay) for a, b in excerpts) if a.size > _FFT]
    if not spectra:
        return False
    back = [(y, x) for x, y in spectra]
    return max(_unexplained(spectra), _unexplained(back)) <= _MOST_UNEXPLAINED


def _excerpts(
    left: AudioReader, right: AudioReader, left_db: NDArray[np.float32], right_db: NDArray[np.float32]
) -> list[tuple[Samples, Samples]]:
    """Stretches of 5 s in which either side is active, spread over the call."""
    per_excerpt = round(_EXCERPT_S * RATE_HZ / FRAME)
    n = min(left_db.size, right_db.size)
    active = np.maximum(left_db[:n] - loud_db(left_db), right_db[:n] - loud_db(right_db)) > -_ACTIVE_BELOW_LOUD_DB
    starts = [start for start in range(0, n, per_excerpt) if active[start : start + per_excerpt].any()]
    chosen = np.unique(np.linspace(0, len(starts) - 1, min(len(starts), _MOST_EXCERPTS)).astype(int))
    spans = [(starts[i] * FRAME / RATE_HZ, starts[i] * FRAME / RATE_HZ + _EXCERPT_S) for i in chosen]
    return [(left.read(*span), right.read(*span)) for span in spans]


def _delay(excerpts: list[tuple[Samples, Samples]]) -> int:
    """By how many samples the right channel lags behind the left one: the peak of their summed cross-correlation."""
    size = 2 * round(_EXCERPT_S * RATE_HZ)
    total = np.zeros(size // 2 + 1, dtype=np.complex128)
    for a, b in excerpts:
        total += np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size)
    correlation = np.abs(np.fft.irfft(total, size))
    most = round(_MAX_DELAY_S * RATE_HZ)
    near = np.concatenate([correlation[-most:], correlation[: most + 1]])
    return int(np.argmax(near)) - most


def _aligned(a: Samples, b: Samples, delay: int) -> tuple[Samples, Samples]:
    if delay > 0:
        a, b = a[: a.size - delay], b[delay:]
    elif delay < 0:
        a, b = a[-delay:], b[: b.size + delay]
    n = min(a.size, b.size)
    return a[:n], b[:n]


def _spectra(samples: Samples) -> Spectra:
    """Short-time spectra without the lowest bins."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FFT)[::_HOP]
    return np.fft.rfft(frames * np.hanning(_FFT), axis=1)[:, _LOWEST_BIN:].astype(np.complex64)


def _unexplained(pairs: list[tuple[Spectra, Spectra]]) -> float:
    """Share of the active frames of `y` of which a fixed filter on `x` leaves more than a quarter unexplained.

    Excerpt by excerpt, since those of a long call would fill a gigabyte together.

    pairs: (x, y) of every excerpt
    """
    cross = sum((np.conj(x) * y).sum(axis=0, dtype=np.complex128) for x, y in pairs)
    power = sum(_power(x).sum(axis=0, dtype=np.float64) for x, _ in pairs)
    h = (cross / np.maximum(power, 1e-12)).astype(np.complex64)
    energy = np.concatenate([_power(y).sum(axis=1) for _, y in pairs])
    rest = np.concatenate([_power(y - h * x).sum(axis=1) for x, y in pairs])
    energy_db = 10 * np.log10(np.maximum(energy, 1e-12))
    active = energy_db > loud_db(energy_db) - _ACTIVE_BELOW_LOUD_DB
    return float(np.mean(rest[active] > energy[active] * 10 ** (_UNEXPLAINED_DB / 10)))


def _power(spectra: Spectra) -> NDArray[np.float32]:
    return np.asarray(np.abs(spectra) ** 2)
