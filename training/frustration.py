"""Trains what words say about frustration and prints cross-validated figures of the whole filter.

python -m training.frustration --calls ../shared/calls [--write]
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from monitor.acts.reader import ActReader
from monitor.encoder import UseEncoder
from monitor.frustration.filter import FrustrationFilter
from monitor.frustration.words import WEIGHTS, WordsModel
from training.acts import FOLDS, as_turns
from training.calls import Call, load_calls

PENALTY = 3.0


def customer_rows(calls: list[Call], encoder: UseEncoder) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, levels (0 to 1) and call numbers of the labelled customer turns."""
    features, levels, groups = [], [], []
    for number, call in enumerate(calls):
        reader, turns = ActReader(encoder, language=call.language), as_turns(call)
        for labelled in call.turns:
            if labelled.speaker == "customer" and labelled.level is not None:
                features.append(reader.features(turns[labelled.index], turns[: labelled.index]))
                levels.append(labelled.level / 4)
                groups.append(number)
    return np.stack(features), np.array(levels), np.array(groups)


def fit_words(features: np.ndarray, levels: np.ndarray) -> WordsModel:
    """Ridge regression of the level."""
    ridge = Ridge(PENALTY).fit(features, levels)
    return WordsModel(ridge.coef_.astype(np.float32), float(ridge.intercept_))


def curve(call: Call, encoder: UseEncoder, words: WordsModel) -> tuple[list[float], list[float]]:
    """Filtered and true levels of the labelled customer turns of a call."""
    heard = FrustrationFilter(encoder, language=call.language, words=words)
    turns, found, true = as_turns(call), [], []
    for labelled, turn in zip(call.turns, turns, strict=True):
        point = heard.hear(turn, {})
        if point is not None and labelled.level is not None:
            found.append(point.level)
            true.append(labelled.level / 4)
    return found, true


def print_figures(name: str, found: np.ndarray, true: np.ndarray) -> None:
    """Spearman's rho, and AUC of level >= 2."""
    rho = spearmanr(found, true).statistic
    print(f"{name:8s} n={len(true):4d}  Spearman {rho:.3f}  AUC(level>=2) {roc_auc_score(true >= 0.5, found):.3f}")


def main() -> None:
    """Parses the arguments, cross-validates, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, required=True, help="folder of labelled calls")
    parser.add_argument("--write", action="store_true", help=f"train on all calls and write {WEIGHTS.name}")
    options = parser.parse_args()
    calls, encoder = load_calls(options.calls), UseEncoder()
    features, levels, groups = customer_rows(calls, encoder)
    found: list[float] = []
    true: list[float] = []
    language: list[str] = []
    for train, test in GroupKFold(FOLDS).split(features, groups=groups):
        words = fit_words(features[train], levels[train])
        for number in np.unique(groups[test]):
            here = curve(calls[number], encoder, words)
            found += here[0]
            true += here[1]
            language += [calls[number].language] * len(here[0])
    levels_found, levels_true, of_language = np.array(found), np.array(true), np.array(language)
    print_figures("all", levels_found, levels_true)
    for name, chosen in (
        ("en", of_language == "en"),
        ("zh", of_language == "zh"),
        ("others", ~np.isin(of_language, ["en", "zh"])),
    ):
        print_figures(name, levels_found[chosen], levels_true[chosen])
    if options.write:
        fit_words(features, levels).save(WEIGHTS)


if __name__ == "__main__":
    main()
