"""Which thresholds reviewers' verdicts suggest moving: arithmetic on judged flags, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboards.wilson import wilson
from monitor.store import Judged

TARGET = 0.8
"""A flag should be right in four of five cases: below that, reviewers stop believing flags."""
LEAST_JUDGED = 30
"""With fewer verdicts, an interval is wider than any sensible step of a threshold."""
LEAST_KEPT = 0.4
"""A threshold that throws away more than so much of the right flags mends nothing."""
STEP = 0.05
BANDS = 5


@dataclass(frozen=True)
class Suggestion:
    """What to do about one threshold."""

    move: Literal["raise", "lower", "unfixable"]
    now: float
    then: float
    before: float
    """Share of judged flags that are right with the threshold as it is."""
    after: float
    lost: int = 0
    """Right flags that would no longer be shown."""


@dataclass(frozen=True)
class Band:
    """Judged flags of a like confidence."""

    low: float
    high: float
    right: int
    judged: int


def suggest(judged: Sequence[Judged], now: float, *, added: int = 0) -> Suggestion | None:
    """What the verdicts say of a threshold; None where they say nothing.

    Raised where the flags are surely (upper end of Wilson's interval) right less often than `TARGET`, to the lowest step from which
    they are right that often; lowered a step where even the least sure fifth is surely right and reviewers added moments.

    judged: the judged flags of one kind; now: the threshold as it is; added: moments of the kind that reviewers added
    """
    if len(judged) < LEAST_JUDGED:
        return None
    right = sum(one.right for one in judged)
    before = right / len(judged)
    if wilson(right, len(judged))[1] < TARGET:
        return _raised(judged, now, right, before)
    lowest = sorted(judged, key=lambda one: one.confidence)[: max(LEAST_JUDGED // 2, len(judged) // BANDS)]
    right_of_lowest = sum(one.right for one in lowest)
    if added and now > STEP and wilson(right_of_lowest, len(lowest))[0] >= TARGET:
        share = right_of_lowest / len(lowest)
        return Suggestion("lower", now, round(now - STEP, 2), share, share)
    return None


def _raised(judged: Sequence[Judged], now: float, right: int, before: float) -> Suggestion:
    threshold = (int(now / STEP) + 1) * STEP
    while threshold < 1.0:
        kept = [one for one in judged if one.confidence >= threshold]
        kept_right = sum(one.right for one in kept)
        if len(kept) < LEAST_JUDGED // 2 or kept_right < LEAST_KEPT * right:
            break
        if kept_right / len(kept) >= TARGET:
            return Suggestion("raise", now, round(threshold, 2), before, kept_right / len(kept), right - kept_right)
        threshold += STEP
    return Suggestion("unfixable", now, now, before, before)


def bands(judged: Sequence[Judged]) -> tuple[Band, ...]:
    """The judged flags in groups of the same size, by rising confidence."""
    ordered = sorted(judged, key=lambda one: one.confidence)
    groups = min(BANDS, len(ordered) // 5)
    found = []
    for group in range(groups):
        part = ordered[len(ordered) * group // groups : len(ordered) * (group + 1) // groups]
        right = sum(one.right for one in part)
        found.append(Band(part[0].confidence, part[-1].confidence, right, len(part)))
    return tuple(found)
