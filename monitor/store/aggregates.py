"""Questions across many calls, answered in the database. Every number here can be asked for as `Filters`."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, func, null, select

from audio.facts import Fact
from monitor.records import Severity, Topic, Verdict
from monitor.store.filters import Filters, conditions, day_number
from monitor.store.more_tables import MentionRow, ThemeRow
from monitor.store.store import Store
from monitor.store.tables import Call, MomentRow
from monitor.store.tallies import COUNTS
from monitor.store.tally_tables import CallTally, Tally
from monitor.store.themes import Theme

Over = Literal["none", "place", "day", "week", "team", "agent"]
"""What to group by; a place is an hour of the week (see `place_in_week`)."""


HOURS_OF_WEEK = 7 * 24


class Figures(Fact):
    """The counts of a set of calls; `over` says of which place in the week, day, week, team or agent."""

    over: str | int | None = None
    calls: int = 0
    critical: int = 0
    minor: int = 0
    openings: int = 0
    met: int = 0
    frustrated: int = 0
    """Calls in which frustration peaked at 0.6 or more."""
    recovered: int = 0
    repeat_contacts: int = 0
    """Calls of customers who had called before."""
    resolved: int = 0

    @property
    def empathy_rate(self) -> float | None:
        """Openings that were handled; None where there was none."""
        return self.met / self.openings if self.openings else None

    @property
    def critical_per_100(self) -> float | None:
        """Critical misses for each 100 calls."""
        return 100 * self.critical / self.calls if self.calls else None

    @property
    def recovery_rate(self) -> float | None:
        """Frustrated customers who were won back."""
        return self.recovered / self.frustrated if self.frustrated else None

    @property
    def repeat_rate(self) -> float | None:
        """Share of calls of customers who had called before."""
        return self.repeat_contacts / self.calls if self.calls else None


def total(figures: Iterable[Figures]) -> Figures:
    """The figures of several sets of calls together."""
    names = [name for name in Figures.model_fields if name != "over"]
    sums = dict.fromkeys(names, 0)
    for one in figures:
        for name in names:
            sums[name] += getattr(one, name)
    return Figures(**sums)


class KindCount(Fact):
    """How many moments of a sort there are."""

    kind: str
    verdict: Verdict
    severity: Severity
    over: str | int | None = None
    """The day (see `day_of`), week (see `monday_of`), team or agent, where it was asked for."""
    n: int


def figures_over(
    store: Store, filters: Filters, over: Over = "none", *, only: Collection[str] = COUNTS
) -> tuple[Figures, ...]:
    """The figures of the calls that fit; one for each place in the week, day, week, team or agent, in order, or one for all.

    only: the counts that are wanted; the others are left at 0
    """
    tallied = over in ("none", "day", "week", "team") and _only_tallied(filters, "contact_values")
    group: Any = _tally_group(CallTally, over) if tallied else _call_group(over)
    counts = [getattr(CallTally, name) if tallied else COUNTS[name] for name in only]
    with store.transaction(write=False) as connection:
        asked = _call_tally_conditions(filters) if tallied else conditions(filters, connection.dialect.name)
        query: Any = select(*(_summed(count) for count in counts)).where(*asked)
        if group is not None:
            known = group != "" if over == "team" else group.is_not(None)
            query = query.add_columns(group).where(known).group_by(group).order_by(group)
        rows = connection.execute(query).all()
    return tuple(Figures(**dict(zip((*only, "over"), row, strict=False))) for row in rows)


def kinds_over(store: Store, filters: Filters, over: Over = "none") -> tuple[KindCount, ...]:
    """How many moments of each kind, verdict and severity there are, dismissed ones left out; from the tallies if they know."""
    with store.transaction(write=False) as connection:
        tallied = over not in ("agent", "place") and _only_tallied(filters)
        query = _from_tallies(filters, over) if tallied else _from_moments(connection, filters, over)
        rows = connection.execute(query).all()
    return tuple(
        KindCount(kind=row[0], verdict=row[1], severity=row[2], n=int(row[3]), over=row[4] if over != "none" else None)
        for row in rows
    )


def contact_values(store: Store, filters: Filters) -> dict[tuple[str | None, str], int]:
    """How many calls each team has in each quarter of the value/irritant square; None is the team that is not known."""
    tallied = _only_tallied(filters, "contact_values")
    keys: Any = (CallTally.team, CallTally.contact_value) if tallied else (Call.team, Call.contact_value)
    n = _summed(CallTally.calls) if tallied else func.count()
    with store.transaction(write=False) as connection:
        asked = _call_tally_conditions(filters) if tallied else conditions(filters, connection.dialect.name)
        rows = connection.execute(select(*keys, n).where(*asked).group_by(*keys))
        return {(row[0] or None, row[1]): row[2] for row in rows}


def themes(store: Store, filters: Filters, topic: Topic, *, by_value: bool = False, most: int = 8) -> tuple[Theme, ...]:
    """What is said in the most calls, the most first; with `by_value`, the most in each quarter of the square."""
    n = func.count()
    keys: list[Any] = [MentionRow.theme_id, *([MentionRow.contact_value] if by_value else [])]
    order = (n.desc(), MentionRow.theme_id)
    place = func.row_number().over(partition_by=keys[1:], order_by=order)
    with store.transaction(write=False) as connection:
        counted = select(*keys, n.label("n"), place.label("place")).where(MentionRow.topic == topic)
        top = counted.where(*_mention_conditions(connection, filters)).group_by(*keys).subquery()
        value = top.c.contact_value if by_value else null()
        query = select(ThemeRow.theme_id, ThemeRow.text, top.c.n, value).join(top, top.c.theme_id == ThemeRow.theme_id)
        rows = connection.execute(query.where(top.c.place <= most).order_by(top.c.place)).all()
    return tuple(Theme(theme_id=row[0], topic=topic, text=row[1], calls=row[2], contact_value=row[3]) for row in rows)


def theme_text(store: Store, theme_id: int) -> str | None:
    """The sentence that a theme began with; None where there is no such theme."""
    with store.transaction(write=False) as connection:
        return connection.execute(select(ThemeRow.text).where(ThemeRow.theme_id == theme_id)).scalar()


def _mention_conditions(connection: Connection, filters: Filters) -> list[ColumnElement[bool]]:
    """Mentions know day and team themselves; anything else is asked of the calls."""
    # "+ 0" keeps SQLite from leaping about in the index for the days: reading it through takes a quarter of that for a year.
    found = _days(MentionRow.day + 0, filters)
    teams = _teams(filters)
    if teams is not None:
        found.append(MentionRow.team.in_(teams))
    if not _only_tallied(filters) or filters.languages:
        found.append(MentionRow.call_id.in_(select(Call.call_id).where(*conditions(filters, connection.dialect.name))))
    return found


def _only_tallied(filters: Filters, *more: str) -> bool:
    """Whether the filters ask for nothing that the tallies do not know; `more` is what some of them know too."""
    known = {"since", "until", "teams", "languages", "limited_to", *more}
    return not filters.model_dump(exclude_defaults=True).keys() - known


def _from_tallies(filters: Filters, over: Over) -> Any:
    group = _tally_group(Tally, over)
    keys = [Tally.kind, Tally.verdict, Tally.severity]
    query: Any = select(*keys, func.sum(Tally.n)).where(*_tally_conditions(Tally, filters))
    return query.group_by(*keys) if group is None else query.add_columns(group).group_by(*keys, group)


def _tally_group(tally: type[Tally | CallTally], over: Over) -> Any:
    return {"day": tally.day, "week": week_of(tally.day), "team": tally.team}.get(over)


def _tally_conditions(tally: type[Tally | CallTally], filters: Filters) -> list[ColumnElement[bool]]:
    found = _days(tally.day, filters)
    teams = _teams(filters)
    if teams is not None:
        found.append(tally.team.in_(teams))
    if filters.languages:
        found.append(tally.language.in_(filters.languages))
    return found


def _call_tally_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    values = filters.contact_values
    return _tally_conditions(CallTally, filters) + ([CallTally.contact_value.in_(values)] if values else [])


def _from_moments(connection: Connection, filters: Filters, over: Over) -> Any:
    group = _call_group(over)
    keys = [MomentRow.kind, MomentRow.verdict, MomentRow.severity]
    query: Any = (
        select(*keys, func.count())
        .join(Call, Call.call_id == MomentRow.call_id)
        .where(func.coalesce(MomentRow.decision, "") != "dismiss", *conditions(filters, connection.dialect.name))
        .group_by(*keys)
    )
    return query if group is None else query.add_columns(group).group_by(group)


def _days(column: Any, filters: Filters) -> list[ColumnElement[bool]]:
    found = []
    if filters.since is not None:
        found.append(column >= day_number(filters.since))
    if filters.until is not None:
        found.append(column <= day_number(filters.until))
    return found


def _teams(filters: Filters) -> tuple[str, ...] | None:
    """The teams asked for that may be seen; None for all."""
    if filters.limited_to is None:
        return filters.teams or None
    return tuple(team for team in filters.limited_to if not filters.teams or team in filters.teams)


def _call_group(over: Over) -> ColumnElement[Any] | None:
    day = Call.called_hour // 24
    groups: dict[Over, ColumnElement[Any]] = {
        # 1 January 1970 was a Thursday: three days behind Monday.
        "place": (Call.called_hour + 3 * 24) % HOURS_OF_WEEK,
        "day": day,
        "week": week_of(day),
        "team": Call.team.expression,
        "agent": Call.agent_name.expression,
    }
    return groups[over].label("over") if over in groups else None


def week_of(day: Any) -> ColumnElement[int]:
    """Weeks from Monday to Sunday; the first Monday of 1970 was 5 January, day 4."""
    found: ColumnElement[int] = (day + 3) // 7
    return found


def _summed(values: Any) -> ColumnElement[int]:
    """A sum that is a plain number also over nothing, and in PostgreSQL, whose sums are decimals."""
    return cast(func.coalesce(func.sum(values), 0), BigInteger)


def place_in_week(place: int) -> tuple[int, int]:
    """Weekday (0 is Monday) and hour of the day, UTC, of an hour of the week."""
    return divmod(place % HOURS_OF_WEEK, 24)


def day_of(number: int) -> date:
    """The date of a day number."""
    return date(1970, 1, 1) + timedelta(days=number)


def monday_of(week: int) -> date:
    """The first day of a week number."""
    return day_of(week * 7 - 3)
