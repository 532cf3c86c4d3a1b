"""Which calls a question is about. Filters combine, and can be written into an address and read from one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, cast

from pydantic import ValidationError
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    String,
    UnaryExpression,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.operators import custom_op

from audio.facts import Fact
from monitor.store.figures import FRUSTRATED
from monitor.store.more_tables import MentionRow
from monitor.store.search import calls_that_say, counting_calls_that_say, phrases
from monitor.store.tables import Call, MomentRow


class Filters(Fact):
    """All optional. Between fields: and; within a field: or.

    `kinds`, `severities`, `verdicts` and `decisions` speak of one and the same moment.
    """

    since: date | None = None
    """First day, UTC."""
    until: date | None = None
    """Last day, inclusive."""
    teams: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    contact_values: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    """What reviewers decided: confirm, dismiss, relabel, or none."""
    reviewed: bool | None = None
    assigned_to: str | None = None
    """A reviewer; "" for calls that nobody has taken."""
    recovered: bool | None = None
    frustrated: bool | None = None
    """Whether frustration peaked at 0.6 or more."""
    repeat_contact: bool | None = None
    """Whether the customer had called about it before."""
    weekday: int | None = None
    """0 is Monday, UTC."""
    hour: int | None = None
    theme: int | None = None
    text: str = ""
    """Words, or phrases in quotes, that all have to be said in the call."""
    limited_to: tuple[str, ...] | None = None
    """The teams that the asker may see; None for all. Never read from an address."""

    def to_query(self) -> dict[str, list[str]]:
        """What is set, as the parameters of an address."""
        given = self.model_dump(mode="json", exclude_defaults=True, exclude={"limited_to"})
        return {name: [_written(one) for one in (v if isinstance(v, list) else [v])] for name, v in given.items()}

    @classmethod
    def from_query(cls, query: Mapping[str, str | Sequence[str]]) -> "Filters":
        """The filters of an address; what is unknown or garbled in it is left out."""
        filters = cls()
        for name, field in cls.model_fields.items():
            given = query.get(name)
            if given is None or name == "limited_to":
                continue
            values = [given] if isinstance(given, str) else list(given)
            value: Any = tuple(values) if field.default == () else next(iter(values), None)
            try:
                filters = cls.model_validate({**filters.model_dump(), name: value})
            except ValidationError:
                continue
        return filters


_MOMENT_FILTERS = ("kinds", "severities", "verdicts", "decisions")


def _written(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


Plan = Literal["any", "many", "few", "each", "first"]
"""How the calls that fit are looked for; the last four are for who knows how many they are.

any: as the database thinks best
many: in the order that is asked for, up to as many as are wanted
few: those with the words that are searched for, or else with the moments, are looked up, and looked at
each: each call that fits otherwise is asked for its moments
first: calls are looked at one by one
"""


def conditions(filters: Filters, dialect: str, plan: Plan = "any") -> list[ColumnElement[bool]]:
    """The filters as conditions on `calls`.

    SQLite, which does not know how many calls fit, would often look up and sort all of them, or follow an index to half of all
    calls: a plus says not to (sqlite.org/optoverview.html, "disqualifying terms").
    """
    found = [*_who(filters), *_when(filters), *_what(filters)]
    counted = _counted_on_call(filters)
    if counted is not None:
        found.append(counted)
    if plan in ("few", "first") and dialect == "sqlite":
        found = [_looked_at(one) for one in found]
    call_id = cast("ColumnElement[str]", Call.call_id)
    if plan in ("many", "first") and dialect == "sqlite":
        call_id = cast("ColumnElement[str]", literal_column("+calls.call_id", String()))
    if counted is None and _of_moments(filters):
        led_by_words = plan == "few" and bool(phrases(filters.text))
        each = plan in ("each", "first") or led_by_words
        found.append(_asked_for_moment(filters) if each else call_id.in_(_with_moment(filters)))
    if filters.theme is not None:
        found.append(call_id.in_(select(MentionRow.call_id).where(MentionRow.theme_id == filters.theme)))
    return found + calls_that_say(filters.text, dialect, call_id)


def counting(filters: Filters, dialect: str) -> Select[int] | None:
    """Counts the calls that fit, from an index; None where each call would have to be asked for its moments."""
    if filters == Filters(text=filters.text) and (said := counting_calls_that_say(filters.text, dialect)) is not None:
        return said
    if not _of_moments(filters) or _counted_on_call(filters) is not None:
        return select(func.count()).select_from(Call).where(*conditions(filters, dialect))
    of_moments = Filters(**{name: getattr(filters, name) for name in _MOMENT_FILTERS})
    if filters == of_moments and (filters.kinds or _decided(filters)):
        return select(func.count(MomentRow.call_id.distinct())).where(*_moment(filters))
    return None


def moments(filters: Filters) -> Select[str] | None:
    """The moments that the filters speak of, as the ids of their calls; None where they speak of none, or each call knows."""
    return _with_moment(filters) if _of_moments(filters) and _counted_on_call(filters) is None else None


def _of_moments(filters: Filters) -> bool:
    return any(getattr(filters, name) for name in _MOMENT_FILTERS)


def _decided(filters: Filters) -> bool:
    """Whether only moments that reviewers have decided on are asked for, which are few, and in an index of their own."""
    return bool(filters.decisions) and "none" not in filters.decisions


def _with_moment(filters: Filters) -> Select[str]:
    """The calls of all such moments."""
    return select(MomentRow.call_id).where(*_moment(filters))


def _asked_for_moment(filters: Filters) -> ColumnElement[bool]:
    """Whether a call has such a moment."""
    of_call: Select[int] = select(literal_column("1")).where(MomentRow.call_id == Call.call_id, *_moment(filters))
    return of_call.exists()  # of "*" SQLite would look up the row


def _looked_at(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition with SQLite's plus before it."""
    return UnaryExpression(condition.self_group(), operator=custom_op("+"), type_=Boolean())


def _who(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.limited_to is not None:
        found.append(Call.team.in_(filters.limited_to) if filters.limited_to else false())
    if filters.teams:
        named = Call.team.in_(filters.teams)
        found.append(or_(named, Call.team.is_(None)) if "" in filters.teams else named)
    if filters.agents:
        found.append(Call.agent_name.in_(filters.agents))
    if filters.assigned_to is not None:
        mine = Call.assigned_to == filters.assigned_to
        found.append(mine if filters.assigned_to else Call.assigned_to.is_(None))
    if filters.reviewed is not None:
        found.append(Call.reviewed_at.is_not(None) if filters.reviewed else Call.reviewed_at.is_(None))
    return found


def _when(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.since is not None:
        found.append(Call.called_at >= _midnight(filters.since))
    if filters.until is not None:
        found.append(Call.called_at < _midnight(filters.until + timedelta(days=1)))
    if filters.weekday is not None:
        found.append(weekday_of(Call.called_hour) == filters.weekday)
    if filters.hour is not None:
        found.append(Call.called_hour % 24 == filters.hour)
    return found


def _what(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.languages:
        found.append(Call.language.in_(filters.languages))
    if filters.outcomes:
        found.append(Call.outcome.in_(filters.outcomes))
    if filters.contact_values:
        found.append(Call.contact_value.in_(filters.contact_values))
    if filters.recovered is not None:
        found.append(Call.recovered.is_(filters.recovered))
    if filters.frustrated is not None:
        peak = Call.peak_frustration
        found.append(peak >= FRUSTRATED if filters.frustrated else peak < FRUSTRATED)
    if filters.repeat_contact is not None:
        found.append(Call.repeat_contacts > 0 if filters.repeat_contact else Call.repeat_contacts == 0)
    return found


def _counted_on_call(filters: Filters) -> ColumnElement[bool] | None:
    """Calls with any miss, or anything handled: the call itself knows, which spares reading a million moments."""
    if filters.kinds or filters.decisions or len(filters.verdicts) != 1:
        return None
    if filters.verdicts == ("missed",):
        severities = filters.severities or ("critical", "minor")
        columns = {"critical": Call.critical_missed, "minor": Call.minor_missed}
        return or_(*(columns[severity] > 0 for severity in severities if severity in columns), false())
    return Call.handled > 0 if filters.verdicts == ("handled",) and not filters.severities else None


def _moment(filters: Filters) -> list[ColumnElement[bool]]:
    """What is asked of a moment."""
    found: list[ColumnElement[bool]] = []
    if filters.kinds:
        found.append(MomentRow.kind.in_(filters.kinds))
    if filters.verdicts:
        found.append(MomentRow.verdict.in_(filters.verdicts))
    if filters.severities:
        found.append(MomentRow.severity.in_(filters.severities))
    if _decided(filters):
        found.append(MomentRow.decision.in_(filters.decisions))
    elif filters.decisions:
        found.append(func.coalesce(MomentRow.decision, "none").in_(filters.decisions))
    else:
        found.append(func.coalesce(MomentRow.decision, "") != "dismiss")
    return found


def weekday_of(hour: Any) -> ColumnElement[int]:
    """0 for Monday; 1 January 1970 was a Thursday."""
    found: ColumnElement[int] = (hour // 24 + 3) % 7
    return found


def day_number(day: date) -> int:
    """Days since 1970, as `tallies` counts them."""
    return (day - date(1970, 1, 1)).days


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
