"""Measures how well `arousal` tells anger from other speech, on acted speech that trains nothing.

    python training/voice.py ../shared/data

Each actor's utterances (RAVDESS, 8 kHz mu-law) are the turns of one speaker. `arousal` is causal, so their order
matters: at random, and with the neutral and calm ones first. `whole set` normalises the same measures by actor over all
utterances instead, as the literature does. Then again with every utterance's gain moved by up to 6 dB.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sounds_measure import Channel
from sounds_mix import coded, read

from audio.prosody import Prosody, prosody
from audio.voice import MEASURES, VoiceMeter

Utterance = tuple[str, str, Channel]
Figures = dict[str, float]
CALM = ("neutral", "calm")
ORDERS = 5


def utterances(data: Path, gain_db: float, rng: np.random.Generator) -> list[Utterance]:
    """Actor, emotion and sound of every file; the last number of a file's name is the actor."""
    paths = sorted((data / "emotion_evaluation_only").glob("*/*.flac"))
    return [
        (
            path.stem[-2:],
            path.parent.name,
            Channel(coded(read(path)[0] * 10 ** (rng.uniform(-gain_db, gain_db) / 20), "mu-law", rng)),
        )
        for path in paths
    ]


def areas(scores: NDArray[np.float64], emotions: NDArray[np.str_]) -> Figures:
    """Area under the curve of anger against neutral and calm, and against happy."""

    def area(others: tuple[str, ...]) -> float:
        chosen = np.isin(emotions, (*others, "angry"))
        return round(float(roc_auc_score(emotions[chosen] == "angry", scores[chosen])), 3)

    return {"against neutral and calm": area(CALM), "against happy": area(("happy",))}


def causal(heard: list[tuple[str, str, Prosody]], rng: np.random.Generator, *, calm_first: bool) -> Figures:
    """As the product scores it: each utterance against the actor's earlier ones."""
    scores, emotions = [], []
    for actor in sorted({actor for actor, _, _ in heard}):
        own = [(emotion, voice) for who, emotion, voice in heard if who == actor]
        own = [own[n] for n in rng.permutation(len(own))]
        if calm_first:
            own.sort(key=lambda turn: turn[0] not in CALM)
        meter = VoiceMeter()
        scores += [meter.arousal(voice) for _, voice in own]
        emotions += [emotion for emotion, _ in own]
    return areas(np.array(scores), np.array(emotions))


def whole_set(heard: list[tuple[str, str, Prosody]], weights: dict[str, float]) -> Figures:
    """Each measure normalised by the actor's own mean and deviation, then summed by weights."""
    actors, emotions = (np.array([row[n] for row in heard]) for n in (0, 1))
    values = np.array([[getattr(row[2], name) for name in weights] for row in heard])
    for actor in set(actors):
        own = values[actors == actor]
        values[actors == actor] = (own - own.mean(axis=0)) / own.std(axis=0)
    return areas(values @ np.array(list(weights.values())), emotions)


def mean(runs: list[Figures]) -> Figures:
    """The mean of each figure."""
    return {name: round(float(np.mean([run[name] for run in runs])), 3) for name in runs[0]}


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder that holds emotion_evaluation_only/")
    data = parser.parse_args().data
    figures: dict[str, dict[str, Figures]] = {}
    for gain_db in (0.0, 6.0):
        rng = np.random.default_rng(0)
        voices = [(a, e, prosody(sound, 0.0, sound.duration_s)) for a, e, sound in utterances(data, gain_db, rng)]
        heard = [(a, e, voice) for a, e, voice in voices if voice]
        runs = {first: [causal(heard, rng, calm_first=first) for _ in range(ORDERS)] for first in (False, True)}
        figures[f"gain moved by up to {gain_db:.0f} dB"] = {
            "random order": mean(runs[False]),
            "neutral and calm first": mean(runs[True]),
            "whole set": whole_set(heard, {m.name: m.weight for m in MEASURES}),
            "baseline, level alone": whole_set(heard, {"level_db": 1.0}),
        }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
