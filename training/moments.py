"""Trains the graders of the moments and measures them, cross-validated by call.

    python -m training.moments --calls ../shared/calls --acts oof.npz --dialogues states.npz          # figures
    python -m training.moments --calls ../shared/calls --acts oof.npz --dialogues states.npz --write  # and weights

`--acts` is what `training.acts --out-of-fold` writes: probabilities of a reader that had not seen the call. Without it
the labelled acts are read as they are, which shows how far the judging itself goes (training calls only).
Calls of the clean test are never loaded.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from monitor.acts.reader import ActReader
from monitor.encoder import UseEncoder
from monitor.moments import graders as shipped_graders
from monitor.moments.catalogue import KINDS
from monitor.moments.graders import Grader, Graders, KindGraders
from monitor.moments.hints import Hints, LinearHints, Vector
from monitor.records import Moment
from monitor.rules import Rules, default_rules
from monitor.sentences import split_sentences
from training.calls import Call, load_calls
from training.dialogues import dialogue_vectors
from training.hints import HintTrainer
from training.matching import Tally
from training.openings import Example, Rehearsal, ScriptedFrustration, ScriptedReader, examples
from training.table import ReadAlready, as_turns

FOLDS = 8
INVERSE_PENALTY = 0.2
"""Strength of the L2 penalty on standardized features, inverted (scikit-learn's C)."""
FEWEST_POSITIVES = 4
THRESHOLDS = np.arange(0.2, 0.7, 0.025)
CRITICAL_FROM = 0.4
"""Critical kinds are never flagged below this: a false accusation of the grave sort costs more than F1 counts."""

Table = dict[str, dict[int, dict[str, float]]]
Rows = dict[tuple[str, str], list[Example]]


def main() -> None:
    """Prints the figures and, if asked to, writes the graders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--acts", type=Path, help="out-of-fold probabilities; default: the labelled acts")
    parser.add_argument("--dialogues", type=Path, help="cache of the dialogue states; made if it is not there")
    parser.add_argument("--write", action="store_true", help="fit on all calls and write graders.json")
    options = parser.parse_args()
    calls = load_calls(options.calls)
    if options.acts is None:
        calls = [call for call in calls if call.has_acts]
    scripts = scripted(calls, options.acts, options.dialogues)
    rehearsals = [Rehearsal(call, *scripts[call.call_id]) for call in calls]
    trainer = HintTrainer(rehearsals)
    tally, thresholds = cross_validate(rehearsals, trainer)
    report(tally)
    print("thresholds", thresholds)
    if options.write:
        write(*train(rehearsals, trainer, range(len(rehearsals))))


def scripted(
    calls: list[Call], acts_file: Path | None, dialogues: Path | None = None
) -> dict[str, tuple[ScriptedReader, ScriptedFrustration]]:
    """For each call a reader and a frustration tracker that know what was predicted (or labelled) for it."""
    encoder = UseEncoder()
    acts, levels = predicted(acts_file) if acts_file else labelled(calls)
    meanings = turn_vectors(calls, encoder, dialogues)
    scripts = {}
    for call in calls:
        vectors = {turn.text: encoder.encode(split_sentences(turn.text, call.language)) for turn in call.turns}
        scripts[call.call_id] = (
            ScriptedReader(acts[call.call_id], vectors, meanings[call.call_id]),
            ScriptedFrustration(levels[call.call_id]),
        )
    return scripts


def turn_vectors(calls: list[Call], encoder: UseEncoder, cache: Path | None) -> dict[str, dict[int, Vector]]:
    """The vector of each turn by call and turn, as the reader gives it; `cache` keeps the dialogue states."""
    states = dialogue_vectors(calls, cache)
    vectors = {}
    for call in calls:
        reader = ActReader(encoder, dialogue=ReadAlready(states[call.call_id]), language=call.language)
        vectors[call.call_id] = {}
        for turn in as_turns(call):
            reader.hear(turn)
            vectors[call.call_id][turn.index] = reader.turn_vector(turn)
    return vectors


def predicted(path: Path) -> tuple[Table, dict[str, dict[int, float]]]:
    """Acts and levels by call and turn from a file of out-of-fold predictions."""
    with np.load(path) as file:
        names = [str(name) for name in file["acts"]]
        ids, turns, probability = file["call_id"], file["turn"], file["probability"]
        level = file["level"] if "level" in file else np.zeros(len(ids))
    acts: Table = defaultdict(dict)
    levels: dict[str, dict[int, float]] = defaultdict(dict)
    for call_id, turn, row, value in zip(ids, turns, probability, level, strict=True):
        acts[str(call_id)][int(turn)] = {name: float(p) for name, p in zip(names, row, strict=True) if p == p}
        if value == value:
            levels[str(call_id)][int(turn)] = float(value)
    return acts, levels


def labelled(calls: list[Call]) -> tuple[Table, dict[str, dict[int, float]]]:
    """The labels themselves, a little softened."""
    acts: Table = {c.call_id: {t.index: dict.fromkeys(t.acts or (), 0.95) for t in c.turns} for c in calls}
    levels = {c.call_id: {t.index: (t.level or 0) / 4 for t in c.turns} for c in calls}
    return acts, levels


def cross_validate(rehearsals: list[Rehearsal], trainer: HintTrainer) -> tuple[Tally, dict[str, float]]:
    """Figures over all calls, each judged by hints, graders and thresholds that never saw it."""
    tally = Tally()
    chosen: dict[str, list[float]] = defaultdict(list)
    for fold in range(FOLDS):
        inner = [number for number in range(len(rehearsals)) if number % FOLDS != fold]
        apart = trainer.fit_apart(inner)
        fitted = fit(rehearsals, apart)
        rules, thresholds = choose_thresholds(rehearsals, apart, fitted)
        for name, value in thresholds.items():
            chosen[name].append(value)
        hints = trainer.fit(inner)
        for number in range(fold, len(rehearsals), FOLDS):
            tally.add(rehearsals[number].call, rehearsals[number].judge(fitted, hints, rules))
    return tally, {name: round(float(np.mean(values)), 3) for name, values in chosen.items()}


def train(rehearsals: list[Rehearsal], trainer: HintTrainer, calls: Sequence[int]) -> tuple[LinearHints, Graders]:
    """Hints from all these calls, and graders that learned from hints which had not seen the call at hand."""
    return trainer.fit(calls), fit(rehearsals, trainer.fit_apart(calls))


def fit(rehearsals: list[Rehearsal], apart: Mapping[int, Hints]) -> Graders:
    """Graders from the examples of the calls that there are hints for."""
    rows = [examples(rehearsals[number].call, rehearsals[number].candidates(hints)) for number, hints in apart.items()]
    fitted = {}
    for kind in KINDS:
        opening = fit_grader([e for call in rows for e in call[kind.name, "opening"]])
        response = [e for call in rows for e in call[kind.name, "response"]]
        learnable = any(e.features for e in response) and len({e.label for e in response}) == 2
        fitted[kind.name] = KindGraders(opening=opening, response=fit_grader(response) if learnable else None)
    return fitted


def fit_grader(rows: list[Example]) -> Grader:
    """A logistic regression on standardized features, with the scaling folded into its weights."""
    from sklearn.linear_model import LogisticRegression

    labels = np.array([row.label for row in rows], dtype=bool)
    rate = (labels.sum() + 1.0) / (len(labels) + 2.0)
    if labels.sum() < FEWEST_POSITIVES or (~labels).sum() < FEWEST_POSITIVES:
        return Grader(bias=float(np.log(rate / (1 - rate))), weights={})
    names = sorted({name for row in rows for name in row.features})
    matrix = np.array([[row.features.get(name, 0.0) for name in names] for row in rows])
    centre, scale = matrix.mean(axis=0), matrix.std(axis=0)
    scale[scale < 1e-6] = np.inf
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=2000).fit((matrix - centre) / scale, labels)
    weights = model.coef_[0] / scale
    bias = float(model.intercept_[0] - (weights * centre).sum())
    return Grader(
        bias=round(bias, 4),
        weights={name: round(float(w), 4) for name, w in zip(names, weights, strict=True) if w},
    )


def choose_thresholds(
    rehearsals: list[Rehearsal], apart: Mapping[int, Hints], fitted: Graders
) -> tuple[Rules, dict[str, float]]:
    """One threshold for missed and one for handled moments: the best micro-F1 on these calls.

    Confidences are probabilities, and for those the threshold that maximizes F1 is the same for every kind; critical
    kinds ask for more (`CRITICAL_FROM`).
    """
    low = at_thresholds(0.15, 0.15, critical_from=0.15)
    tallies = {value: Tally() for value in THRESHOLDS}
    for number, hints in apart.items():
        found = rehearsals[number].judge(fitted, hints, low)
        for value, tally in tallies.items():
            rules = at_thresholds(float(value), float(value))
            tally.add(rehearsals[number].call, [m for m in found if m.confidence >= threshold(rules, m)])
    missed = max(THRESHOLDS, key=lambda value: tallies[value].scores(verdict="missed")[2])
    handled = max(THRESHOLDS, key=lambda value: tallies[value].scores(verdict="handled")[2])
    return at_thresholds(float(missed), float(handled)), {"missed": float(missed), "handled": float(handled)}


def threshold(rules: Rules, moment: Moment) -> float:
    """The confidence that the rules ask of such a moment."""
    rule = rules.of(moment.kind)
    return rule.missed_at if moment.verdict == "missed" else rule.handled_at


def at_thresholds(missed: float, handled: float, *, critical_from: float = CRITICAL_FROM) -> Rules:
    """The default rules with these thresholds; critical kinds ask for at least `critical_from`."""
    rules = default_rules()
    changed = {
        name: rule.model_copy(
            update={
                "missed_at": max(missed, critical_from) if rule.severity == "critical" else missed,
                "handled_at": handled,
            }
        )
        for name, rule in rules.moments.items()
    }
    return Rules(moments=changed)


def report(tally: Tally) -> None:
    """Prints the figures."""
    for verdict in ("missed", "late", "handled"):
        print(
            f"{verdict:28}",
            *(f"{v:6.3f}" if isinstance(v, float) else f"{v:4d}" for v in tally.scores(verdict=verdict)),
        )
    for group in ("en", "zh", "other"):
        print(f"missed, {group:20}", *(f"{v:6.3f}" for v in tally.scores(group=group)))
    for kind in KINDS:
        parts = [tally.scores(kind=kind.name, verdict=verdict) for verdict in ("missed", "handled")]
        print(f"  {kind.name:26}", *(f"P {p:.2f} R {r:.2f} F {f:.2f} n {n:3d} |" for p, r, f, n in parts))
    print(
        f"critical false alarms a calm call: {tally.calm_alarms / max(1, tally.calm_calls):.2f} ({tally.calm_calls} calls)"
    )
    for verdict in ("missed", "handled"):
        print(f"calibration error, {verdict}: {tally.calibration_error(verdict):.3f}")


def write(hints: LinearHints, fitted: Graders) -> None:
    """Puts hints and graders beside the code that reads them."""
    path = Path(shipped_graders.__file__).with_name("graders.json")
    np.savez_compressed(
        path.with_name("hints.npz"),
        names=np.array(hints.names),
        weights=hints.weights.astype(np.float16),
        biases=hints.biases.astype(np.float32),
    )
    text = json.dumps({kind: parts.model_dump() for kind, parts in fitted.items()}, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
