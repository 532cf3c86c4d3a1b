"""A call's own figures, from its moments as they stand after review."""

from collections.abc import Iterable
from typing import Any

from monitor.records import STANDALONE_KINDS
from monitor.store.reviewed import ReviewedMoment

FRUSTRATED = 0.6
"""A call counts as frustrated from this peak on (MOMENTS: recovered)."""
MINOR_SHARE = 0.2
"""What a minor miss weighs against a critical one in the order of the queue."""


def attention(moments: Iterable[ReviewedMoment], peak_frustration: float) -> float:
    """How much a call deserves a reviewer's ear: the critical misses to be expected, and the customer's worst moment.

    sum of the confidences of critical misses + 0.2 x the same of minor misses + peak frustration
    """
    missed = [one for one in moments if one.counts and one.verdict == "missed"]
    return peak_frustration + sum(
        one.moment.confidence * (1.0 if one.severity == "critical" else MINOR_SHARE) for one in missed
    )


def figures(moments: Iterable[ReviewedMoment]) -> dict[str, Any]:
    """The counts of a call that depend on its moments."""
    counted = [one for one in moments if one.counts]
    missed = [one for one in counted if one.verdict == "missed"]
    answered = [one for one in counted if one.verdict == "missed" or one.kind not in STANDALONE_KINDS]
    met = sum(one.verdict == "handled" for one in answered)
    return {
        "critical_missed": sum(one.severity == "critical" for one in missed),
        "minor_missed": sum(one.severity == "minor" for one in missed),
        "handled": sum(one.verdict == "handled" for one in counted),
        "openings": len(answered),
        "met": met,
        "empathy_rate": met / len(answered) if answered else None,
    }
