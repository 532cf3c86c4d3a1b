"""Alarms, sirens, and the things that are neither: music, telephones, squeaks, knocks, bells and noise.

Each maker takes a random generator and a length in seconds, and returns mono samples at 8 kHz, peak about 1.
"""

import numpy as np
from scipy.signal import lfilter

from training.sounds_synth import RATE, Rng, Samples, arch, bursts, coloured, times, unit, wander


def alarm(rng: Rng, seconds: float) -> Samples:
    """Beeping: smoke (three beeps and a pause, ISO 8201; 3.1 kHz or a square wave of 520 Hz), carbon monoxide (four
    short beeps every 5 s), burglar alarms of one and of two tones, appliances."""
    time = times(seconds)
    start = rng.uniform(0, 4)
    hz = np.full(
        len(time), rng.choice([rng.uniform(2700, 3350), 520 * rng.uniform(0.97, 1.03), rng.uniform(900, 3300)])
    )
    kind = rng.integers(4)
    if kind == 0:
        place = (time + start) % 4.0
        on = (place < 3) & (place % 1.0 < 0.5)
    elif kind == 1:
        place = (time + start) % 5.0
        on = (place < 0.8) & (place % 0.2 < 0.1)
    elif kind == 2:
        on = (time * rng.uniform(1.5, 6) + start) % 1 < rng.uniform(0.35, 0.7)
    else:
        on = time >= 0
        hz *= np.where((time * rng.uniform(1.5, 8) + start) % 1 < 0.5, 1, rng.uniform(0.7, 0.9))
    tone = np.sin(2 * np.pi * np.cumsum(hz) / RATE)
    if rng.random() < 0.5:
        tone = np.tanh(rng.uniform(1, 5) * tone)
    return unit(tone * np.convolve(on, np.ones(40) / 40, "same"))


def siren(rng: Rng, seconds: float) -> Samples:
    """Emergency vehicles: wail, yelp or two tones."""
    time = times(seconds)
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
    return unit(np.asarray(tone) + rng.uniform(0, 0.1) * rng.standard_normal(len(time)))


def music(rng: Rng, seconds: float) -> Samples:
    """Hold music: chords, a melody and sometimes drums, in one tempo and key."""
    time = times(seconds)
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
    return unit(out)


def telephone(rng: Rng, seconds: float) -> Samples:
    """Ringing, busy, dialled digits, fax and ringtones."""
    time = times(seconds)
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


def chirping(rng: Rng, seconds: float) -> Samples:
    """Birds, squeaking doors and brakes, whistling: pure sweeps."""
    out = np.zeros(round(seconds * RATE))
    for a, b in bursts(rng, seconds, (0.05, 0.8), (0.05, 0.6)):
        sweep = np.linspace(rng.uniform(900, 3400), rng.uniform(900, 3400), b - a) * (1 + 0.03 * wander(rng, b - a, 20))
        out[a:b] = np.sin(2 * np.pi * np.cumsum(sweep) / RATE) * arch(b - a, 0.2, 0.2) * rng.uniform(0.3, 1)
    return unit(out)


def ringing_bells(rng: Rng, seconds: float) -> Samples:
    """Church bells, door chimes, clinking glass: strokes on partials that are no harmonics and fade one after another."""
    time = times(seconds)
    out = np.zeros(len(time))
    partials = np.array([0.5, 1, 1.2, 1.5, 2, 2.5, 2.67, 3, 4])
    prime, fade = np.exp(rng.uniform(np.log(150), np.log(1800))), rng.uniform(0.4, 6)
    at = rng.uniform(0, 1)
    while at < seconds:
        a = round(at * RATE)
        span = time[: len(time) - a]
        hz = prime * partials * rng.choice([1, 1, 1, 0.75, 1.125])
        sizes = rng.uniform(0.2, 1, len(hz)) * (hz < 3800)
        rung = (sizes * np.exp(-np.outer(span, fade * partials**0.7)) * np.sin(2 * np.pi * np.outer(span, hz))).sum(
            axis=1
        )
        out[a:] += rung * np.minimum(1, span * 200)
        at += rng.uniform(0.25, 2.5)
    return unit(out)


def knocking(rng: Rng, seconds: float) -> Samples:
    """Doors, keys, dishes: impulses that excite a few resonances."""
    out = np.zeros(round(seconds * RATE))
    for a in rng.integers(0, len(out), max(1, round(seconds * rng.uniform(0.5, 8)))):
        out[a] = rng.uniform(0.2, 1) * rng.choice([-1, 1])
    rung = sum(
        lfilter([1], [1, -2 * r * np.cos(w), r * r], out)
        for r, w in zip(rng.uniform(0.9, 0.995, 4), rng.uniform(0.1, 2.8, 4), strict=True)
    )
    return unit(np.asarray(rung))


def noise(rng: Rng, seconds: float) -> Samples:
    """Streets, fans, lines, wind and hum: coloured noise that swells, perhaps with hum."""
    count = round(seconds * RATE)
    sound = coloured(rng, count, rng.uniform(-0.5, 2.2)) * np.exp(
        rng.uniform(0, 0.8) * wander(rng, count, rng.uniform(0.3, 6))
    )
    if rng.random() < 0.3:
        sound = unit(sound) + rng.uniform(0, 1) * np.sin(
            2 * np.pi * rng.choice([50, 60, 100, 120, 400]) * times(seconds)
        )
    return unit(sound)
