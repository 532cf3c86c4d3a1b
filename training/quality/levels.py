"""The customer's level turn by turn, beside simpler ways to it."""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold

from monitor.encoder import UseEncoder
from monitor.evaluate.evaluation import dissatisfaction, level_rows
from monitor.evaluate.judged import Judged
from monitor.evaluate.statistics import auc, grouped_interval, spearman
from monitor.records import Moment
from training.baseline import negativity
from training.calls import Call
from training.matching import language_group
from training.quality.results import Beside, Row
from training.table import Table, as_turns

GROUPS = {"en": "English", "zh": "Mandarin", "other": "other languages"}
USE_PENALTY = 1.0
"""Strength of the ridge's penalty; vectors have length 1."""
Levels = dict[str, list[tuple[int, float, float]]]
"""By call: turn, true level and found level, 0 to 1."""


def judged(
    call: Call, found: list[Moment], levels: list[tuple[int, float, float]], answers: dict[str, object]
) -> Judged:
    """One call as the evaluation takes it."""
    return Judged(call.call_id, call.language, as_turns(call), call.moments, found, levels, **answers)  # type: ignore[arg-type]


def levels_by_call(table: Table, levels: np.ndarray) -> Levels:
    """Turn, true and found level of each labelled customer turn, by call."""
    by_call: Levels = {call.call_id: [] for call in table.calls}
    for row in np.flatnonzero(~np.isnan(table.level) & ~np.isnan(levels)):
        by_call[table.call_id[row]].append((int(table.turn[row]), float(table.level[row]), float(levels[row])))
    return by_call


def frustration_rows(calls: list[Call], found: Levels) -> list[Row]:
    """Rank correlation and area under the curve of the customer's level, over all languages and apart."""
    ridge = use_ridge(calls)
    vader = {call.call_id: vader_levels(call) for call in calls if call.language == "en"}
    rows = []
    for name, chosen in (
        ("all languages", calls),
        *((label, [c for c in calls if language_group(c.language) == group]) for group, label in GROUPS.items()),
    ):
        ways: dict[str, Levels] = {"heard": found, "ridge on sentence embeddings": ridge}
        if all(call.language == "en" for call in chosen):
            ways["VADER"] = vader
        of = {
            way: level_rows([judged(call, [], levels[call.call_id], {}) for call in chosen])
            for way, levels in ways.items()
        }
        turns = sum(map(len, of["heard"]))
        for figure, statistic, reach in (("Spearman", spearman, 0.74), ("AUC (level ≥ 2)", _auc, 0.89)):
            values = {
                way: (statistic(np.concatenate(groups)) or 0.0, grouped_interval(statistic, groups))
                for way, groups in of.items()
            }
            rows.append(
                Row("frustration of customer turns", f"{name} ({len(chosen)} calls, {turns} turns)", figure, *values.pop("heard"),
                    beside=[Beside(way, *value) for way, value in values.items()], reach=reach if chosen is calls else None)
            )  # fmt: skip
    return rows


def _auc(rows: np.ndarray) -> float | None:
    return auc(dissatisfaction(rows))


def use_ridge(calls: list[Call]) -> Levels:
    """The simple way to levels: ridge regression on the sentence embeddings of a turn and of the turn before it."""
    encoder = UseEncoder()
    rows, keys = [], []
    for call in calls:
        vectors = encoder.encode([turn.text for turn in call.turns])
        for turn in call.turns:
            if turn.level is not None and turn.speaker == "customer":
                before = vectors[turn.index - 1] if turn.index else np.zeros_like(vectors[0])
                rows.append(np.concatenate([vectors[turn.index], before]))
                keys.append((call.call_id, turn.index, turn.level / 4))
    features, levels = np.array(rows), np.array([level for _, _, level in keys])
    guessed = np.zeros(len(keys))
    for train, test in GroupKFold(5).split(features, groups=[call_id for call_id, _, _ in keys]):
        guessed[test] = Ridge(USE_PENALTY).fit(features[train], levels[train]).predict(features[test])
    return _gathered(calls, keys, guessed)


def vader_levels(call: Call) -> list[tuple[int, float, float]]:
    """VADER's negativity of each labelled turn of the customer."""
    return [
        (turn.index, turn.level / 4, negativity(turn.text))
        for turn in call.turns
        if turn.level is not None and turn.speaker == "customer"
    ]


def _gathered(calls: list[Call], keys: list[tuple[str, int, float]], guessed: np.ndarray) -> Levels:
    by_call: Levels = {call.call_id: [] for call in calls}
    for (call_id, turn, level), guess in zip(keys, guessed, strict=True):
        by_call[call_id].append((turn, level, float(guess)))
    return by_call
