"""Voices made from formulas: distress no trainable corpus holds, and the look-alikes that must not be flagged.

Each maker takes a random generator and a length in seconds, and returns mono samples at 8 kHz, peak about 1. They are
caricatures: they teach the tagger which patterns of pitch, roughness and rhythm exist, not how each sounds in a room.
"""

import numpy as np

from training.sounds_synth import RATE, Rng, Samples, arch, band, bursts, glottal, unit, vowel, wander


def screaming(rng: Rng, seconds: float) -> Samples:
    """Men's, women's and children's screams and yells: high for the speaker, rough (modulated at 30 to 150 Hz, Arnal et
    al. 2015), at times chaotic, pressed (harmonics of 1 to 3 kHz outdo the first), mouth wide open (first formant of
    0.8 to 1.4 kHz)."""
    out = np.zeros(round(seconds * RATE))
    base, rough_hz = np.exp(rng.uniform(np.log(280), np.log(1700))), rng.uniform(30, 150)
    formants = [rng.uniform(800, 1400), rng.uniform(1300, 2600)]
    length, gap = ((0.25, 0.8), (0.1, 1.0)) if rng.random() < 0.3 else ((0.7, 2.8), (0.15, 0.8))
    chaos = rng.uniform(0.05, 0.15) if rng.random() < 0.3 else 0.015
    for a, b in bursts(rng, seconds, length, gap):
        count = b - a
        place = np.linspace(0, 1, count)
        shape = 1 + rng.uniform(-0.35, 0.1) * (2 * place - 1) ** 2 + 0.03 * wander(rng, count, 8)
        f0 = base * rng.uniform(0.85, 1.15) * shape
        tilt, breath = rng.uniform(0.0, 0.8), rng.uniform(0.02, 0.4)
        call = glottal(rng, f0, tilt=tilt, breath=breath, formants=formants, jitter=chaos)
        if rng.random() < 0.3:
            call = call + rng.uniform(0.2, 0.8) * glottal(rng, f0 / 2, tilt=tilt, breath=0, formants=formants)
        wobble = np.sin(2 * np.pi * rough_hz * np.arange(count) / RATE + 3 * wander(rng, count, 10))
        out[a:b] = unit(call * (1 + rng.uniform(0, 0.8) * wobble)) * arch(count, rng.uniform(0.02, 0.15), 0.2)
    return unit(np.tanh(rng.uniform(1, 4) * out))


def sobbing(rng: Rng, seconds: float) -> Samples:
    """Weeping of an adult: wails on an out-breath, tense and high for the speaker, broken by sobs, with gasps and sniffs
    drawn in between, breath after breath."""
    out = np.zeros(round(seconds * RATE))
    base, size = np.exp(rng.uniform(np.log(170), np.log(550))), rng.uniform(0.9, 1.15)
    for a, b in bursts(rng, seconds, (0.6, 2.5), (0.2, 0.6)):
        count = b - a
        fall = np.linspace(rng.uniform(1.0, 1.4), rng.uniform(0.7, 1.0), count)
        f0 = base * rng.uniform(0.85, 1.2) * fall * (1 + 0.04 * wander(rng, count, 12))
        breath = rng.uniform(0.05, 0.5)
        wail = glottal(rng, f0, tilt=rng.uniform(0.6, 1.6), breath=breath, formants=vowel(rng, size), jitter=0.025)
        broken = rng.uniform(0, 0.9) * (0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(2.5, 7) * np.arange(count) / RATE))
        out[a:b] = wail * (1 - broken) * arch(count, 0.12, 0.35)
        gasp = min(round(rng.uniform(0.15, 0.4) * RATE), len(out) - b)
        if gasp > 200 and rng.random() < 0.8:
            drawn = unit(band(rng.standard_normal(gasp), 600, 3200)) * arch(gasp, 0.5, 0.2)
            out[b : b + gasp] = rng.uniform(0.1, 0.5) * drawn
    return unit(out)


def laughter(rng: Rng, seconds: float) -> Samples:
    """Bouts of short voiced or breathy notes, 3.5 to 7.5 a second, falling in pitch and level, with a breath drawn in
    between (Bachorowski et al. 2001): chuckles, giggles and shrieks of men, women and children."""
    out = np.zeros(round(seconds * RATE))
    base, breath = np.exp(rng.uniform(np.log(110), np.log(800))), rng.uniform(0.05, 1.2)
    size, song = rng.uniform(0.9, 1.25), rng.uniform(0.05, 0.35)
    for a, b in bursts(rng, seconds, (0.4, 2.2), (0.2, 1.2)):
        rate, duty, formants = rng.uniform(3.5, 7.5), rng.uniform(0.25, 0.75), vowel(rng, size)
        period, loud = round(RATE / rate), rng.uniform(0.4, 1)
        for n, note in enumerate(range(a, b - period, period)):
            count = round(period * duty)
            f0 = base * (1 + song * rng.uniform(-1, 1)) * 0.97**n * np.linspace(rng.uniform(1, 1.2), 0.9, count)
            voice = glottal(rng, f0, tilt=rng.uniform(0.8, 2.0), breath=breath, formants=formants)
            fading = loud * 0.94**n
            out[note : note + count] = fading * voice * arch(count, 0.2, 0.5)
            puff = period - count
            aspirated = rng.uniform(0, 0.4) * breath * rng.standard_normal(puff) * arch(puff, 0.3, 0.3)
            out[note + count : note + period] += fading * aspirated
        drawn = min(round(rng.uniform(0.2, 0.5) * RATE), len(out) - b)
        if drawn > 200 and rng.random() < 0.5:
            air = band(rng.standard_normal(drawn), 500, 3000) + rng.uniform(0, 1) * glottal(
                rng, base * np.linspace(0.9, 1.5, drawn), tilt=1.5, breath=1.0, formants=formants
            )
            out[b : b + drawn] += 0.25 * unit(air) * arch(drawn, 0.5, 0.3)
    return unit(out)


def coughing(rng: Rng, seconds: float) -> Samples:
    """Coughs, sneezes and throats cleared: a blast of noise, then a short hoarse voice."""
    out = np.zeros(round(seconds * RATE))
    for a, b in bursts(rng, seconds, (0.15, 0.6), (0.1, 1.0)):
        count = b - a
        blast = band(rng.standard_normal(count), rng.uniform(150, 800), rng.uniform(1500, 3500))
        blast = unit(blast * np.exp(-np.linspace(0, rng.uniform(2, 9), count)))
        f0 = rng.uniform(90, 450) * np.linspace(1.1, 0.8, count)
        hoarse = glottal(rng, f0, tilt=1.2, breath=1.0, formants=vowel(rng)) * arch(count, 0.4, 0.5)
        out[a:b] = (blast + rng.uniform(0, 0.9) * hoarse) * rng.uniform(0.5, 1)
    return unit(out)


def moaning(rng: Rng, seconds: float) -> Samples:
    """Groans, yawns, sighs and hums: single slack, breathy arcs, unhurried, low for the speaker."""
    out = np.zeros(round(seconds * RATE))
    base = np.exp(rng.uniform(np.log(80), np.log(420)))
    for a, b in bursts(rng, seconds, (0.5, 2.5), (0.6, 2.5)):
        count = b - a
        bend = np.sin(np.pi * np.linspace(0, 1, count) ** rng.uniform(0.5, 2))
        f0 = base * (1 + rng.uniform(-0.3, 0.5) * bend + 0.02 * wander(rng, count, 4)) * np.linspace(1, 0.8, count)
        breath = rng.uniform(0.05, 3.0)
        voice = glottal(rng, np.maximum(f0, 60), tilt=rng.uniform(1.3, 2.8), breath=breath, formants=vowel(rng))
        out[a:b] = voice * arch(count, rng.uniform(0.1, 0.5), 0.5)
    return unit(out)


def panting(rng: Rng, seconds: float) -> Samples:
    """Heavy breathing, in and out: noise with the colour of an open mouth, now and then a little voice in it."""
    out = np.zeros(round(seconds * RATE))
    rate, voiced = rng.uniform(0.6, 4), rng.uniform(0, 0.3) if rng.random() < 0.4 else 0.0
    low, high = rng.uniform(250, 700), rng.uniform(1200, 3300)
    for n, a in enumerate(range(0, len(out) - round(RATE / rate), round(RATE / rate))):
        count = round(RATE / rate * rng.uniform(0.5, 0.95))
        air = unit(band(rng.standard_normal(count), low, high))
        if voiced and n % 2:
            f0 = rng.uniform(150, 350) * np.linspace(1.1, 0.9, count)
            air = air + voiced * glottal(rng, f0, tilt=1.8, breath=0.5, formants=vowel(rng))
        out[a : a + count] = air * (1.0 if n % 2 else rng.uniform(0.3, 0.9)) * arch(count, 0.4, 0.5)
    return unit(out)


def singing(rng: Rng, seconds: float) -> Samples:
    """A child or an adult singing: steady notes of a scale, vibrato, changing vowels."""
    out = np.zeros(round(seconds * RATE))
    base = rng.uniform(130, 520)
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12])
    for a, b in bursts(rng, seconds, (0.2, 1.0), (0.02, 0.3)):
        vibrato = np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * np.arange(b - a) / RATE)
        f0 = base * 2 ** (rng.choice(scale) / 12) * (1 + rng.uniform(0, 0.015) * vibrato)
        formants = vowel(rng, rng.uniform(1, 1.25))
        note = glottal(rng, f0, tilt=rng.uniform(1.2, 2.4), breath=rng.uniform(0.01, 0.1), formants=formants)
        out[a:b] = note * arch(b - a, 0.1, 0.2)
    return unit(out)


def barking(rng: Rng, seconds: float) -> Samples:
    """Dogs: short harsh barks whose pitch rises and falls, in runs; howls and whines."""
    out = np.zeros(round(seconds * RATE))
    base, howl = np.exp(rng.uniform(np.log(180), np.log(1200))), rng.random() < 0.2
    formants, chaos, loud = vowel(rng, rng.uniform(0.6, 1.2)), rng.uniform(0.01, 0.12), rng.uniform(1, 4)
    length, gap = ((0.7, 2.5), (0.3, 1.5)) if howl else ((0.06, 0.35), (0.08, 1.2))
    for a, b in bursts(rng, seconds, length, gap):
        count = b - a
        rise = np.sin(np.pi * np.linspace(0, 1, count) ** rng.uniform(0.4, 1.2))
        f0 = base * rng.uniform(0.9, 1.1) * (0.75 + rng.uniform(0.1, 0.5) * rise)
        breath, tilt = (0.02, rng.uniform(1.2, 2.4)) if howl else (rng.uniform(0.2, 1.5), rng.uniform(0.4, 1.6))
        bark = glottal(rng, f0, tilt=tilt, breath=breath, formants=formants, jitter=chaos)
        out[a:b] = np.tanh(loud * bark) * (arch(count, 0.2, 0.4) if howl else arch(count, 0.08, 0.5))
    return unit(out)


def mewing(rng: Rng, seconds: float) -> Samples:
    """Cats: single clear calls that open and close the mouth, with rests between them; purring is left out."""
    out = np.zeros(round(seconds * RATE))
    base = rng.uniform(280, 1000)
    for a, b in bursts(rng, seconds, (0.25, 1.4), (0.5, 3.0)):
        count = b - a
        open_ = np.sin(np.pi * np.linspace(0, 1, count) ** rng.uniform(0.5, 1.5))
        f0 = base * rng.uniform(0.9, 1.1) * (0.85 + rng.uniform(0.05, 0.4) * open_)
        ends = [glottal(rng, f0, tilt=rng.uniform(1.0, 2.0), breath=0.03, formants=vowel(rng, 1.3)) for _ in range(2)]
        out[a:b] = (ends[0] * open_ + ends[1] * (1 - open_)) * arch(count, 0.2, 0.4)
    return unit(out)
