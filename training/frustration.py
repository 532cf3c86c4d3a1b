"""Trains what words say about frustration and prints cross-validated figures of the whole filter.

python -m training.frustration --calls ../shared/calls [--write]

The staged calls of `training/staged/` train beside those of the folder; no figure counts them.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from audio.facts import Turn
from monitor.acts.features import N_CUES
from monitor.acts.names import ACTS_OF
from monitor.dialogue import DialogueEncoder
from monitor.frustration.filter import Dynamics, FrustrationFilter
from monitor.frustration.words import WEIGHTS, WordsModel
from training.calls import load_calls
from training.staged import load_staged
from training.table import Table, as_turns

FOLDS = 5
PENALTY = 12.0
LAST_STATES, LIKENESS = 0.6, 2.0
"""How much the states after the last tokens and the likeness to the bank count here beside how much they count for acts:
they tell less, and more, of feeling than of what is done (cross-validated, coarsely)."""
STRETCH = 1.58
"""Ridge estimates are drawn towards the mean, and the filter draws them there again: stretched by this about the mean,
filtered levels are unbiased (regression of true on found levels has slope 1)."""


class StoredFeatures:
    """Stands in for the reader of one call whose features were computed before."""

    def __init__(self, features: np.ndarray) -> None:
        self._features = features

    def features(self, turn: Turn) -> np.ndarray:
        """What the reader saw of the turn."""
        return self._features[turn.index]


def fit_words(features: np.ndarray, levels: np.ndarray) -> WordsModel:
    """Ridge regression of the level, stretched about the mean level."""
    weight = emphasis(features.shape[1])
    ridge = Ridge(PENALTY).fit(features * weight, levels)
    bias = levels.mean() + STRETCH * (ridge.intercept_ - levels.mean())
    return WordsModel((STRETCH * ridge.coef_ * weight).astype(np.float32), float(bias))


def emphasis(n_features: int) -> np.ndarray:
    """What each feature of `monitor.acts.features` is multiplied by: first three turns' states, last likeness and cues."""
    weight = np.ones(n_features, np.float32)
    width, n_acts = DialogueEncoder.width, sum(len(acts) for acts in ACTS_OF.values())
    for place in (1, 3, 5):
        weight[place * width : (place + 1) * width] = LAST_STATES
    weight[n_features - N_CUES - n_acts : n_features - N_CUES] = LIKENESS
    return weight


def out_of_fold_levels(
    table: Table, acts: Mapping[str, np.ndarray] | None = None, dynamics: Dynamics | None = None
) -> np.ndarray:
    """The filter's level at each customer turn, by words models that did not see the call; NaN for agents.

    Args:
        table: the calls.
        acts: out-of-fold probabilities by role, one row a turn.
        dynamics: how the level moves.
    """
    levels = np.full(len(table.role), np.nan)
    rows = np.flatnonzero(~np.isnan(table.level))
    for train, test in GroupKFold(FOLDS).split(rows, groups=table.call_id[rows]):
        words = fit_words(table.features[rows[train]], table.level[rows[train]])
        for call_id in np.unique(table.call_id[rows[test]]):
            levels[table.call_id == call_id] = curve(table, call_id, words, acts or {}, dynamics)
    return levels


def curve(
    table: Table, call_id: str, words: WordsModel, acts: Mapping[str, np.ndarray], dynamics: Dynamics | None
) -> np.ndarray:
    """The filter's levels in one call, NaN at agent turns."""
    rows = np.flatnonzero(table.call_id == call_id)
    call = next(call for call in table.calls if call.call_id == call_id)
    heard = FrustrationFilter(StoredFeatures(table.features[rows]), words=words, dynamics=dynamics)
    found = []
    for row, turn in zip(rows, as_turns(call), strict=True):
        own = dict(zip(ACTS_OF[turn.speaker], acts[turn.speaker][row].tolist(), strict=True)) if acts else {}
        point = heard.hear(turn, own)
        found.append(np.nan if point is None else point.level)
    return np.array(found)


def print_figures(table: Table, found: np.ndarray) -> None:
    """Spearman's rho, and AUC of level >= 2, over all languages and apart."""
    rows = ~np.isnan(table.level) & ~table.staged
    english, mandarin = table.language == "en", table.language == "zh"
    for name, chosen in (("all", rows), ("en", english), ("zh", mandarin), ("others", ~english & ~mandarin)):
        levels, true = found[rows & chosen], table.level[rows & chosen]
        rho, auc = spearmanr(levels, true).statistic, roc_auc_score(true >= 0.5, levels)
        print(f"frustration {name:6s} n={len(true):4d}  Spearman {rho:.3f}  AUC(level>=2) {auc:.3f}")


def main() -> None:
    """Parses the arguments, cross-validates, prints, writes."""
    from training.acts import out_of_fold  # which itself imports this module, for the levels it saves

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, required=True, help="folder of labelled calls")
    parser.add_argument("--cache", type=Path, help="file that keeps the dialogue vectors between runs (.npz)")
    parser.add_argument("--write", action="store_true", help=f"train on all calls and write {WEIGHTS.name}")
    options = parser.parse_args()
    table = Table(load_calls(options.calls) + load_staged(), options.cache)
    acts = {role: out_of_fold(table, role) for role in ACTS_OF}
    print_figures(table, out_of_fold_levels(table, acts))
    if options.write:
        rows = ~np.isnan(table.level)
        fit_words(table.features[rows], table.level[rows]).save(WEIGHTS)


if __name__ == "__main__":
    main()
