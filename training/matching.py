"""Counts hits, false alarms and misses over labelled calls, by the matching rule of `monitor.evaluate`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.evaluate.matching import match
from monitor.records import Moment
from training.calls import Call

Key = tuple[str, str, str]
"""Language group, kind, verdict."""


def language_group(language: str) -> str:
    """English and Mandarin stand for themselves, all others are one group."""
    return {"en": "en", "zh": "zh"}.get(language[:2], "other")


@dataclass
class Tally:
    """Hits, false alarms and misses by language group, kind and verdict."""

    hits: Counter[Key] = field(default_factory=Counter)
    false: Counter[Key] = field(default_factory=Counter)
    missing: Counter[Key] = field(default_factory=Counter)
    confidences: list[tuple[str, float, bool]] = field(default_factory=list)
    """Of every found moment: its verdict, its confidence and whether it was right."""
    calm_calls: int = 0
    calm_alarms: int = 0
    """Critical missed moments flagged in calls that have none."""

    def add(self, call: Call, moments: Sequence[Moment]) -> None:
        """Counts one call."""
        group = language_group(call.language)
        pairs = match(call.moments, moments)
        used = {id(found) for _, found in pairs}
        for true, _ in pairs:
            self.hits[group, true.kind, true.verdict] += 1
        matched = {id(true) for true, _ in pairs}
        for true in call.moments:
            if id(true) not in matched:
                self.missing[group, true.kind, true.verdict] += 1
        for found in moments:
            right = id(found) in used
            self.confidences.append((found.verdict, found.confidence, right))
            if not right:
                self.false[group, found.kind, found.verdict] += 1
        if not any(m.verdict == "missed" and m.severity == "critical" for m in call.moments):
            self.calm_calls += 1
            self.calm_alarms += sum(m.verdict == "missed" and m.severity == "critical" for m in moments)

    def scores(
        self, *, group: str | None = None, kind: str | None = None, verdict: str = "missed"
    ) -> tuple[float, float, float, int]:
        """Precision, recall, F1 and support."""

        def count(counter: Counter[Key]) -> int:
            return sum(
                n for (g, k, v), n in counter.items() if v == verdict and group in (None, g) and kind in (None, k)
            )

        hits, false, missing = count(self.hits), count(self.false), count(self.missing)
        precision = hits / (hits + false) if hits + false else 0.0
        recall = hits / (hits + missing) if hits + missing else 0.0
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        return precision, recall, f1, hits + missing

    def calibration_error(self, verdict: str | None = None, bins: int = 10) -> float:
        """Expected calibration error of the confidences of found moments (Guo et al. 2017), equal-width bins."""
        chosen = [(p, right) for v, p, right in self.confidences if verdict in (None, v)]
        if not chosen:
            return 0.0
        error = 0.0
        for low in range(bins):
            inside = [(p, right) for p, right in chosen if min(bins - 1, int(p * bins)) == low]
            if inside:
                gap = sum(p for p, _ in inside) - sum(right for _, right in inside)
                error += abs(gap) / len(chosen)
        return error
