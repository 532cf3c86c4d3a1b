"""Measures what was tried for the acts, and writes docs/TRIED.md: ways to read them, and how they grow with the calls.

python -m training.tried --calls ../shared/calls --cache states.npz
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GroupKFold

from monitor.acts.features import N_CUES
from monitor.acts.names import ACTS_OF
from training.acts import FOLDS
from training.calls import load_calls
from training.kernel import Space, fit_heights, predict
from training.staged import load_staged
from training.table import Table, emphasis

PAGE = Path(__file__).parents[1] / "docs" / "TRIED.md"
RIDGE_PENALTY = 12.0
SHARES = (0.4, 0.6, 0.8, 1.0)
INTRODUCTION = """\
# What was tried

Missed moments hang on the acts: with the acts as they are labelled instead of as they are read, the same graders find nine of ten. So this
page, which `python -m training.tried --calls ../shared/calls --cache states.npz` writes, follows the acts: mean average precision over the acts
of each role, five folds by call, no call read by what saw it. The last column is the micro-average over all acts, without calibration.

| way | agent | customer | all |
|---|---|---|---|
"""


def main() -> None:
    """Measures every way and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, required=True, help="folder of labelled calls")
    parser.add_argument("--cache", type=Path, help="file that keeps the dialogue vectors between runs (.npz)")
    options = parser.parse_args()
    table = Table(load_calls(options.calls) + load_staged(), options.cache)
    lines = [f"| {name} | {' | '.join(f'{value:.3f}' for value in figures)} |" for name, figures in measured(table)]
    notes = PAGE.read_text(encoding="utf-8").partition("\n## ")[1:] if PAGE.is_file() else ()
    PAGE.write_text(INTRODUCTION + "\n".join(lines) + "\n" + "".join(notes), encoding="utf-8")


def measured(table: Table) -> Iterator[tuple[str, list[float]]]:
    """Each way and its figures."""
    everybody = np.ones(len(table.role), bool)
    n_acts, n_features = sum(map(len, ACTS_OF.values())), table.features.shape[1]
    sentences = slice(n_features - N_CUES - 2 * n_acts, n_features - N_CUES - n_acts)
    without = table.features.copy()
    without[:, sentences] = 0
    bare = Space.fit(without, emphasis(n_features))(without)
    yield "ridge regression, no sentences, no staged calls", figures(table, without, ~table.staged, ridge=True)
    yield "bumps, no sentences, no staged calls", figures(table, bare, ~table.staged)
    yield "bumps and single sentences, no staged calls", figures(table, table.places, ~table.staged)
    yield "ridge regression, sentences and staged calls", figures(table, table.features, everybody, ridge=True)
    for share in SHARES:
        name = (
            "bumps, sentences and staged calls: what ships" if share == 1 else f"the same with {share:.0%} of the calls"
        )
        yield name, figures(table, table.places, everybody, share=share)


def figures(
    table: Table, inputs: np.ndarray, trains: np.ndarray, *, ridge: bool = False, share: float = 1.0
) -> list[float]:
    """Mean average precision of the agent's and of the customer's acts, and the average precision over all acts."""
    means, labels, scores = [], [], []
    for role in ("agent", "customer"):
        rows = np.flatnonzero((table.role == role) & table.labelled)
        found, true = np.zeros((len(rows), len(ACTS_OF[role]))), table.labels(role, rows)
        for train, test in GroupKFold(FOLDS).split(rows, groups=table.call_id[rows]):
            seen = [place for place in train if trains[rows[place]] and chosen(table.call_id[rows[place]], share)]
            if ridge:
                found[test] = Ridge(RIDGE_PENALTY).fit(inputs[rows[seen]], true[seen]).predict(inputs[rows[test]])
            else:
                places = inputs[rows[seen]]
                found[test] = predict(inputs[rows[test]], places, *fit_heights(places, true[seen]))
        told = ~table.staged[rows]
        means.append(
            float(np.mean([average_precision_score(true[told, k], found[told, k]) for k in range(true.shape[1])]))
        )
        labels.append(true[told].ravel())
        scores.append(found[told].ravel())
    return [*means, float(average_precision_score(np.concatenate(labels), np.concatenate(scores)))]


def chosen(call_id: str, share: float) -> bool:
    """Whether a call belongs to this share of all calls: always the same ones, and more with a larger share."""
    return np.random.default_rng([ord(letter) for letter in call_id]).random() < share


if __name__ == "__main__":
    main()
