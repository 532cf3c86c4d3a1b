"""The figures of a set of labelled calls as one record; written out it carries `"schema": "heard.evaluation/1"`."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from pydantic import Field

from audio.facts import Fact
from monitor.evaluate.errors import Confusion, Error, confusions, worst
from monitor.evaluate.judged import DISSATISFIED, VERDICTS, Judged, count
from monitor.evaluate.labels import HIGHEST_LEVEL
from monitor.evaluate.statistics import Counts, Interval, auc, calibration_error, f1_interval, spearman

SCHEMA: Final = "heard.evaluation/1"


class Score(Fact):
    """Precision, recall and F1, None where they are not defined; `support` moments are labelled, `found` were flagged."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    found: int
    f1_interval: Interval | None = None
    """95 % by bootstrap over calls."""

    @classmethod
    def of(cls, counts: Counts, interval: Interval | None = None) -> "Score":
        """The score that counts give."""
        return cls(
            precision=counts.precision,
            recall=counts.recall,
            f1=counts.f1,
            support=counts.support,
            found=counts.hits + counts.false,
            f1_interval=interval,
        )


class Macro(Fact):
    """The plain mean of the F1 of the kinds that are labelled."""

    f1: float | None
    kinds: int


class Frustration(Fact):
    """The customer's level turn by turn."""

    turns: int
    spearman: float | None
    auc: float | None
    """Area under the curve of telling turns of level 2 and more from calmer ones."""


class Accuracy(Fact):
    """How often one answer about a call is right."""

    calls: int
    accuracy: float | None
    confusion: dict[str, dict[str, int]] = Field(default_factory=dict)
    """By true answer, how often each answer was given."""


class Part(Fact):
    """The figures of some of the calls."""

    calls: int
    micro: dict[str, Score]
    """By verdict, all kinds counted together; "all" takes the verdicts together."""
    macro: dict[str, Macro]
    frustration: Frustration


class Evaluation(Part):
    """All figures."""

    schema_: Literal["heard.evaluation/1"] = Field(default=SCHEMA, alias="schema")
    recordings: int
    """How many of the calls were judged from their recording; the others from their turns as written."""
    kinds: dict[str, dict[str, Score]]
    """By kind and verdict."""
    languages: dict[str, Part]
    outcome: Accuracy
    recovered: Accuracy
    contact_value: Accuracy
    calm_calls: int
    """Calls in which nothing critical was missed."""
    critical_alarms_a_calm_call: float | None
    calibration_error: dict[str, float | None]
    """Expected calibration error of the confidences, by verdict."""
    confusions: tuple[Confusion, ...]
    worst: tuple[Error, ...]

    def to_json(self, indent: int | None = None) -> str:
        """The record as JSON text, keyed as the schema says."""
        return self.model_dump_json(by_alias=True, indent=indent)


def score(calls: Sequence[Judged], *, recordings: int = 0) -> Evaluation:
    """All figures of judged calls."""
    calm = [call for call in calls if call.calm]
    return Evaluation(
        **dict(part(calls)),
        recordings=recordings,
        kinds={
            kind: {verdict: Score.of(count(calls, kind=kind, verdict=verdict)) for verdict in VERDICTS}
            for kind in kinds_of(calls)
        },
        languages={
            language: part([call for call in calls if call.language == language])
            for language in sorted({call.language for call in calls})
        },
        outcome=accuracy([call.outcome for call in calls]),
        recovered=accuracy([call.recovered for call in calls]),
        contact_value=accuracy([call.contact_value for call in calls]),
        calm_calls=len(calm),
        critical_alarms_a_calm_call=sum(call.critical_alarms for call in calm) / len(calm) if calm else None,
        calibration_error={verdict: _calibration(calls, verdict) for verdict in VERDICTS},
        confusions=tuple(confusions(calls)),
        worst=tuple(worst(calls)),
    )


def part(calls: Sequence[Judged]) -> Part:
    """The figures that are given for each language as well."""
    return Part(
        calls=len(calls),
        micro={verdict or "all": _micro(calls, verdict) for verdict in (*VERDICTS, None)},
        macro={verdict: macro(calls, verdict) for verdict in VERDICTS},
        frustration=frustration(calls),
    )


def kinds_of(calls: Sequence[Judged]) -> list[str]:
    """Every kind that is labelled or was found."""
    labelled = {moment.kind for call in calls for moment in call.true}
    return sorted(labelled | {moment.kind for call in calls for moment in call.found})


def macro(calls: Sequence[Judged], verdict: str) -> Macro:
    """The mean F1 of the kinds that are labelled with this verdict."""
    counts = [count(calls, kind=kind, verdict=verdict) for kind in kinds_of(calls)]
    values = [one.f1 or 0.0 for one in counts if one.support]
    return Macro(f1=float(np.mean(values)) if values else None, kinds=len(values))


def level_rows(calls: Sequence[Judged]) -> list[np.ndarray]:
    """For each call true and found levels, shape (turns, 2)."""
    return [np.array([(true, found) for _, true, found in call.levels]).reshape(-1, 2) for call in calls]


def dissatisfaction(rows: np.ndarray) -> np.ndarray:
    """Rows of levels as rows for the area under the curve: 1 where the true level is at least 2."""
    return np.column_stack([rows[:, 0] >= DISSATISFIED / HIGHEST_LEVEL, rows[:, 1]])


def frustration(calls: Sequence[Judged]) -> Frustration:
    """How well levels are found."""
    rows = np.concatenate([*level_rows(calls), np.empty((0, 2))])
    return Frustration(turns=len(rows), spearman=spearman(rows), auc=auc(dissatisfaction(rows)))


def accuracy(answers: Sequence[tuple[str, str] | tuple[bool, bool] | None]) -> Accuracy:
    """How often true and found answer agree; None stands for a call without the label."""
    pairs = [(str(pair[0]).lower(), str(pair[1]).lower()) for pair in answers if pair is not None]
    confusion: dict[str, dict[str, int]] = {}
    for (true, found), times in sorted(Counter(pairs).items()):
        confusion.setdefault(true, {})[found] = times
    right = sum(true == found for true, found in pairs)
    return Accuracy(calls=len(pairs), accuracy=right / len(pairs) if pairs else None, confusion=confusion)


def _micro(calls: Sequence[Judged], verdict: str | None) -> Score:
    return Score.of(count(calls, verdict=verdict), f1_interval([call.counts(verdict=verdict) for call in calls]))


def _calibration(calls: Sequence[Judged], verdict: str) -> float | None:
    told = [entry for call in calls for entry in call.confidences(verdict)]
    return calibration_error([confidence for confidence, _ in told], [right for _, right in told])
