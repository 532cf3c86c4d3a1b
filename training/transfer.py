"""Measures the frustration level on dialogues that it was never tuned on: turns that annotators found dissatisfied.

    python -m training.transfer --dialogues ../shared/data/text/satisfaction-mwoz.txt [--first 150]

A turn counts as dissatisfied if more than half of its annotators gave it less than 3 of 5 (Sun et al. 2021, "Simulating
User Satisfaction for the Evaluation of Task-oriented Dialogue Systems"). The data carry no licence that would allow
training: they measure. Beside it stands VADER's compound score of the turn, negated.
"""

import argparse
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from audio.facts import Turn
from monitor.acts.reader import ActReader
from monitor.dialogue import DialogueEncoder
from monitor.encoder import UseEncoder
from monitor.frustration import FrustrationFilter

ROLES = {"USER": "customer", "SYSTEM": "agent"}
WORDS_PER_SECOND = 2.5
RESAMPLES = 1000


def dialogues(path: Path) -> Iterator[tuple[list[Turn], list[bool | None]]]:
    """Turns of each dialogue, timed by their length, and whether each is dissatisfied (None for the system's)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for spoken, group in groupby(lines, key=lambda line: bool(line.strip())):
        if not spoken:
            continue
        turns: list[Turn] = []
        marks: list[bool | None] = []
        clock = 0.0
        for line in group:
            role, text, _, given = (line.split("\t") + [""] * 3)[:4]
            if text == "OVERALL":
                continue
            length = len(text.split()) / WORDS_PER_SECOND
            turns.append(Turn(index=len(turns), speaker=ROLES[role], start_s=clock, end_s=clock + length, text=text))
            clock += length + 0.5
            numbers = [int(mark) for mark in given.split(",") if mark.strip()]
            marks.append(np.mean([number < 3 for number in numbers]) > 0.5 if numbers else None)
        yield turns, marks


def interval(truth: np.ndarray, scores: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """95 % confidence interval of the AUC by bootstrap over dialogues."""
    rng = np.random.default_rng(0)
    by_group = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    found = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([by_group[i] for i in rng.integers(len(by_group), size=len(by_group))])
        if 0 < truth[rows].sum() < len(rows):
            found.append(roc_auc_score(truth[rows], scores[rows]))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Parses the arguments, reads the dialogues, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialogues", type=Path, required=True, help="satisfaction-mwoz.txt")
    parser.add_argument("--first", type=int, default=150, help="how many dialogues to read (about 1 s each)")
    options = parser.parse_args()
    encoder, model, vader = UseEncoder(), DialogueEncoder(), SentimentIntensityAnalyzer()
    truth, level, baseline, groups = [], [], [], []
    for number, (turns, marks) in zip(range(options.first), dialogues(options.dialogues), strict=False):
        reader = ActReader(encoder, dialogue=model, language="en")
        heard = FrustrationFilter(reader)
        for turn, dissatisfied in zip(turns, marks, strict=True):
            point = heard.hear(turn, reader.read(turn, []))
            if point is not None and dissatisfied is not None:
                truth.append(dissatisfied)
                level.append(point.level)
                baseline.append(-vader.polarity_scores(turn.text)["compound"])
                groups.append(number)
    labels, of = np.array(truth), np.array(groups)
    print(f"{len(np.unique(of))} dialogues, {len(labels)} customer turns, {labels.sum()} dissatisfied")
    for name, scores in (("frustration level", np.array(level)), ("VADER", np.array(baseline))):
        low, high = interval(labels, scores, of)
        print(f"{name:18s} AUC {roc_auc_score(labels, scores):.3f} (95 % {low:.3f} to {high:.3f})")


if __name__ == "__main__":
    main()
