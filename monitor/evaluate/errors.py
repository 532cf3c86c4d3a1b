"""What went wrong: what was flagged instead of what, and the errors that would hurt most."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from audio.facts import Fact
from monitor.evaluate.judged import Judged
from monitor.evaluate.labels import TrueMoment
from monitor.evaluate.matching import FURTHEST, unmatched
from monitor.records import Moment, Severity, Verdict
from monitor.redact import redact_text

NOTHING = "nothing"
WEIGHTS = {"critical": 2.0, "minor": 1.0}


class Confusion(Fact):
    """How often a labelled moment was flagged as something else; "nothing" where there was none, or none was flagged."""

    true: str
    flagged: str
    count: int


class Error(Fact):
    """One moment that was overlooked, or flagged where there is none."""

    error: Literal["overlooked", "false alarm"]
    call_id: str
    turn: int
    time_s: float
    kind: str
    verdict: Verdict
    severity: Severity
    confidence: float | None
    """Of a false alarm."""
    instead: str
    """For an overlooked moment what was flagged there, for a false alarm what is labelled there."""
    quote: str
    weight: float
    """How much it would hurt: 2 if critical, else 1, times the confidence of a false alarm; for an overlooked moment times
    1/2 to 1, as the customer's labelled level goes from calm to angry."""


def confusions(calls: Iterable[Judged]) -> list[Confusion]:
    """All confusions, the most frequent first."""
    pairs: Counter[tuple[str, str]] = Counter()
    for call in calls:
        overlooked, false = unmatched(call.true, call.found)
        pairs.update((_name(label), _near(label, false)) for label in overlooked)
        pairs.update((NOTHING, _name(moment)) for moment in false if _near(moment, overlooked) == NOTHING)
    return [
        Confusion(true=true, flagged=flagged, count=n)
        for (true, flagged), n in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    ]


def worst(calls: Iterable[Judged], count: int = 10) -> list[Error]:
    """The errors that would hurt a reviewer most."""
    found = [error for call in calls for error in _errors(call)]
    return sorted(found, key=lambda error: (-error.weight, error.call_id, error.turn))[:count]


def _errors(call: Judged) -> Iterable[Error]:
    overlooked, false = unmatched(call.true, call.found)
    for label in overlooked:
        level = max((true for turn, true, _ in call.levels if abs(turn - label.turn) <= FURTHEST), default=0.0)
        yield _error(call, label, _near(label, false), WEIGHTS[label.severity] * (0.5 + level / 2))
    for moment in false:
        yield _error(call, moment, _near(moment, overlooked), WEIGHTS[moment.severity] * moment.confidence)


def _error(call: Judged, flag: TrueMoment | Moment, instead: str, weight: float) -> Error:
    turn = call.turns[flag.turn or 0]
    quote = flag.quote if isinstance(flag, Moment) else redact_text(turn.text, call.language)
    return Error(
        error="false alarm" if isinstance(flag, Moment) else "overlooked",
        call_id=call.call_id,
        turn=turn.index,
        time_s=turn.start_s,
        kind=flag.kind,
        verdict=flag.verdict,
        severity=flag.severity,
        confidence=flag.confidence if isinstance(flag, Moment) else None,
        instead=instead,
        quote=quote,
        weight=round(weight, 3),
    )


def _near(flag: TrueMoment | Moment, others: Sequence[TrueMoment | Moment]) -> str:
    """The nearest of others within reach, of the same kind if there is one."""
    if flag.turn is None:
        return NOTHING
    gaps = [(abs((other.turn if other.turn is not None else -9) - flag.turn), other) for other in others]
    near = [(other.kind != flag.kind, gap, _name(other)) for gap, other in gaps if gap <= FURTHEST]
    return min(near)[2] if near else NOTHING


def _name(flag: TrueMoment | Moment) -> str:
    return f"{flag.kind}/{flag.verdict}"
