"""Trains the act heads and prints cross-validated figures.

    python -m training.acts --calls ../shared/calls --write            # train on all calls, write monitor/acts/heads.npz
    python -m training.acts --calls ../shared/calls --bank --write     # the same after a change of the bank
    python -m training.acts --calls ../shared/calls --out-of-fold OOF  # probabilities by heads that never saw the call

The staged calls of `training/staged/` train beside those of the folder; no figure counts them.

The out-of-fold file holds `call_id` (n_turns,), `turn` (n_turns,), `acts` (n_acts,), `probability` (n_turns, n_acts),
where acts of the other role are 0 and `gives_information` serves both roles, and `level` (n_turns,): the frustration
filter's level by a words model that never saw the call, NaN for agents. Calls without act labels are read by heads
trained on every labelled call outside their own fold.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import GroupKFold

from monitor.acts.heads import Heads
from monitor.acts.names import ACTS_OF
from monitor.acts.reader import WEIGHTS
from monitor.encoder import UseEncoder
from training.calls import load_calls
from training.frustration import out_of_fold_levels
from training.kernel import fit_heights, predict
from training.staged import load_staged
from training.table import Table, fit_examples

FOLDS = 5
SCALING_INVERSE_PENALTY = 100.0
VERSION = "4"


def fit_head(places: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Heights of the bumps, shape (n, n_acts), and biases, shape (n_acts,), that give log odds.

    Kernel regression on the labels, its scores turned into log odds by Platt scaling on folds that it did not see.
    """
    scores = np.zeros(labels.shape)
    for train, test in GroupKFold(FOLDS).split(places, groups=groups):
        scores[test] = predict(places[test], places[train], *fit_heights(places[train], labels[train]))
    heights, mean = fit_heights(places, labels)
    scalings = [
        LogisticRegression(C=SCALING_INVERSE_PENALTY).fit(scores[:, [act]], labels[:, act])
        for act in range(labels.shape[1])
    ]
    slope = np.array([scaling.coef_[0, 0] for scaling in scalings])
    bias = slope * mean + np.array([scaling.intercept_[0] for scaling in scalings])
    return heights * slope, bias


def out_of_fold(table: Table, role: str) -> np.ndarray:
    """Probabilities for all turns of a role, each by heads that did not see its call; other rows are 0."""
    probabilities = np.zeros((len(table.role), len(ACTS_OF[role])), dtype=np.float32)
    rows = np.flatnonzero(table.role == role)
    for train, test in GroupKFold(FOLDS).split(rows, groups=table.call_id[rows]):
        seen = rows[train][table.labelled[rows[train]]]
        heights, bias = fit_head(table.places[seen], table.labels(role, seen), table.call_id[seen])
        odds = predict(table.places[rows[test]], table.places[seen], heights, bias)
        probabilities[rows[test]] = 1 / (1 + np.exp(-odds))
    return probabilities


def print_figures(table: Table, role: str, probabilities: np.ndarray) -> None:
    """Average precision and F1 at 0.5 of every act, then macro and micro."""
    rows = np.flatnonzero((table.role == role) & table.labelled & ~table.staged)
    labels, scores = table.labels(role, rows), probabilities[rows]
    precisions = [average_precision_score(labels[:, k], scores[:, k]) for k in range(labels.shape[1])]
    for k, act in enumerate(ACTS_OF[role]):
        f1 = f1_score(labels[:, k], scores[:, k] > 0.5, zero_division=0)
        print(f"{role:9s} {act:22s} n={int(labels[:, k].sum()):4d}  AP {precisions[k]:.3f}  F1 {f1:.3f}")
    micro = average_precision_score(labels.ravel(), scores.ravel())
    micro_f1 = f1_score(labels.ravel(), scores.ravel() > 0.5)
    error = calibration_error(labels.ravel(), scores.ravel())
    print(
        f"{role:9s} macro AP {np.mean(precisions):.3f}  micro AP {micro:.3f}  micro F1 {micro_f1:.3f}  "
        f"calibration error {error:.3f}\n"
    )


def calibration_error(labels: np.ndarray, scores: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over equal bins (Guo et al. 2017)."""
    which = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [
        np.mean(which == k) * abs(labels[which == k].mean() - scores[which == k].mean())
        for k in range(bins)
        if np.any(which == k)
    ]
    return float(np.sum(gaps))


def write_out_of_fold(path: Path, table: Table, by_role: dict[str, np.ndarray], levels: np.ndarray) -> None:
    """Saves the out-of-fold probabilities in the format that this module's docstring states."""
    names = sorted({act for acts in ACTS_OF.values() for act in acts})
    joint = np.zeros((len(table.role), len(names)), dtype=np.float32)
    for role, probabilities in by_role.items():
        for k, act in enumerate(ACTS_OF[role]):
            joint[:, names.index(act)] += probabilities[:, k]
    np.savez_compressed(
        path, call_id=table.call_id, turn=table.turn, acts=np.array(names), probability=joint, level=levels
    )


def main() -> None:
    """Parses the arguments, trains, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, required=True, help="folder of labelled calls")
    parser.add_argument("--cache", type=Path, help="file that keeps the dialogue vectors between runs (.npz)")
    parser.add_argument("--bank", action="store_true", help="fit anew how like the bank's examples a turn is, too")
    parser.add_argument("--out-of-fold", type=Path, help="where to save out-of-fold probabilities (.npz)")
    parser.add_argument("--write", action="store_true", help=f"train on all calls and write {WEIGHTS.name}")
    options = parser.parse_args()
    examples = fit_examples(UseEncoder(), options.cache) if options.bank else None
    table = Table(load_calls(options.calls) + load_staged(), options.cache, examples)
    by_role = {role: out_of_fold(table, role) for role in ACTS_OF}
    for role, probabilities in by_role.items():
        print_figures(table, role, probabilities)
    if options.out_of_fold:
        write_out_of_fold(options.out_of_fold, table, by_role, out_of_fold_levels(table, by_role))
    if options.write:
        heads = {}
        for role in ACTS_OF:
            rows = np.flatnonzero((table.role == role) & table.labelled)
            places = table.places[rows]
            heads[role] = table.space.bumps(places, *fit_head(places, table.labels(role, rows), table.call_id[rows]))
        Heads(VERSION, table.base.mean, table.base.scale, table.base.examples, table.base.sentences, heads).save(
            WEIGHTS
        )


if __name__ == "__main__":
    main()
