"""From the turns that were heard in a recording to those of its labels: by who speaks, and when."""

from collections.abc import Sequence

from audio.facts import Span, Turn
from monitor.records import CallReport, Moment


def moments_on_labels(report: CallReport, labelled: Sequence[Turn]) -> tuple[Moment, ...]:
    """The found moments with `turn` counted as the labels count."""
    return tuple(
        moment.model_copy(update={"turn": _labelled_turn(moment, report.turns, labelled)}) for moment in report.moments
    )


def level_at(report: CallReport, turn: Turn) -> float:
    """The level found in a labelled turn of the customer, 0 to 1: that of the turn heard there, else the last before."""
    heard = [own for own in report.turns if own.frustration is not None]
    overlapping = [own for own in heard if overlap_s(own, turn) > 0]
    if overlapping:
        return max(overlapping, key=lambda own: overlap_s(own, turn)).frustration or 0.0
    earlier = [own.frustration or 0.0 for own in heard if own.start_s <= turn.end_s]
    return earlier[-1] if earlier else 0.0


def _labelled_turn(moment: Moment, heard: Sequence[Turn], labelled: Sequence[Turn]) -> int | None:
    """The turn of the labels that a flag sits on: by the same speaker, at the time of the turn that carries it."""
    own = heard[moment.turn] if moment.turn is not None else None
    candidates = [turn for turn in labelled if own is None or turn.speaker == own.speaker]
    where: Span = moment if own is None else own
    if not candidates:
        return None
    return max(candidates, key=lambda turn: (overlap_s(turn, where), -_gap_s(turn, where))).index


def overlap_s(one: Span, other: Span) -> float:
    """For how long two spans overlap, in seconds; 0 if they do not."""
    return max(0.0, min(one.end_s, other.end_s) - max(one.start_s, other.start_s))


def _gap_s(one: Span, other: Span) -> float:
    return max(0.0, one.start_s - other.end_s, other.start_s - one.end_s)
