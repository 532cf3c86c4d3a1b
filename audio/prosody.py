"""What a stretch of speech sounds like, apart from its words: pitch, level, spectrum, pace, as robust averages.

Everything is measured inside the telephone band, on frames of 32 ms each 10 ms at 8 kHz. Which measures, and why they
tell effort and excitement: Banse and Scherer, "Acoustic profiles in vocal emotion expression" (1996); Juslin and
Laukka, "Communication of emotions in vocal expression and music performance" (2003); Traunmüller and Eriksson,
"Acoustic effects of variation in vocal effort" (2000); the names follow Eyben et al., GeMAPS (2016).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audio.pitch import HOP_S, RATE_HZ, frames_of, yin
from audio.ports import AudioReader, Samples

BLOCK_S = 20.0
"""A turn is read in blocks of this length, so that a long one costs no more memory than its frame values."""
FRAME_S = 0.032
VOICED = 0.25
"""Aperiodicity below which a frame counts as voiced."""
SPEECH_DB = 30.0
"""Frames further than this below the turn's loud frames are no speech, nor are frames within FLOOR_DB of its floor."""
FLOOR_DB = 6.0
VOICED_DB = 25.0
PAUSE_S = 0.2
"""Shorter gaps are the closures of stop consonants."""
LEAST_VOICED_S = 0.2
OCTAVE_ST = 12.0
NUCLEUS_DB = 3.0
"""A syllable nucleus rises this far out of its surroundings (de Jong and Wempe 2009, who use 2 dB on clean speech)."""
NUCLEUS_GAP_S = 0.08

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Prosody(NamedTuple):
    """Averages over one stretch of speech by one speaker."""

    voiced_s: float
    f0_hz: float
    pitch_st: float
    """80th percentile of F0, semitones above 100 Hz: the accents rise with effort sooner than the median does."""
    movement_st: float
    """Mean step of F0 from one voiced frame to the next, over gaps too, semitones: steep accents, a pressed voice."""
    level_db: float
    effort_db: float
    """Energy above 500 Hz against below it, mean of voiced frames: a loud voice closes the glottis faster."""
    tilt_db: float
    """The same about 1 kHz (the alpha ratio of GeMAPS, up to the telephone's 3.4 kHz)."""
    centroid_hz: float
    """Centre of gravity of 300 to 3400 Hz in voiced frames: wider jaw, higher first formant."""
    voiced_share: float
    """Voiced frames in speech frames: tense articulation gives consonants and stressed onsets more room."""
    rate_sps: float | None
    pause_ratio: float


class _Frames(NamedTuple):
    level_db: Array
    f0_hz: Array
    aperiodicity: Array
    effort_db: Array
    tilt_db: Array
    centroid_hz: Array
    vowel_db: Array


def halve(samples: Samples) -> Array:
    """16 kHz to 8 kHz: a half-band filter of 63 taps, then every other sample."""
    taps = np.sinc(np.arange(-31, 32) / 2) * np.blackman(63)
    padded = np.pad(samples.astype(np.float64), 31)
    return np.convolve(padded, taps / taps.sum(), mode="valid")[::2]


def prosody(reader: AudioReader, start_s: float, end_s: float) -> Prosody | None:
    """Measure one turn; None where less than LEAST_VOICED_S of it is voiced."""
    blocks = []
    while start_s < end_s:
        blocks.append(_frames(halve(reader.read(start_s, min(end_s, start_s + BLOCK_S)))))
        start_s += BLOCK_S
    return _averages(_Frames(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))) if blocks else None


def _frames(samples: Array) -> _Frames:
    """Frame values of one block, all of shape (frames,)."""
    length, hop = round(FRAME_S * RATE_HZ), round(HOP_S * RATE_HZ)
    pitch = yin(samples)
    frames = frames_of(samples, length, hop)[: len(pitch.f0_hz)]
    window = np.hanning(length)
    power = np.abs(np.fft.rfft(frames * window, 2 * length)) ** 2 / (length * (window**2).sum())
    hz = np.fft.rfftfreq(2 * length, 1 / RATE_HZ)

    def band_db(low: float, high: float) -> Array:
        return np.asarray(_db(power[:, (hz >= low) & (hz < high)].sum(axis=1)))

    telephone = (hz >= 300) & (hz < 3400)
    in_band = power[:, telephone]
    return _Frames(
        level_db=band_db(0, RATE_HZ),
        f0_hz=pitch.f0_hz,
        aperiodicity=pitch.aperiodicity,
        effort_db=band_db(500, 3400) - band_db(50, 500),
        tilt_db=band_db(1000, 3400) - band_db(50, 1000),
        centroid_hz=in_band @ hz[telephone] / np.maximum(in_band.sum(axis=1), 1e-12),
        vowel_db=band_db(300, 2500),
    )


def _db(power: Array | float) -> Array:
    return np.asarray(10 * np.log10(np.maximum(power, 1e-10)))


def _averages(frames: _Frames) -> Prosody | None:
    if not len(frames.level_db):
        return None
    top, floor = np.percentile(frames.level_db, [95, 10])
    speech = frames.level_db > max(top - SPEECH_DB, min(floor + FLOOR_DB, top - 2 * FLOOR_DB))
    voiced = speech & (frames.aperiodicity < VOICED) & (frames.level_db > top - VOICED_DB)
    semitones = 12 * np.log2(frames.f0_hz / 100)
    if voiced.any():
        voiced &= np.abs(semitones - np.median(semitones[voiced])) < OCTAVE_ST
    if voiced.sum() * HOP_S < LEAST_VOICED_S:
        return None
    contour = semitones[voiced]
    talking, pausing = _pauses(speech)
    nuclei = _nuclei(frames.vowel_db, voiced)
    return Prosody(
        voiced_s=float(voiced.sum() * HOP_S),
        f0_hz=float(np.median(frames.f0_hz[voiced])),
        pitch_st=float(np.percentile(contour, 80)),
        movement_st=float(np.abs(np.diff(contour)).mean()),
        level_db=float(_db(np.mean(10 ** (frames.level_db[speech] / 10)))),
        effort_db=float(frames.effort_db[voiced].mean()),
        tilt_db=float(frames.tilt_db[voiced].mean()),
        centroid_hz=float(frames.centroid_hz[voiced].mean()),
        voiced_share=float(voiced.sum() / speech.sum()),
        rate_sps=nuclei / talking if talking >= 0.5 else None,
        pause_ratio=pausing / (talking + pausing),
    )


def _pauses(speech: Mask) -> tuple[float, float]:
    """Seconds of talking, and of pauses of PAUSE_S or more between first and last speech frame."""
    spoken = np.flatnonzero(speech)
    gaps = np.diff(spoken) - 1
    pausing = float(gaps[gaps * HOP_S >= PAUSE_S].sum() * HOP_S)
    return float((spoken[-1] - spoken[0] + 1) * HOP_S) - pausing, pausing


def _nuclei(vowel_db: Array, voiced: Mask) -> int:
    """Syllable nuclei: voiced peaks of the vowel band's level, so that no transcript and no language is needed."""
    smooth = np.convolve(vowel_db, np.hanning(9) / np.hanning(9).sum(), mode="same")
    count, valley, peak, last = 0, smooth[0], -np.inf, -np.inf
    peak_at = 0
    for at, value in enumerate(smooth):
        if value > peak:
            peak, peak_at = value, at
        if value < peak - NUCLEUS_DB:
            if peak > valley + NUCLEUS_DB and voiced[peak_at] and (peak_at - last) * HOP_S >= NUCLEUS_GAP_S:
                count, last = count + 1, peak_at
            valley, peak = value, value
        elif value < valley:
            valley, peak = value, value
    return count
