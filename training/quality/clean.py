"""The clean test: calls set aside before any error was looked at, judged by the weights that ship. Aggregates alone."""

from pathlib import Path

from monitor.analyze import Analyzer
from monitor.evaluate.evaluation import frustration, level_rows, score
from monitor.evaluate.judged import count
from monitor.evaluate.labels import read_labelled
from monitor.evaluate.run import judge
from monitor.evaluate.statistics import f1_interval, grouped_interval, mean_interval, spearman
from monitor.settings import Settings
from training.baseline import flag
from training.calls import load_calls
from training.quality.judgement import with_severity
from training.quality.levels import judged
from training.quality.results import Beside, Result, Row


def clean(shared: Path, scratch: Path) -> Result:  # noqa: ARG001
    """Missed moments, false alarms, frustration and the call as a whole on the calls held back."""
    calls = load_calls(shared / "calls", held_back=True)
    analyzer = Analyzer(Settings())
    found = [judge(read_labelled(shared / "calls" / f"{call.call_id}.json"), analyzer, written=True) for call in calls]
    keywords = [judged(call, with_severity(flag(call)), [], {}) for call in calls]
    figures, levels = score(found), level_rows(found)
    calm = [float(call.critical_alarms) for call in found if call.calm]
    ours, beside = ([call.counts(verdict="missed") for call in set_] for set_ in (found, keywords))
    on = f"{len(calls)} calls"
    rows = [
        Row("missed moments", f"{on}, {figures.micro['missed'].support} moments", "micro-F1", figures.micro["missed"].f1 or 0.0,
            f1_interval(ours), [Beside("keywords", count(keywords, verdict="missed").f1 or 0.0, f1_interval(beside))]),
        Row("handled moments", f"{on}, {figures.micro['handled'].support} moments", "micro-F1", figures.micro["handled"].f1 or 0.0),
        Row("critical false alarms", f"{len(calm)} well-handled and calm calls", "a call", sum(calm) / len(calm), mean_interval(calm), lower=True),
        Row("frustration of customer turns", f"{figures.frustration.turns} turns", "Spearman", figures.frustration.spearman or 0.0,
            grouped_interval(spearman, levels)),
        Row("frustration of customer turns", f"{figures.frustration.turns} turns", "AUC (level ≥ 2)", frustration(found).auc or 0.0),
        *(Row(name.replace("_", " "), on, "share right", getattr(figures, name).accuracy) for name in ("outcome", "recovered", "contact_value")),
    ]  # fmt: skip
    return Result(
        part="clean",
        title="The clean test",
        data=f"The {len(calls)} calls of `training/held_back.txt`, set aside before any error was looked at, judged from their turns as written.",
        rows=rows,
        notes=[
            "The weights that ship, their thresholds and rules; nothing was tuned on these calls, and only sums are looked at."
        ],
    )
