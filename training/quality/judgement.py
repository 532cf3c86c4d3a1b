"""Moments, false alarms, confidences, frustration and the call as a whole, cross-validated by call."""

from collections.abc import Callable
from contextlib import redirect_stdout
from hashlib import sha256
from pathlib import Path
from typing import TextIO

import numpy as np

from monitor import dialogue
from monitor.acts.names import ACTS_OF
from monitor.evaluate.evaluation import Evaluation, score
from monitor.evaluate.judged import Judged, count
from monitor.evaluate.statistics import f1_interval, mean_interval, reliability
from monitor.moments.scene import Scene
from monitor.records import Moment
from monitor.rules import default_rules
from training import summary
from training.acts import out_of_fold, write_out_of_fold
from training.baseline import flag
from training.calls import Call, load_calls
from training.frustration import out_of_fold_levels
from training.hints import HintTrainer
from training.matching import language_group
from training.moments import FOLDS, choose_thresholds, fit, scripted
from training.openings import Rehearsal
from training.quality.levels import GROUPS, frustration_rows, judged, levels_by_call
from training.quality.results import Beside, Result, Row
from training.staged import load_staged
from training.table import Table

MISSED_F1 = {"en": 0.70, "zh": 0.65, "other": 0.58}

Found = dict[int, list[Moment]]
"""By the number of the call, the moments found in it."""


def moments(shared: Path, scratch: Path) -> Result:
    """Everything that is judged from words, each call by weights that never saw it."""
    calls = load_calls(shared / "calls")
    dialogues = dialogue_cache(scratch)
    table = Table(calls + load_staged(), dialogues)
    acts = {role: out_of_fold(table, role) for role in ACTS_OF}
    levels = out_of_fold_levels(table, acts)
    write_out_of_fold(scratch / "acts.npz", table, acts, levels)
    scripts = scripted(calls, scratch / "acts.npz", dialogues)
    rehearsals = [Rehearsal(call, *scripts[call.call_id]) for call in calls]
    nested, shipped, everything = cross_validated(rehearsals)
    with (scratch / "summary.txt").open("w", encoding="utf-8") as log:
        answers = whole_calls(calls, rehearsals, log)
    by_call = levels_by_call(table, levels)
    ours, as_shipped = (
        [judged(call, found[n], by_call[call.call_id], answers[call.call_id]) for n, call in enumerate(calls)]
        for found in (nested, shipped)
    )
    keywords = [judged(call, with_severity(flag(call)), [], {}) for call in calls]
    figures = score(ours)
    return Result(
        part="moments",
        title="Moments and frustration",
        data=f"{len(calls)} staged, labelled calls written for this project ({_languages(calls)}); the clean test is not among them.",
        rows=[
            *missed_rows("missed moments", ours, keywords),
            *alarm_rows("critical false alarms", ours, keywords),
            *missed_rows("missed moments, thresholds that ship", as_shipped, keywords),
            *alarm_rows("critical false alarms, thresholds that ship", as_shipped, keywords),
            *calibration_rows(figures),
            *frustration_rows(calls, by_call),
            *answer_rows(figures),
        ],
        notes=[
            "Acts and levels learn also from the staged calls of `training/staged/`, which nothing is measured on.",
            f"Acts and levels in 5 folds, moments and thresholds in {FOLDS}, nested: each judges calls that none of its parts saw.",
            "The thresholds of the folds are chosen by the best F1, with more certainty asked of what is critical; those that ship are one such choice.",
            "Beside the moments stand keyword rules with VADER (English alone) in the manner of contact-centre categories, "
            "`training/baseline.py`; phrases translated.",
            "A found moment counts if kind and verdict are right and it sits within one turn; each counts once.",
        ],
        curves=curves(ours, everything),
        tables={"Kinds": kinds_table(figures)},
    )


def dialogue_cache(scratch: Path) -> Path:
    """Where dialogue states are kept between runs: another file for another reader of dialogues."""
    code = sorted(Path(dialogue.__file__).parent.glob("*.py"))
    digest = sha256(b"".join(path.read_bytes() for path in code)).hexdigest()
    return scratch / f"dialogues-{digest[:12]}.npz"


def cross_validated(rehearsals: list[Rehearsal]) -> tuple[Found, Found, list[Judged]]:
    """What is found in each call by weights that never saw it.

    Three times: with thresholds chosen in the same folds, with those that ship, and with all but none, for the curve.
    """
    trainer = HintTrainer(rehearsals)
    nested, shipped, everything = {}, {}, []
    rules = default_rules()
    lenient = rules.model_copy(
        update={
            "moments": {
                name: rule.model_copy(update={"missed_at": 0.05, "handled_at": 0.05})
                for name, rule in rules.moments.items()
            }
        }
    )
    for fold in range(FOLDS):
        inner = [number for number in range(len(rehearsals)) if number % FOLDS != fold]
        apart = trainer.fit_apart(inner)
        fitted = fit(rehearsals, apart)
        chosen, _ = choose_thresholds(rehearsals, apart, fitted)
        hints = trainer.fit(inner)
        for number in range(fold, len(rehearsals), FOLDS):
            nested[number], shipped[number], loose = (
                rehearsals[number].judge(fitted, hints, thresholds) for thresholds in (chosen, rules, lenient)
            )
            everything.append(judged(rehearsals[number].call, loose, [], {}))
        print(f"  fold {fold + 1} of {FOLDS}", flush=True)
    return nested, shipped, everything


def whole_calls(calls: list[Call], rehearsals: list[Rehearsal], log: TextIO) -> dict[str, dict[str, object]]:
    """Outcome, recovery and contact value of each call by models that never saw it."""
    scenes = [Scene(call.language, turns=one.turns) for call, one in zip(calls, rehearsals, strict=True)]
    ends = [summary.outcome_features(scene) for scene in scenes]
    rows = np.array([[end[name] for name in sorted(end)] for end in ends])
    with redirect_stdout(log):
        outcomes = summary.report("outcome", rows, [call.outcome for call in calls])
        values = summary.report(
            "value",
            np.array([summary.value_features(scene) for scene in scenes]),
            [call.contact_value for call in calls],
        )
    return {
        call.call_id: {
            "outcome": (call.outcome, outcome),
            "recovered": (call.recovered, summary.recovered(scene, outcome)),
            "contact_value": (call.contact_value, value),
        }
        for call, scene, outcome, value in zip(calls, scenes, outcomes, values, strict=True)
    }


def with_severity(found: list[Moment]) -> list[Moment]:
    """The moments with the severity that the rules give their kind."""
    rules = default_rules()
    return [moment.model_copy(update={"severity": rules.of(moment.kind).severity}) for moment in found]


def missed_rows(what: str, ours: list[Judged], keywords: list[Judged]) -> list[Row]:
    """Micro-averaged F1 of missed moments by group of languages."""
    rows = []
    for group, name in GROUPS.items():
        chosen, beside = (
            [call for call in calls if language_group(call.language) == group] for calls in (ours, keywords)
        )
        rows.append(
            Row(
                what,
                f"{name} ({len(chosen)} calls, {count(chosen, verdict='missed').support} moments)",
                "micro-F1",
                *_f1(chosen),
                beside=[Beside("keywords", *_f1(beside))],
                reach=MISSED_F1[group],
            )
        )
    return rows


def _f1(calls: list[Judged]) -> tuple[float, tuple[float, float] | None]:
    counts = [call.counts(verdict="missed") for call in calls]
    return count(calls, verdict="missed").f1 or 0.0, f1_interval(counts)


def alarm_rows(what: str, ours: list[Judged], keywords: list[Judged]) -> list[Row]:
    """Critical misses found in calls that have none."""
    alarms, beside = ([float(call.critical_alarms) for call in calls if call.calm] for calls in (ours, keywords))
    return [
        Row(
            what,
            f"well-handled and calm calls ({len(alarms)})",
            "a call",
            float(np.mean(alarms)),
            mean_interval(alarms),
            [Beside("keywords", float(np.mean(beside)), mean_interval(beside))],
            reach=0.3,
            lower=True,
        )
    ]


def calibration_rows(figures: Evaluation) -> list[Row]:
    """Whether confidences are right."""
    return [
        Row(f"confidence of {verdict} moments", f"{figures.micro[verdict].found} moments found", "expected calibration error",
            figures.calibration_error[verdict] or 0.0, reach=0.08, lower=True)
        for verdict in ("missed", "handled")
    ]  # fmt: skip


def answer_rows(figures: Evaluation) -> list[Row]:
    """The call as a whole, beside always giving the commonest answer."""
    rows = []
    for name in ("outcome", "recovered", "contact_value"):
        answer = getattr(figures, name)
        commonest = max(sum(row.values()) for row in answer.confusion.values()) / answer.calls
        rows.append(
            Row(
                name.replace("_", " "),
                f"{answer.calls} calls",
                "share right",
                answer.accuracy,
                beside=[Beside("always the commonest", commonest)],
            )
        )
    return rows


def curves(ours: list[Judged], everything: list[Judged]) -> dict[str, list[list[float]]]:
    """Points of the pictures."""
    points: dict[str, list[list[float]]] = {}
    for verdict in ("missed", "handled"):
        told = [entry for call in ours for entry in call.confidences(verdict)]
        points[f"reliability {verdict}"] = [list(bin_) for bin_ in reliability(*zip(*told, strict=True))]  # type: ignore[arg-type]
        points[f"precision-recall {verdict}"] = precision_recall(everything, verdict)
    return points


def precision_recall(calls: list[Judged], verdict: str) -> list[list[float]]:
    """Recall, precision and F1 at each threshold from 0.05 to 0.95."""
    support = count(calls, verdict=verdict).support
    told = [entry for call in calls for entry in call.confidences(verdict)]
    points = []
    for threshold in np.arange(0.05, 0.96, 0.05):
        kept = [right for confidence, right in told if confidence >= threshold]
        if kept:
            points.append([sum(kept) / support, sum(kept) / len(kept), 2 * sum(kept) / (len(kept) + support)])
    return points


def kinds_table(figures: Evaluation) -> list[list[str]]:
    """Precision, recall, F1 and support of every kind, missed and handled."""
    table = [["kind", *(f"{verdict} {name}" for verdict in ("missed", "handled") for name in ("P", "R", "F1", "n"))]]
    shown: Callable[[float | None], str] = lambda value: "" if value is None else f"{value:.2f}"  # noqa: E731
    for kind, scores in [*figures.kinds.items(), ("all (micro)", figures.micro)]:
        cells = []
        for verdict in ("missed", "handled"):
            one = scores[verdict]
            cells += (
                [shown(one.precision), shown(one.recall), shown(one.f1), str(one.support)] if one.support else [""] * 4
            )
        table.append([kind, *cells])
    macro = [shown(figures.macro[verdict].f1) for verdict in ("missed", "handled")]
    return [*table, ["mean of kinds (macro)", "", "", macro[0], "", "", "", macro[1], ""]]


def _languages(calls: list[Call]) -> str:
    languages = sorted({call.language for call in calls})
    return ", ".join(f"{sum(call.language == one for call in calls)} {one}" for one in languages)
