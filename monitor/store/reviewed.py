"""What reviewers said about moments, and how that meets what the detectors found, also after another analysis.

A *subject* is a moment that somebody spoke about. It is found again in a later analysis as the moment of the same kind that
overlaps it most. A subject that is found no more stays, as `gone`; one that a reviewer added stays in the call.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from audio.facts import Fact
from monitor.records import Moment, Severity, Verdict

Decision = Literal["confirm", "dismiss", "relabel", "comment", "undo"]
Standing = Literal["confirm", "dismiss", "relabel"]
Origin = Literal["detector", "reviewer", "gone"]

_NEAR_S = 1.0
"""Moments without any length (a flag on an instant) meet if they are no further apart."""


class Review(Fact):
    """One thing that a reviewer said about a moment."""

    subject: str
    decision: Literal["confirm", "dismiss", "relabel", "comment", "undo", "add"]
    reviewer: str
    at: datetime
    comment: str = ""
    kind: str | None = None
    """For relabel: what it is instead."""
    verdict: Verdict | None = None
    moment: Moment
    """The moment as it was then."""


class ReviewedMoment(Fact):
    """A moment of a call as it stands now."""

    subject: str
    """Names the moment in reviews."""
    origin: Origin
    moment: Moment
    """As the detector found it, or the reviewer added it."""
    kind: str
    verdict: Verdict
    severity: Severity
    decision: Standing | None = None
    history: tuple[Review, ...] = ()
    """Everything said about it, oldest first."""

    @property
    def comments(self) -> tuple[Review, ...]:
        """What was written about it."""
        return tuple(review for review in self.history if review.comment)

    @property
    def counts(self) -> bool:
        """Whether it stands: found or added, and not dismissed."""
        return self.origin != "gone" and self.decision != "dismiss"


def stand(moments: Iterable[Moment], reviews: Sequence[Review]) -> tuple[ReviewedMoment, ...]:
    """The moments of an analysis together with what was said about them, in time order.

    reviews: of this call, oldest first
    """
    said: dict[str, list[Review]] = {}
    for review in reviews:
        said.setdefault(review.subject, []).append(review)
    found = tuple(moments)
    names = _found_again(found, said)
    standing: list[ReviewedMoment] = []
    for position, moment in enumerate(found):
        name = names.get(position) or _fresh(moment, {one.subject for one in standing} | said.keys())
        standing.append(_judged(name, "detector", moment, tuple(said.get(name, ()))))
    for subject in said.keys() - names.values():
        history = tuple(said[subject])
        added = any(review.decision == "add" for review in history)
        standing.append(_judged(subject, "reviewer" if added else "gone", history[-1].moment, history))
    return tuple(sorted(standing, key=lambda one: (one.moment.start_s, one.moment.end_s)))


def _found_again(moments: Sequence[Moment], said: Mapping[str, Sequence[Review]]) -> dict[int, str]:
    """By position, the subject that a moment is; the pairs that overlap most find each other first."""
    pairs = [
        (likeness, -position, subject)
        for position, moment in enumerate(moments)
        for subject, history in said.items()
        if moment.kind == history[-1].moment.kind and (likeness := _overlap(moment, history[-1].moment)) > 0
    ]
    found: dict[int, str] = {}
    for _, negative, subject in sorted(pairs, reverse=True):
        if -negative not in found and subject not in found.values():
            found[-negative] = subject
    return found


def _overlap(one: Moment, other: Moment) -> float:
    """How much of the two spans is common to both, 0 to 1; the same start and verdict break ties."""
    shared = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    if shared < 0 or (shared == 0 and abs(one.start_s - other.start_s) > _NEAR_S):
        return 0.0
    whole = max(one.end_s, other.end_s) - min(one.start_s, other.start_s)
    same = one.verdict == other.verdict
    return max(shared / whole if whole else 1.0, 1e-6) + 0.01 * same


def _fresh(moment: Moment, taken: set[str]) -> str:
    """A name for a moment that nobody has spoken of yet; the same each time while the analysis is the same."""
    name = f"{moment.kind}@{moment.start_s:.2f}-{moment.end_s:.2f}"
    number = 2
    free = name
    while free in taken:
        free = f"{name}#{number}"
        number += 1
    return free


def _judged(subject: str, origin: Origin, moment: Moment, history: tuple[Review, ...]) -> ReviewedMoment:
    last = next((review for review in reversed(history) if review.decision != "comment"), None)
    decision: Standing | None = None
    kind, verdict = moment.kind, moment.verdict
    if last is not None and last.decision in ("confirm", "add"):
        decision = "confirm"
    elif last is not None and last.decision == "dismiss":
        decision = "dismiss"
    elif last is not None and last.decision == "relabel":
        decision, kind, verdict = "relabel", last.kind or kind, last.verdict or verdict
    return ReviewedMoment(
        subject=subject,
        origin=origin,
        moment=moment,
        kind=kind,
        verdict=verdict,
        severity=moment.severity,
        decision=decision,
        history=history,
    )
