"""Sounds made from formulas: look-alikes of distress that must not be flagged, and distress no trainable corpus holds.

Each maker takes a random generator and a length and returns mono samples at 8 kHz, peak about 1. They are caricatures:
they teach the tagger which spectro-temporal patterns exist, not how each of them sounds in every room.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

RATE = 8000
Samples = NDArray[np.float64]
Rng = np.random.Generator
Maker = Callable[[Rng, float], Samples]


def _times(seconds: float) -> Samples:
    return np.arange(round(seconds * RATE)) / RATE


def _unit(samples: Samples) -> Samples:
    return np.asarray(samples / max(float(np.abs(samples).max(initial=0)), 1e-9))


def _smooth_noise(rng: Rng, count: int, per_second: float) -> Samples:
    """A slow random contour of about unit variance that changes `per_second` times a second."""
    knots = rng.standard_normal(max(4, int(count / RATE * per_second) + 4))
    return np.interp(np.arange(count), np.linspace(0, count, len(knots)), knots)


def _coloured(rng: Rng, count: int, exponent: float) -> Samples:
    """Noise with a power spectrum of 1 / f**exponent."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 20)
    return _unit(np.fft.irfft(spectrum / hz ** (exponent / 2), count))


def _band(samples: Samples, low: float, high: float) -> Samples:
    return np.asarray(sosfilt(butter(2, (low, min(high, 3900)), "band", fs=RATE, output="sos"), samples))


def glottal(rng: Rng, f0: Samples, *, tilt: float, breath: float, formants: list[float]) -> Samples:
    """A voice: harmonics of a moving F0 with k**-tilt, breath noise, then two-pole resonances."""
    jittered = f0 * (1 + 0.01 * _smooth_noise(rng, len(f0), 80))
    phase = 2 * np.pi * np.cumsum(jittered) / RATE
    source = np.zeros(len(f0))
    for k in range(1, int(3800 / f0.min()) + 1):
        source += np.where(k * f0 < 3800, k**-tilt, 0) * np.sin(k * phase)
    voiced = source / max(np.abs(source).max(), 1e-9) + breath * rng.standard_normal(len(f0))
    for hz in formants:
        width = rng.uniform(60, 160)
        radius = np.exp(-np.pi * width / RATE)
        poles = [1, -2 * radius * np.cos(2 * np.pi * hz / RATE), radius**2]
        voiced = 0.4 * voiced + _unit(np.asarray(lfilter([1 - radius], poles, voiced)))
    return _unit(voiced)


def _vowel(rng: Rng, size: float = 1.0) -> list[float]:
    return [size * rng.uniform(350, 900), size * rng.uniform(900, 2300), size * rng.uniform(2300, 3100)]


def _bursts(rng: Rng, seconds: float, length: tuple[float, float], gap: tuple[float, float]) -> list[tuple[int, int]]:
    """Start and end samples of bursts that follow each other for the whole length."""
    spans, at = [], float(rng.uniform(0, gap[1]))
    while at < seconds - length[0]:
        end = min(seconds, at + rng.uniform(*length))
        spans.append((round(at * RATE), round(end * RATE)))
        at = end + rng.uniform(*gap)
    return spans


def _arch(count: int, attack: float, release: float) -> Samples:
    """An envelope that rises over `attack` and falls over `release` (shares of its length)."""
    place = np.linspace(0, 1, count)
    return np.clip(np.minimum(place / attack, (1 - place) / release), 0, 1)


# Distress


def screaming(rng: Rng, seconds: float) -> Samples:
    """Long, high, rough: F0 of 500 to 1600 Hz, modulated at 30 to 150 Hz (Arnal et al. 2015), strong upper harmonics."""
    out = np.zeros(round(seconds * RATE))
    base, rough_hz = rng.uniform(500, 1500), rng.uniform(30, 150)
    formants = [rng.uniform(800, 1400), rng.uniform(1500, 2600)]
    for a, b in _bursts(rng, seconds, (0.6, 2.5), (0.15, 0.8)):
        place = np.linspace(0, 1, b - a)
        shape = 1 + rng.uniform(-0.3, 0.1) * (2 * place - 1) ** 2 + 0.03 * _smooth_noise(rng, b - a, 8)
        call = glottal(
            rng,
            base * rng.uniform(0.85, 1.15) * shape,
            tilt=rng.uniform(0.2, 1.0),
            breath=rng.uniform(0.02, 0.3),
            formants=formants,
        )
        rough = 1 + rng.uniform(0, 0.8) * np.sin(
            2 * np.pi * rough_hz * np.arange(b - a) / RATE + 3 * _smooth_noise(rng, b - a, 10)
        )
        out[a:b] = call * rough * _arch(b - a, 0.08, 0.2)
    return _unit(np.tanh(rng.uniform(1, 3) * out))


def sobbing(rng: Rng, seconds: float) -> Samples:
    """Weeping of an adult: breathy wails on an out-breath, broken by sobs, with gasps and sniffs between them."""
    out = np.zeros(round(seconds * RATE))
    base, size = rng.uniform(180, 480), rng.uniform(0.9, 1.15)
    for a, b in _bursts(rng, seconds, (0.5, 2.2), (0.2, 0.7)):
        count = b - a
        fall = np.linspace(rng.uniform(1.0, 1.4), rng.uniform(0.7, 1.0), count)
        f0 = base * rng.uniform(0.85, 1.2) * fall * (1 + 0.04 * _smooth_noise(rng, count, 12))
        wail = glottal(rng, f0, tilt=rng.uniform(0.8, 2), breath=rng.uniform(0.05, 0.5), formants=_vowel(rng, size))
        broken = rng.uniform(0, 0.9) * (0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(2.5, 7) * np.arange(count) / RATE))
        out[a:b] = wail * (1 - broken) * _arch(count, 0.15, 0.4)
        gasp = min(round(rng.uniform(0.15, 0.4) * RATE), len(out) - b)
        if gasp > 200 and rng.random() < 0.7:
            out[b : b + gasp] = (
                rng.uniform(0.1, 0.5) * _unit(_band(rng.standard_normal(gasp), 600, 3200)) * _arch(gasp, 0.5, 0.2)
            )
    return _unit(out)


def alarm(rng: Rng, seconds: float) -> Samples:
    """Beeping: smoke (three beeps and a pause, ISO 8201, 3.1 kHz or 520 Hz square), burglar and appliance alarms."""
    time = _times(seconds)
    if rng.random() < 0.5:
        hz = rng.choice([rng.uniform(2700, 3350), 520 * rng.uniform(0.97, 1.03)])
        place = (time + rng.uniform(0, 4)) % 4.0
        on = (place < 3) & (place % 1.0 < 0.5)
    else:
        hz, rate = rng.uniform(900, 3300), rng.uniform(1.5, 6)
        on = (time * rate) % 1 < rng.uniform(0.35, 0.7)
    tone = np.sin(2 * np.pi * hz * time)
    if hz < 1200:
        tone = np.sign(tone) * rng.uniform(0.3, 1) + tone
    return _unit(tone * np.convolve(on, np.ones(40) / 40, "same"))


def siren(rng: Rng, seconds: float) -> Samples:
    """Emergency vehicles: wail, yelp or two tones."""
    time = _times(seconds)
    kind = rng.integers(3)
    low, high = rng.uniform(400, 800), rng.uniform(1000, 1700)
    start = rng.uniform(0, 1)
    if kind == 0:
        place = 0.5 - 0.5 * np.cos(2 * np.pi * (rng.uniform(0.12, 0.4) * time + start))
    elif kind == 1:
        place = 0.5 - 0.5 * np.cos(2 * np.pi * (rng.uniform(2, 5) * time + start))
    else:
        high = low * rng.uniform(1.2, 1.5)
        place = ((rng.uniform(0.4, 1.2) * time + start) % 1 < 0.5).astype(float)
    phase = 2 * np.pi * np.cumsum(low + (high - low) * place) / RATE
    tone = sum(k ** -rng.uniform(0.8, 2) * np.sin(k * phase) for k in range(1, 3))
    return _unit(np.asarray(tone) + rng.uniform(0, 0.1) * rng.standard_normal(len(time)))


# Look-alikes


def laughter(rng: Rng, seconds: float) -> Samples:
    """Bouts of short voiced or breathy notes, 4 to 7 a second, falling in pitch and level (Bachorowski et al. 2001)."""
    out = np.zeros(round(seconds * RATE))
    base, breath = rng.uniform(130, 520), rng.uniform(0.05, 1.0)
    size = rng.uniform(0.9, 1.25)
    for a, b in _bursts(rng, seconds, (0.6, 2.0), (0.25, 0.9)):
        rate, duty, formants = rng.uniform(3.8, 7.0), rng.uniform(0.3, 0.65), _vowel(rng, size)
        period = round(RATE / rate)
        for n, note in enumerate(range(a, b - period, period)):
            count = round(period * duty)
            f0 = base * rng.uniform(0.9, 1.25) * 0.97**n * np.linspace(1.08, 0.92, count)
            voice = glottal(rng, f0, tilt=rng.uniform(0.7, 1.8), breath=breath, formants=formants)
            out[note : note + count] = 0.93**n * voice * _arch(count, 0.2, 0.5)
            puff = period - count
            out[note + count : note + period] += (
                0.93**n * rng.uniform(0, 0.3) * breath * rng.standard_normal(puff) * _arch(puff, 0.3, 0.3)
            )
    return _unit(out)


def coughing(rng: Rng, seconds: float) -> Samples:
    """Coughs, sneezes and throats cleared: a blast of noise, then a short hoarse voice."""
    out = np.zeros(round(seconds * RATE))
    for a, b in _bursts(rng, seconds, (0.15, 0.5), (0.1, 1.0)):
        count = b - a
        blast = _band(rng.standard_normal(count), rng.uniform(150, 800), rng.uniform(1500, 3500)) * np.exp(
            -np.linspace(0, rng.uniform(3, 9), count)
        )
        hoarse = glottal(
            rng, rng.uniform(90, 300) * np.linspace(1.1, 0.8, count), tilt=1.2, breath=1.0, formants=_vowel(rng)
        )
        out[a:b] = (_unit(blast) + rng.uniform(0, 0.7) * hoarse * _arch(count, 0.4, 0.5)) * rng.uniform(0.5, 1)
    return _unit(out)


def moaning(rng: Rng, seconds: float) -> Samples:
    """Groans, yawns, sighs and hums: single low voiced or breathy arcs."""
    out = np.zeros(round(seconds * RATE))
    base = rng.uniform(80, 300)
    for a, b in _bursts(rng, seconds, (0.5, 2.0), (0.5, 1.5)):
        count = b - a
        bend = (
            1 + rng.uniform(-0.3, 0.3) * np.sin(np.pi * np.linspace(0, 1, count)) + 0.02 * _smooth_noise(rng, count, 5)
        )
        out[a:b] = glottal(
            rng, base * bend, tilt=rng.uniform(1.2, 2.5), breath=rng.uniform(0.05, 2.0), formants=_vowel(rng)
        ) * _arch(count, 0.3, 0.5)
    return _unit(out)


def singing(rng: Rng, seconds: float) -> Samples:
    """A child or an adult singing: steady notes of a scale, vibrato, changing vowels."""
    out = np.zeros(round(seconds * RATE))
    base = rng.uniform(160, 480)
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12])
    for a, b in _bursts(rng, seconds, (0.2, 1.0), (0.02, 0.3)):
        time = np.arange(b - a) / RATE
        f0 = (
            base
            * 2 ** (rng.choice(scale) / 12)
            * (1 + rng.uniform(0, 0.015) * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * time))
        )
        out[a:b] = glottal(
            rng,
            f0,
            tilt=rng.uniform(0.8, 1.8),
            breath=rng.uniform(0.01, 0.1),
            formants=_vowel(rng, rng.uniform(1, 1.25)),
        ) * _arch(b - a, 0.1, 0.2)
    return _unit(out)


def music(rng: Rng, seconds: float) -> Samples:
    """Hold music: chords, a melody and sometimes drums, in one tempo and key."""
    time = _times(seconds)
    out = np.zeros(len(time))
    beat, root = 60 / rng.uniform(60, 150), rng.uniform(110, 330)
    decay, brightness = rng.uniform(0.5, 8), rng.uniform(0.8, 2.2)
    chords = [(0, 4, 7), (5, 9, 12), (7, 11, 14), (9, 12, 16), (2, 5, 9)]
    for n in range(int(seconds / beat) + 1):
        a = round(n * beat * RATE)
        notes = list(chords[rng.integers(len(chords))]) if n % 4 == 0 else [int(rng.choice([0, 2, 4, 7, 9])) + 12]
        length = beat * (4 if n % 4 == 0 else rng.choice([0.5, 1, 2]))
        span = time[: max(0, min(len(time) - a, round(length * RATE)))]
        for note in notes:
            hz = root * 2 ** (note / 12)
            tone = sum(k**-brightness * np.sin(2 * np.pi * hz * k * span + k) for k in range(1, 7) if hz * k < 3800)
            out[a : a + len(span)] += np.asarray(tone) * np.exp(-decay * span) * np.minimum(1, span * 60)
        if rng.random() < 0.5 and len(span):
            out[a : a + len(span)] += rng.uniform(0.2, 1) * rng.standard_normal(len(span)) * np.exp(-span * 40)
    return _unit(out)


def telephone(rng: Rng, seconds: float) -> Samples:
    """Ringing, busy, dialled digits, fax and ringtones."""
    time = _times(seconds)
    kind = rng.integers(5)
    start = rng.uniform(0, 4)
    if kind == 0:
        on = (time + start) % rng.choice([4.0, 5.0, 6.0]) < rng.choice([1.0, 2.0])
        return np.asarray((np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)) / 2 * on)
    if kind == 1:
        on = ((time + start) % rng.uniform(0.5, 5)) < rng.uniform(0.25, 1)
        return np.asarray(np.sin(2 * np.pi * rng.uniform(400, 480) * time) * on)
    if kind == 2:
        low, high = np.array([697, 770, 852, 941]), np.array([1209, 1336, 1477])
        digit = ((time + start) / rng.uniform(0.15, 0.6)).astype(int)
        tone = np.sin(2 * np.pi * rng.choice(low, 40)[digit % 40] * time) + np.sin(
            2 * np.pi * rng.choice(high, 40)[digit % 40] * time
        )
        return np.asarray(tone / 2 * ((time + start) % 0.3 < 0.18))
    if kind == 3:
        return np.asarray(
            np.sin(2 * np.pi * rng.choice([1100.0, 2100.0]) * time) * ((time + start) % 3.5 < rng.uniform(0.5, 3))
        )
    warble = np.where((time * rng.uniform(10, 25)) % 1 < 0.5, rng.uniform(600, 1200), rng.uniform(1200, 2000))
    return np.asarray(np.sin(2 * np.pi * np.cumsum(warble) / RATE) * ((time + start) % 3 < 1.2))


def barking(rng: Rng, seconds: float) -> Samples:
    """Dogs: short harsh barks whose pitch rises and falls, in runs; sometimes a whine or a mew."""
    out = np.zeros(round(seconds * RATE))
    base = rng.uniform(250, 1000)
    for a, b in _bursts(rng, seconds, (0.08, 0.3), (0.1, 0.8)):
        count = b - a
        f0 = base * rng.uniform(0.9, 1.1) * (1 + 0.3 * np.sin(np.pi * np.linspace(0, 1, count))) * 0.9
        bark = glottal(rng, f0, tilt=rng.uniform(0.4, 1.2), breath=rng.uniform(0.2, 1.0), formants=_vowel(rng))
        out[a:b] = np.tanh(2 * bark) * _arch(count, 0.1, 0.5)
    return _unit(out)


def chirping(rng: Rng, seconds: float) -> Samples:
    """Birds, squeaking doors and brakes, whistling: pure sweeps."""
    out = np.zeros(round(seconds * RATE))
    for a, b in _bursts(rng, seconds, (0.05, 0.8), (0.05, 0.6)):
        sweep = np.linspace(rng.uniform(900, 3400), rng.uniform(900, 3400), b - a) * (
            1 + 0.03 * _smooth_noise(rng, b - a, 20)
        )
        out[a:b] = np.sin(2 * np.pi * np.cumsum(sweep) / RATE) * _arch(b - a, 0.2, 0.2) * rng.uniform(0.3, 1)
    return _unit(out)


def knocking(rng: Rng, seconds: float) -> Samples:
    """Doors, keys, dishes: impulses that excite a few resonances."""
    out = np.zeros(round(seconds * RATE))
    for a in rng.integers(0, len(out), max(1, round(seconds * rng.uniform(0.5, 8)))):
        out[a] = rng.uniform(0.2, 1) * rng.choice([-1, 1])
    rung = sum(
        lfilter([1], [1, -2 * r * np.cos(w), r * r], out)
        for r, w in zip(rng.uniform(0.9, 0.995, 4), rng.uniform(0.1, 2.8, 4), strict=True)
    )
    return _unit(np.asarray(rung))


def noise(rng: Rng, seconds: float) -> Samples:
    """Streets, fans, lines, wind and hum: coloured noise that swells, perhaps with hum."""
    count = round(seconds * RATE)
    sound = _coloured(rng, count, rng.uniform(-0.5, 2.2)) * np.exp(
        rng.uniform(0, 0.8) * _smooth_noise(rng, count, rng.uniform(0.3, 6))
    )
    if rng.random() < 0.3:
        sound = _unit(sound) + rng.uniform(0, 1) * np.sin(
            2 * np.pi * rng.choice([50, 60, 100, 120, 400]) * _times(seconds)
        )
    return _unit(sound)


MAKERS: dict[str, Maker] = {
    "screaming": screaming,
    "adult_crying": sobbing,
    "alarm": alarm,
    "siren": siren,
    "laughter": laughter,
    "coughing": coughing,
    "moaning": moaning,
    "singing": singing,
    "music": music,
    "telephone": telephone,
    "barking": barking,
    "chirping": chirping,
    "knocking": knocking,
    "noise": noise,
}
