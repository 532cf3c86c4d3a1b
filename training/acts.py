"""Trains the act heads and prints cross-validated figures.

    python -m training.acts --calls ../shared/calls --write            # train on all calls, write monitor/acts/heads.npz
    python -m training.acts --calls ../shared/calls --out-of-fold OOF  # probabilities by heads that never saw the call

The out-of-fold file holds `call_id` (n_turns,), `turn` (n_turns,), `acts` (n_acts,) and `probability`
(n_turns, n_acts); acts of the other role are 0, and `gives_information` serves both roles.
Calls without act labels are read by heads trained on every call but their own fold.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import GroupKFold

from audio.facts import Turn
from monitor.acts.features import turn_features
from monitor.acts.heads import Head, Heads
from monitor.acts.names import ACTS_OF
from monitor.acts.reader import WEIGHTS
from monitor.encoder import UseEncoder
from training.calls import Call, load_calls

FOLDS = 5
INVERSE_PENALTY = 3.0


def as_turns(call: Call) -> list[Turn]:
    """The call's turns as the monitor sees them."""
    return [
        Turn(index=turn.index, speaker=turn.speaker, start_s=turn.start_s, end_s=turn.end_s, text=turn.text)
        for turn in call.turns
    ]


class Table:
    """Features and labels of every turn of the calls, by row."""

    def __init__(self, calls: list[Call]) -> None:
        encoder = UseEncoder()
        features = []
        for call in calls:
            turns = as_turns(call)
            features += [turn_features(turn, turns[:i], encoder, call.language) for i, turn in enumerate(turns)]
        rows = [(call, turn) for call in calls for turn in call.turns]
        self.features = np.stack(features)
        self.call_id = np.array([call.call_id for call, _ in rows])
        self.turn = np.array([turn.index for _, turn in rows])
        self.language = np.array([call.language for call, _ in rows])
        self.role = np.array([turn.speaker for _, turn in rows])
        self.acts = [turn.acts for _, turn in rows]
        self.labelled = np.array([acts is not None for acts in self.acts])

    def labels(self, role: str, rows: np.ndarray) -> np.ndarray:
        """0/1, shape (len(rows), n_acts of the role)."""
        return np.array([[act in (self.acts[row] or ()) for act in ACTS_OF[role]] for row in rows], dtype=int)


def fit_head(features: np.ndarray, labels: np.ndarray) -> Head:
    """One logistic regression an act."""
    fits = [LogisticRegression(C=INVERSE_PENALTY, max_iter=500).fit(features, column) for column in labels.T]
    weight = np.stack([fit.coef_[0] for fit in fits]).astype(np.float32)
    return Head(weight, np.array([fit.intercept_[0] for fit in fits], dtype=np.float32))


def predict(head: Head, features: np.ndarray) -> np.ndarray:
    """Probabilities, shape (n_turns, n_acts)."""
    return 1 / (1 + np.exp(-(features @ head.weight.T + head.bias)))


def out_of_fold(table: Table, role: str) -> np.ndarray:
    """Probabilities for all turns of a role, each by heads that did not see its call; other rows are 0."""
    probabilities = np.zeros((len(table.role), len(ACTS_OF[role])), dtype=np.float32)
    rows = np.flatnonzero(table.role == role)
    for train, test in GroupKFold(FOLDS).split(rows, groups=table.call_id[rows]):
        seen = rows[train][table.labelled[rows[train]]]
        head = fit_head(table.features[seen], table.labels(role, seen))
        probabilities[rows[test]] = predict(head, table.features[rows[test]])
    return probabilities


def print_figures(table: Table, role: str, probabilities: np.ndarray) -> None:
    """Average precision and F1 at 0.5 of every act, then macro and micro."""
    rows = np.flatnonzero((table.role == role) & table.labelled)
    labels, scores = table.labels(role, rows), probabilities[rows]
    precisions = [average_precision_score(labels[:, k], scores[:, k]) for k in range(labels.shape[1])]
    for k, act in enumerate(ACTS_OF[role]):
        f1 = f1_score(labels[:, k], scores[:, k] > 0.5, zero_division=0)
        print(f"{role:9s} {act:22s} n={labels[:, k].sum():4d}  AP {precisions[k]:.3f}  F1 {f1:.3f}")
    micro = average_precision_score(labels.ravel(), scores.ravel())
    micro_f1 = f1_score(labels.ravel(), scores.ravel() > 0.5)
    print(f"{role:9s} macro AP {np.mean(precisions):.3f}  micro AP {micro:.3f}  micro F1 {micro_f1:.3f}\n")


def write_out_of_fold(path: Path, table: Table, by_role: dict[str, np.ndarray]) -> None:
    """Saves the out-of-fold probabilities in the format that this module's docstring states."""
    names = sorted({act for acts in ACTS_OF.values() for act in acts})
    joint = np.zeros((len(table.role), len(names)), dtype=np.float32)
    for role, probabilities in by_role.items():
        for k, act in enumerate(ACTS_OF[role]):
            joint[:, names.index(act)] += probabilities[:, k]
    np.savez_compressed(path, call_id=table.call_id, turn=table.turn, acts=np.array(names), probability=joint)


def main() -> None:
    """Parses the arguments, trains, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, required=True, help="folder of labelled calls")
    parser.add_argument("--out-of-fold", type=Path, help="where to save out-of-fold probabilities (.npz)")
    parser.add_argument("--write", action="store_true", help=f"train on all calls and write {WEIGHTS.name}")
    options = parser.parse_args()
    table = Table(load_calls(options.calls))
    by_role = {role: out_of_fold(table, role) for role in ACTS_OF}
    for role, probabilities in by_role.items():
        print_figures(table, role, probabilities)
    if options.out_of_fold:
        write_out_of_fold(options.out_of_fold, table, by_role)
    if options.write:
        heads = {}
        for role in ACTS_OF:
            rows = np.flatnonzero((table.role == role) & table.labelled)
            heads[role] = fit_head(table.features[rows], table.labels(role, rows))
        Heads("1", heads).save(WEIGHTS)


if __name__ == "__main__":
    main()
