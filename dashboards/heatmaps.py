"""Where and when customers are missed, as heat maps every cell of which opens its calls."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dashboards.context import Context
from dashboards.filtering import DAYS
from dashboards.links import queue_url
from dashboards.parts import card, draw, section
from dashboards.scope import Scope
from dashboards.tables import Cell, heat
from monitor.store import Figures, KindCount, figures_over, place_in_week, total

LEAST_CALLS = 10
"""A cell with fewer calls says nothing."""
MOST_KINDS = 10
MOST_TEAMS = 12


def where(
    context: Context, scope: Scope, counts: Sequence[KindCount], values: Mapping[tuple[str | None, str], int]
) -> None:
    """Misses of each kind by team; nothing where there is one team alone."""
    say, show = context.say, context.show
    calls: Counter[str] = Counter()
    for (team, _), n in values.items():
        if team is not None:
            calls[team] += n
    teams = sorted(team for team, _ in calls.most_common(MOST_TEAMS))
    if len(teams) < 2:
        return
    missed: Counter[tuple[str, str]] = Counter()
    totals: Counter[str] = Counter()
    for count in counts:
        if count.verdict == "missed" and str(count.over) in calls:
            missed[count.kind, str(count.over)] += count.n
            totals[count.kind] += count.n
    kinds = [kind for kind, _ in totals.most_common(MOST_KINDS)]
    rates = {(k, t): 100 * missed[k, t] / calls[t] for k in kinds for t in teams}
    top = max(rates.values(), default=0.0) or 1.0
    rows = []
    for kind in kinds:
        name = say.name("kind", kind)
        cells = []
        for team in teams:
            value = show.number(rates[kind, team], 0 if rates[kind, team] >= 10 else 1)
            here = scope.now.model_copy(update={"kinds": (kind,), "verdicts": ("missed",), "teams": (team,)})
            label = say("overview.cell", row=name, column=team, value=value)
            cells.append(Cell(value, rates[kind, team] / top, queue_url(here), label))
        rows.append((name, cells))
    with card("where"):
        draw(section(say("overview.where"), say("overview.where_about")))
        draw(heat(say("overview.kind"), teams, rows))


def when(context: Context, scope: Scope) -> None:
    """Critical misses by hour of the week; by day and by hour apart where most hours of the week have too few calls."""
    say = context.say
    places = figures_over(context.store, scope.now, "place", only=("calls", "critical"))
    found = {place_in_week(int(one.over or 0)): one for one in places}
    hours = sorted({hour for _, hour in found})
    days = {day: say(f"overview.{name}") for day, name in enumerate(DAYS)}
    clocks = [str(hour) for hour in hours]
    with card("when"):
        draw(section(say("overview.when"), say("overview.when_about", least=LEAST_CALLS)))
        if 2 * sum(one.calls >= LEAST_CALLS for one in found.values()) >= len(found):
            rows = [
                (name, [_Part(found.get((day, hour), Figures()), {"weekday": day, "hour": hour}) for hour in hours])
                for day, name in days.items()
            ]
            draw(_misses(context, scope, clocks, rows))
            return
        by_day = [_Part(total(one for (d, _), one in found.items() if d == day), {"weekday": day}) for day in days]
        by_hour = [_Part(total(one for (_, h), one in found.items() if h == hour), {"hour": hour}) for hour in hours]
        draw(_misses(context, scope, list(days.values()), [(say("overview.all_hours"), by_day)]))
        draw(_misses(context, scope, clocks, [(say("overview.all_days"), by_hour)]))


class _Part(NamedTuple):
    """Some of the calls: their figures, and what the filters are to say of them."""

    figures: Figures
    asked: dict[str, int]


def _misses(context: Context, scope: Scope, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[_Part]]]) -> str:
    """Critical misses per 100 calls of each part."""
    say, show = context.say, context.show
    rates = [part.figures.critical_per_100 or 0.0 for _, parts in rows for part in parts if _tells(part)]
    low, high = min(rates, default=0.0), max(rates, default=0.0)

    def cell(name: str, column: str, part: _Part) -> Cell | None:
        if not _tells(part):
            return None
        rate = part.figures.critical_per_100 or 0.0
        label = say("overview.cell", row=name, column=column, value=show.number(rate))
        here = scope.now.model_copy(update=part.asked)
        return Cell(show.number(rate), (rate - low) / (high - low or 1.0), queue_url(here), label)

    cells = [
        (name, [cell(name, column, part) for column, part in zip(columns, parts, strict=True)]) for name, parts in rows
    ]
    return heat("", columns, cells).replace('class="heat"', 'class="heat hours"')


def _tells(part: _Part) -> bool:
    return part.figures.calls >= LEAST_CALLS
