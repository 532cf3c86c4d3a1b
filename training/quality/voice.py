"""How well `arousal` tells anger from other speech, on acted speech that trains nothing.

Each actor's utterances (RAVDESS, as G.711 µ-law at 8 kHz) are the turns of one speaker. `Speaker-normalised` compares each measure
with the actor's own mean and deviation over all utterances, as the literature does. The product cannot: it hears a turn
against earlier ones alone, so that their order matters. Then again with every utterance's gain moved by up to 6 dB.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.prosody import Prosody, prosody
from audio.voice import MEASURES, VoiceMeter
from monitor.evaluate.statistics import auc, grouped_interval
from training.quality.results import Beside, Result, Row
from training.sounds_line import coded
from training.sounds_measure import Channel
from training.sounds_mix import read

CALM = ("neutral", "calm")
GAIN_DB = 6.0
ORDERS = 5
REACH = {(0.0, CALM): 0.97, (GAIN_DB, CALM): 0.94, (0.0, ("happy",)): 0.72, (GAIN_DB, ("happy",)): 0.72}

Heard = list[tuple[str, str, Prosody]]
"""Actor, emotion and measures of each utterance."""
Scored = list[tuple[str, str, float]]


def voice(shared: Path, scratch: Path) -> Result:  # noqa: ARG001
    """Anger against neutral and calm, and against happy, with and without moved gains."""
    rows = []
    for gain_db in (0.0, GAIN_DB):
        rng = np.random.default_rng(0)
        heard = utterances(shared / "data", gain_db, rng)
        ours = normalised(heard, {measure.name: measure.weight for measure in MEASURES})
        level = normalised(heard, {"level_db": 1.0})
        gains = f", gains moved by up to {gain_db:.0f} dB" if gain_db else ""
        for others in (CALM, ("happy",)):
            what = f"anger against {' and '.join(others)}{gains}"
            on = f"{len({actor for actor, _, _ in heard})} actors, speaker-normalised"
            beside = [Beside("level alone", *area(level, others))]
            rows.append(Row(what, on, "AUC", *area(ours, others), beside=beside, reach=REACH[gain_db, others]))
            for first, name in ((False, "random order"), (True, "neutral and calm first")):
                found = [area(causal(heard, rng, calm_first=first), others)[0] for _ in range(ORDERS)]
                rows.append(Row(what, f"each turn against earlier ones, {name}", "AUC", float(np.mean(found))))
    return Result(
        part="voice",
        title="Voice",
        data="RAVDESS, actors 1 to 12: neutral, calm, happy, angry (CC BY-NC-SA). It measures alone; no emotional speech has fitted anything.",
        rows=rows,
        notes=["Everything passes through G.711 µ-law at 8 kHz. Intervals are over actors."],
    )


def utterances(data: Path, gain_db: float, rng: np.random.Generator) -> Heard:
    """What is heard in every file; the last number of a file's name is the actor."""
    heard = []
    for path in sorted((data / "emotion_evaluation_only").glob("*/*.flac")):
        gain = 10 ** (rng.uniform(-gain_db, gain_db) / 20)
        sound = Channel(coded(read(path)[0] * gain, "mu-law", rng))
        if measures := prosody(sound, 0.0, sound.duration_s):
            heard.append((path.stem[-2:], path.parent.name, measures))
    return heard


def normalised(heard: Heard, weights: Mapping[str, float]) -> Scored:
    """Each measure normalised by the actor's own mean and deviation, then summed by weights."""
    actors = np.array([actor for actor, _, _ in heard])
    values = np.array([[getattr(measures, name) for name in weights] for _, _, measures in heard])
    for actor in set(actors):
        own = values[actors == actor]
        values[actors == actor] = (own - own.mean(axis=0)) / own.std(axis=0)
    scores: NDArray[np.float64] = values @ np.array(list(weights.values()))
    return [(actor, emotion, float(score)) for (actor, emotion, _), score in zip(heard, scores, strict=True)]


def causal(heard: Heard, rng: np.random.Generator, *, calm_first: bool) -> Scored:
    """As the product scores it: each utterance against the actor's earlier ones."""
    scored = []
    for actor in sorted({actor for actor, _, _ in heard}):
        own = [(emotion, measures) for who, emotion, measures in heard if who == actor]
        own = [own[n] for n in rng.permutation(len(own))]
        if calm_first:
            own.sort(key=lambda turn: turn[0] not in CALM)
        meter = VoiceMeter()
        scored += [(actor, emotion, meter.arousal(measures)) for emotion, measures in own]
    return scored


def area(scored: Scored, others: tuple[str, ...]) -> tuple[float, tuple[float, float] | None]:
    """Area under the curve of anger against these emotions, and its interval over actors."""
    groups = [
        np.array([(emotion == "angry", score) for who, emotion, score in scored if who == actor and emotion in ("angry", *others)], float)
        for actor in sorted({actor for actor, _, _ in scored})
    ]  # fmt: skip
    return auc(np.concatenate(groups)) or 0.0, grouped_interval(auc, groups)
