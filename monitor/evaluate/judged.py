"""A labelled call beside what was found in it, and the counts that a set of such calls gives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audio.facts import Turn
from monitor.evaluate.align import level_at, moments_on_labels
from monitor.evaluate.labels import HIGHEST_LEVEL, LabelledCall, TrueMoment
from monitor.evaluate.matching import Flag, match, unmatched
from monitor.evaluate.statistics import Counts, total
from monitor.records import CallReport, Moment

VERDICTS = ("missed", "late", "handled")
DISSATISFIED = 2
"""The level from which on a turn counts as dissatisfied (the area under the curve asks for it)."""


@dataclass(frozen=True)
class Judged:
    """One call: truth and finding side by side."""

    call_id: str
    language: str
    turns: Sequence[Turn]
    true: Sequence[TrueMoment]
    found: Sequence[Moment]
    """`turn` counts as the labels count."""
    levels: Sequence[tuple[int, float, float]] = ()
    """Turn, true level and found level, both 0 to 1."""
    outcome: tuple[str, str] | None = None
    """True and found; None where the call has no such label."""
    recovered: tuple[bool, bool] | None = None
    contact_value: tuple[str, str] | None = None

    @property
    def calm(self) -> bool:
        """Whether nothing critical was missed in it, so that any critical miss that is found is a false alarm."""
        return not any(_critical_miss(moment) for moment in self.true)

    @property
    def critical_alarms(self) -> int:
        """Critical misses found."""
        return sum(_critical_miss(moment) for moment in self.found)

    def counts(self, *, kind: str | None = None, verdict: str | None = None) -> Counts:
        """Hits, false alarms and overlooked moments, of one kind and one verdict or of all."""

        def chosen(flag: Flag) -> bool:
            return kind in (None, flag.kind) and verdict in (None, flag.verdict)

        true, found = [m for m in self.true if chosen(m)], [m for m in self.found if chosen(m)]
        hits = len(match(true, found))
        return Counts(hits, len(found) - hits, len(true) - hits)

    def confidences(self, verdict: str) -> list[tuple[float, bool]]:
        """Of every found moment with this verdict its confidence, and whether it is right."""
        false = {id(moment) for moment in unmatched(self.true, self.found)[1]}
        return [(m.confidence, id(m) not in false) for m in self.found if m.verdict == verdict]


def beside(call: LabelledCall, report: CallReport) -> Judged:
    """The labels of a call beside the report on it, made from its recording or from its turns as written."""
    truth, summary = call.truth, report.summary
    customers = [label for label in truth.frustration if call.turns[label.turn].speaker == "customer"]
    return Judged(
        call_id=call.call_id,
        language=call.language,
        turns=call.turns,
        true=truth.moments,
        found=moments_on_labels(report, call.turns),
        levels=[(p.turn, p.level / HIGHEST_LEVEL, level_at(report, call.turns[p.turn])) for p in customers],
        outcome=(truth.outcome, summary.outcome) if truth.outcome else None,
        recovered=(truth.recovered, summary.recovered) if truth.recovered is not None else None,
        contact_value=(truth.contact_value, summary.contact_value) if truth.contact_value else None,
    )


def count(calls: Iterable[Judged], *, kind: str | None = None, verdict: str | None = None) -> Counts:
    """The counts of many calls together."""
    return total([call.counts(kind=kind, verdict=verdict) for call in calls])


def _critical_miss(moment: TrueMoment | Moment) -> bool:
    return moment.verdict == "missed" and moment.severity == "critical"
