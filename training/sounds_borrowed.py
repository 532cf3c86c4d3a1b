"""Voices borrowed from recorded speech: a talker's own throat laughs, moans or screams at a pitch that we choose.

Short pieces of voiced speech, two periods long, are laid end to end at the periods wanted (pitch-synchronous overlap and
add, Moulines & Charpentier 1990), so that the timbre is a person's and only pitch, rhythm and roughness are made by
formula. What the formulas alone make (training.sounds_voices) differs from people in just that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from audio.pitch import HOP_S, yin
from training.sounds_synth import RATE, Rng, Samples, arch, band, bursts, unit, wander

LEAST_FRAMES = 8
"""Voiced pitch frames in a row that a vowel is taken from, 80 ms."""
VOICED = 0.15
"""Aperiodicity below which a frame is surely voiced."""


@dataclass(frozen=True)
class Vowel:
    """A voiced stretch of a talker's speech and its pitch."""

    samples: Samples
    f0_hz: float

    def at(self, rng: Rng, f0: NDArray[np.float64]) -> Samples:
        """The vowel held at a moving pitch; `f0` in Hz for every sample, which also says how long."""
        marks, half = self.marks, round(RATE / self.f0_hz)
        window = np.hanning(2 * half)
        which = ((len(marks) - 1) * (0.5 + 0.5 * np.sin(wander(rng, len(f0), 6)))).round().astype(int)
        out, at = np.zeros(len(f0) + 2 * half), 0.0
        while at < len(f0):
            now = int(at)
            mark = marks[which[now]]
            out[now : now + 2 * half] += self.samples[mark - half : mark + half] * window
            at += RATE / f0[now] * rng.uniform(0.985, 1.015)
        return unit(out[half : half + len(f0)])

    @cached_property
    def marks(self) -> list[int]:
        """The loudest sample of each period, a period or more from either end."""
        period = RATE / self.f0_hz
        half = round(period)
        at = half + int(np.argmax(self.samples[half : 2 * half]))
        found = []
        while at + half < len(self.samples):
            found.append(at)
            low = at + round(0.85 * period)
            at = low + int(np.argmax(self.samples[low : low + max(2, round(0.3 * period))]))
        return found


def vowels(speech: Samples, most: int = 60) -> list[Vowel]:
    """Voiced stretches of a recording, at most `most`, spread over it."""
    pitch = yin(speech)
    voiced = pitch.aperiodicity < VOICED
    edges = np.flatnonzero(np.diff(np.concatenate([[0], voiced.astype(int), [0]])))
    spans = [(a, b) for a, b in edges.reshape(-1, 2) if b - a >= LEAST_FRAMES]
    hop = round(HOP_S * RATE)
    kept = [spans[n] for n in np.unique(np.linspace(0, len(spans) - 1, most).astype(int))] if spans else []
    found = [Vowel(unit(speech[a * hop : b * hop]), float(np.median(pitch.f0_hz[a:b]))) for a, b in kept]
    return [vowel for vowel in found if len(vowel.marks) > 1]


def laughing(rng: Rng, voice: Sequence[Vowel], seconds: float) -> Samples:
    """Bouts of short notes, 3.5 to 7.5 a second, each softer and lower, with puffs of breath between (see laughter)."""
    out = np.zeros(round(seconds * RATE))
    vowel, height = _one(rng, voice), rng.uniform(0.9, 2.5)
    for a, b in bursts(rng, seconds, (0.4, 2.4), (0.2, 1.2)):
        period, duty = round(RATE / rng.uniform(3.5, 7.5)), rng.uniform(0.3, 0.75)
        for n, note in enumerate(range(a, b - period, period)):
            count = round(period * duty)
            f0 = vowel.f0_hz * height * 0.97**n * np.linspace(rng.uniform(1, 1.25), 0.9, count)
            out[note : note + count] = 0.93**n * vowel.at(rng, f0) * arch(count, 0.2, 0.5)
            puff = rng.uniform(0, 0.3) * 0.93**n * rng.standard_normal(period - count)
            out[note + count : note + period] += puff * arch(period - count, 0.3, 0.3)
    return unit(out)


def groaning(rng: Rng, voice: Sequence[Vowel], seconds: float) -> Samples:
    """Moans, yawns, sighs and hums in single slack arcs: at the talker's pitch or somewhat above, dull and breathy."""
    out = np.zeros(round(seconds * RATE))
    for a, b in bursts(rng, seconds, (0.5, 3.0), (0.5, 2.5)):
        vowel, count = _one(rng, voice), b - a
        bend = np.sin(np.pi * np.linspace(0, 1, count) ** rng.uniform(0.5, 2))
        f0 = vowel.f0_hz * rng.uniform(0.7, 1.7) * (1 + rng.uniform(-0.25, 0.5) * bend) * np.linspace(1, 0.8, count)
        breath = rng.uniform(0, 0.6) * unit(band(rng.standard_normal(count), 300, 2500))
        held = band(vowel.at(rng, f0), 100, rng.uniform(900, 3500))
        out[a:b] = (unit(held) + breath) * arch(count, rng.uniform(0.1, 0.5), 0.5)
    return unit(out)


def babbling(rng: Rng, voice: Sequence[Vowel], seconds: float) -> Samples:
    """Agitated talk: syllables, 3 to 7 a second, one after another in a high, lively and pressed voice."""
    out = np.zeros(round(seconds * RATE))
    height, press = rng.uniform(1.2, 2.6), rng.uniform(1, 5)
    for a, b in bursts(rng, seconds, (0.6, 3.0), (0.1, 0.8)):
        at, tune = a, height * (1 + 0.2 * wander(rng, b - a + RATE, 3))
        while at < b - 600:
            vowel, count = _one(rng, voice), min(b - at, round(RATE / rng.uniform(3, 7)))
            hz = np.clip(vowel.f0_hz * tune[at - a : at - a + count], 90, 700)
            out[at : at + count] = vowel.at(rng, hz) * arch(count, 0.15, 0.3) * rng.uniform(0.4, 1)
            if rng.random() < 0.5:
                hiss = round(rng.uniform(0.03, 0.1) * RATE)
                rustle = band(rng.standard_normal(hiss), rng.uniform(1000, 2200), 3600)
                out[at : at + hiss] += (rng.uniform(0.05, 0.5) * unit(rustle) * arch(hiss, 0.3, 0.3))[: len(out) - at]
            at += count
    return unit(np.tanh(press * out))


def shrieking(rng: Rng, voice: Sequence[Vowel], seconds: float) -> Samples:
    """Screams: one vowel held at two to five times the talker's pitch, rough at 30 to 150 Hz (Arnal et al. 2015), with
    more treble than talk, at times breaking into half its pitch or into noise."""
    out = np.zeros(round(seconds * RATE))
    high, rough_hz = rng.uniform(1.9, 5.0), rng.uniform(30, 150)
    for a, b in bursts(rng, seconds, (0.4, 2.6), (0.15, 1.0)):
        vowel, count = _one(rng, voice), b - a
        place = np.linspace(0, 1, count)
        shape = 1 + rng.uniform(-0.3, 0.1) * (2 * place - 1) ** 2 + 0.03 * wander(rng, count, 8)
        f0 = np.clip(vowel.f0_hz * high, 300, 1600) * rng.uniform(0.85, 1.15) * shape
        call = vowel.at(rng, f0)
        if rng.random() < 0.3:
            call = call + rng.uniform(0.2, 0.8) * vowel.at(rng, f0 / 2)
        call = unit(call - rng.uniform(0, 0.9) * np.roll(call, 1))
        call = call + rng.uniform(0, 0.3) * band(rng.standard_normal(count), 800, 3500)
        wobble = np.sin(2 * np.pi * rough_hz * np.arange(count) / RATE + 3 * wander(rng, count, 10))
        out[a:b] = unit(call * (1 + rng.uniform(0, 0.8) * wobble)) * arch(count, rng.uniform(0.02, 0.15), 0.2)
    return unit(np.tanh(rng.uniform(1, 5) * out))


def _one(rng: Rng, voice: Sequence[Vowel]) -> Vowel:
    return voice[int(rng.integers(len(voice)))]


BORROWERS: dict[str, Callable[[Rng, Sequence[Vowel], float], Samples]] = {
    "laughter": laughing,
    "moaning": groaning,
    "babbling": babbling,
    "screaming": shrieking,
}
