"""The figures: precision, recall and F1, rank correlation, area under the curve, calibration, bootstrap intervals."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
"""Bootstrap samples; enough for two digits of a 95 % interval (Efron and Tibshirani 1993)."""
BINS = 10

Interval = tuple[float, float]


class Counts(NamedTuple):
    """Moments that were found, found where there are none, and overlooked."""

    hits: int = 0
    false: int = 0
    overlooked: int = 0

    def plus(self, other: Self) -> "Counts":
        """The sum of two."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def support(self) -> int:
        """How many there are to be found."""
        return self.hits + self.overlooked

    @property
    def precision(self) -> float | None:
        """Share of the found that are right; None if nothing was found."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else None

    @property
    def recall(self) -> float | None:
        """Share of those to be found that were; None if there are none."""
        return self.hits / self.support if self.support else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None if there is nothing to be found and nothing was."""
        weight = 2 * self.hits + self.false + self.overlooked
        return 2 * self.hits / weight if weight else None


def total(counts: Sequence[Counts]) -> Counts:
    """The sum of many."""
    return Counts(*(int(column.sum()) for column in np.array(counts or [Counts()]).T))


def f1_interval(counts: Sequence[Counts]) -> Interval | None:
    """95 % interval of the micro-averaged F1, by bootstrap over calls; `counts` has one entry a call."""
    rows = np.array(counts or [Counts()])
    picked = rows[_resampled(len(rows))].sum(axis=1)
    weight = 2 * picked[:, 0] + picked[:, 1] + picked[:, 2]
    return _quantiles(2 * picked[weight > 0, 0] / weight[weight > 0])


def mean_interval(values: Sequence[float]) -> Interval | None:
    """95 % interval of a mean, by bootstrap over the calls that the values are of."""
    return _quantiles(np.array(values, float)[_resampled(len(values))].mean(axis=1)) if values else None


def grouped_interval(
    statistic: Callable[[NDArray[np.float64]], float | None], groups: Sequence[NDArray[np.float64]]
) -> Interval | None:
    """95 % interval by bootstrap over calls of any statistic of their rows.

    Args:
        statistic: of rows, shape (n, columns); None where it is not defined.
        groups: the rows of each call.
    """
    if not groups:
        return None
    found = (statistic(np.concatenate([groups[n] for n in chosen])) for chosen in _resampled(len(groups)))
    return _quantiles(np.array([value for value in found if value is not None]))


def spearman(rows: NDArray[np.float64]) -> float | None:
    """Spearman's rank correlation of two columns; None where one of them does not vary."""
    from scipy.stats import rankdata

    if len(rows) < 2 or (rows == rows[0]).all(axis=0).any():
        return None
    return float(np.corrcoef(rankdata(rows, axis=0).T)[0, 1])


def auc(rows: NDArray[np.float64]) -> float | None:
    """Area under the ROC curve: first column 1 or 0 for truth, second the score; None without both truths.

    The chance that a positive outranks a negative, ties counted half (Mann and Whitney 1947).
    """
    from scipy.stats import rankdata

    positive = rows[:, 0] > 0.5
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return None
    return float((rankdata(rows[:, 1])[positive].sum() - n * (n + 1) / 2) / (n * m))


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Expected calibration error over ten bins of equal width (Guo et al. 2017); None without confidences."""
    bins = reliability(confidences, right)
    if not bins:
        return None
    return sum(count * abs(confidence - share) for confidence, share, count in bins) / len(confidences)


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float, int]]:
    """For each bin that holds any: the mean confidence, the share that is right, and how many there are."""
    values, truths = np.array(confidences, float), np.array(right, bool)
    which = np.minimum((values * BINS).astype(int), BINS - 1)
    inside = [which == n for n in range(BINS) if (which == n).any()]
    return [(float(values[mask].mean()), float(truths[mask].mean()), int(mask.sum())) for mask in inside]


def _resampled(size: int) -> NDArray[np.int64]:
    """Bootstrap samples of `size` things, shape (RESAMPLES, size); the same at every run."""
    return np.random.default_rng(0).integers(size, size=(RESAMPLES, size))


def _quantiles(values: NDArray[np.float64]) -> Interval | None:
    if not len(values):
        return None
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
