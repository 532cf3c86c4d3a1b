"""Trains how a call's outcome and contact value are judged, and measures it, cross-validated by call.

python -m training.summary --calls ../shared/calls --acts oof.npz --dialogues states.npz [--write]
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import monitor.summary
from monitor.moments.scene import Scene
from monitor.records import FrustrationPoint
from monitor.summary import RECOVERED_DROP, RECOVERED_PEAK, outcome_features, value_features
from training.calls import load_calls
from training.moments import scripted
from training.openings import Rehearsal

FOLDS = 8
INVERSE_PENALTY = {"outcome": 0.01, "value": 10.0}
"""For features that are standardized (outcome) and for vectors of length about 1 (value)."""

Model = tuple[list[str], NDArray[np.floating], NDArray[np.floating]]
"""Answers, weights (n_answers, n_features), biases (n_answers,)."""


def main() -> None:
    """Prints the figures and, if asked to, writes the models."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--acts", type=Path, required=True)
    parser.add_argument("--dialogues", type=Path, help="cache of the dialogue states")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    calls = load_calls(options.calls)
    scripts = scripted(calls, options.acts, options.dialogues)
    scenes = [Scene(call.language, turns=Rehearsal(call, *scripts[call.call_id]).turns) for call in calls]
    ends = [outcome_features(scene) for scene in scenes]
    tables = {
        "outcome": (np.array([[end[name] for name in sorted(end)] for end in ends]), [c.outcome for c in calls]),
        "value": (np.array([value_features(scene) for scene in scenes]), [c.contact_value for c in calls]),
    }
    outcomes = report("outcome", *tables["outcome"])
    report("value", *tables["value"])
    guesses = [recovered(scene, outcome) for scene, outcome in zip(scenes, outcomes, strict=True)]
    right = np.mean([guess == call.recovered for guess, call in zip(guesses, calls, strict=True)])
    print(f"recovered: accuracy {right:.3f}, never {np.mean([not call.recovered for call in calls]):.3f}")
    if options.write:
        models = {question: fit(*table, INVERSE_PENALTY[question]) for question, table in tables.items()}
        write(models)


def report(question: str, rows: NDArray[np.floating], answers: Sequence[str | None]) -> list[str]:
    """Prints the accuracy on calls that the model did not see, and gives its answers."""
    truth = np.array(answers)
    guessed = np.empty(len(truth), dtype=object)
    for fold in range(FOLDS):
        test = np.arange(len(truth)) % FOLDS == fold
        names, weights, biases = fit(rows[~test], truth[~test], INVERSE_PENALTY[question])
        guessed[test] = np.array(names, dtype=object)[(rows[test] @ weights.T + biases).argmax(axis=1)]
    common = Counter(truth).most_common(1)[0]
    print(f"{question}: accuracy {np.mean(guessed == truth):.3f}, always {common[0]!r} {common[1] / len(truth):.3f}")
    for pair, count in sorted(Counter(zip(truth, guessed, strict=True)).items()):
        print(f"  {pair[0]} taken for {pair[1]}: {count}")
    return [str(answer) for answer in guessed]


def fit(rows: NDArray[np.floating], answers: Sequence[str | None], inverse_penalty: float) -> Model:
    """A multinomial logistic regression on standardized features, with the scaling folded into its weights."""
    from sklearn.linear_model import LogisticRegression

    vectors = rows.shape[1] > len(rows)
    centre = rows.mean(axis=0)
    scale = np.ones(rows.shape[1]) if vectors else rows.std(axis=0) + 1e-6
    model = LogisticRegression(C=inverse_penalty, max_iter=1000).fit((rows - centre) / scale, np.array(answers))
    weights = model.coef_ / scale
    return [str(answer) for answer in model.classes_], weights, model.intercept_ - weights @ centre


def recovered(scene: Scene, outcome: str) -> bool:
    """The rule of the product on the levels of a scene."""
    levels = [turn.level for turn in scene.turns if not turn.agent]
    points = [FrustrationPoint(time_s=0.0, level=level, low=level, high=level) for level in levels]
    peak, end = max(point.level for point in points), points[-1].level
    return outcome == "resolved" and peak >= RECOVERED_PEAK and end <= peak - RECOVERED_DROP


def write(models: dict[str, Model]) -> None:
    """Puts the models beside the code that reads them."""
    arrays = {}
    for question, (answers, weights, biases) in models.items():
        arrays |= {
            f"{question}_answers": np.array(answers),
            f"{question}_weights": weights.astype(np.float32),
            f"{question}_biases": biases.astype(np.float32),
        }
    np.savez_compressed(Path(monitor.summary.__file__).with_name("summary.npz"), allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
