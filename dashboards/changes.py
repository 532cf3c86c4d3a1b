"""What changed against the period before, in a sign and a word, and whether that is welcome."""

from dataclasses import dataclass

from dashboards.context import Context
from monitor.store import Figures

NOTICEABLE_POINTS = 1.0
NOTICEABLE_SHARE = 0.03
"""Smaller changes than one percentage point, or 3 % of a number, are called none in the headline."""


@dataclass(frozen=True)
class Change:
    """A change in words; `good` is None where it is neither welcome nor unwelcome."""

    text: str
    good: bool | None = None


def change_in(
    context: Context,
    now: float | None,
    before: float | None,
    *,
    digits: int = 1,
    share: bool = False,
    more_is_better: bool | None = None,
) -> Change:
    """The change of a number, or in percentage points of a share."""
    say = context.say
    if now is None or before is None:
        return Change(say("overview.no_before"))
    difference = round((now - before) * (100 if share else 1), digits)
    if difference == 0:
        return Change(say("overview.no_change"))
    arrow = "↑" if difference > 0 else "↓"
    size = context.show.number(abs(difference), digits) + (say("overview.points") if share else "")
    good = None if more_is_better is None else (difference > 0) == more_is_better
    return Change(f"{arrow} {size}", good)


def headline(context: Context, now: Figures, before: Figures) -> str:
    """Whether the team is getting better, in a sentence."""
    if now.empathy_rate is None or before.empathy_rate is None or not before.calls:
        return context.say("overview.headline_alone")
    points = 100 * (now.empathy_rate - before.empathy_rate)
    empathy = (points >= NOTICEABLE_POINTS) - (points <= -NOTICEABLE_POINTS)
    missed_now, missed_before = now.critical_per_100 or 0.0, before.critical_per_100 or 0.0
    grown = (missed_now - missed_before) / missed_before if missed_before else 0.0
    misses = (grown <= -NOTICEABLE_SHARE) - (grown >= NOTICEABLE_SHARE)
    if empathy * misses < 0:
        return context.say("overview.headline_mixed")
    both = empathy + misses
    return context.say(f"overview.headline_{'better' if both > 0 else 'worse' if both < 0 else 'same'}")
