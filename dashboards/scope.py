"""Which calls a manager's page is about: a period, a team, a language, an agent. Kept in the address, and between pages."""

from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from dashboards.context import Context
from monitor.store import Choices, Filters, choices

PERIODS = {"4w": 28, "13w": 91, "52w": 364, "all": None}
"""Whole weeks, so that each period has as many Mondays as the one before."""
TREND_WEEKS = 13
EVERY = ""
"""No choice: all teams, all languages, the whole team."""
_FIELDS = ("period", "team", "language", "agent")


@dataclass(frozen=True)
class Scope:
    """What was chosen."""

    now: Filters
    before: Filters | None
    """The period of the same length before; None where the store does not reach back so far, or for all time."""
    since: date
    until: date
    teams: tuple[str, ...]
    """Those there are to choose from."""
    agent: str = EVERY

    @property
    def days(self) -> int:
        """Length of the period."""
        return (self.until - self.since).days + 1


def known(context: Context) -> Choices:
    """What there is to choose from; asked of the store every half minute at most."""
    limited = context.person.teams
    return _known(context.store.name, None if limited is None else tuple(limited), context)


@st.cache_data(ttl=30, show_spinner=False)
def _known(store: str, limited_to: tuple[str, ...] | None, _context: Context) -> Choices:  # noqa: ARG001  (the key)
    return choices(_context.store, limited_to=limited_to)


def choose(context: Context, page: str, there: Choices, *, agents: tuple[str, ...] | None = None) -> Scope:
    """Draw the choices in a row, and give what is chosen. `there` must hold calls.

    agents: those to choose from; None leaves the agent out
    """
    options: dict[str, tuple[str, ...]] = {
        "period": tuple(PERIODS),
        "team": (EVERY, *there.teams),
        "language": (EVERY, *there.languages),
        "agent": (EVERY, *(agents or ())),
    }
    _take_over_address(page, options)
    say = context.say
    names = {
        "team": lambda value: value or say("scope.all_teams"),
        "language": lambda value: say.name("language", value) if value else say("scope.all_languages"),
        "agent": lambda value: value or say("scope.all_agents"),
    }
    shown = ["team", *(["agent"] if agents is not None else []), *(["language"] if len(there.languages) > 1 else [])]
    with st.container(key="scope", horizontal=True, vertical_alignment="bottom"):
        period = st.segmented_control(
            say("scope.period"), PERIODS, format_func=lambda value: say(f"scope.{value}"), key=f"{page}-period",
            required=True,
        )  # fmt: skip
        chosen = {
            name: st.selectbox(
                say(f"scope.{name}"), options[name], format_func=names[name], key=f"{page}-{name}", width=190
            )
            for name in shown
        }
    picked = {"period": period or "4w"} | {name: value or EVERY for name, value in chosen.items()}
    _remember(page, picked)
    return _scope(context, there, picked)


def _take_over_address(page: str, options: dict[str, tuple[str, ...]]) -> None:
    """Set the widgets from the address where somebody has come by a link, else from the page before."""
    arrived = {name: st.query_params.get(name) for name in _FIELDS}
    if arrived == st.session_state.get(f"{page}-written"):
        return
    remembered = st.session_state.get("scope-chosen", {})
    for name, allowed in options.items():
        wish = arrived[name] if arrived[name] is not None else remembered.get(name)
        default = "4w" if name == "period" else EVERY
        st.session_state[f"{page}-{name}"] = wish if wish in allowed else default


def _remember(page: str, picked: dict[str, str]) -> None:
    told = {name: value for name, value in picked.items() if value and (name, value) != ("period", "4w")}
    st.session_state["scope-chosen"] = {name: value for name, value in picked.items() if name != "agent"}
    st.session_state[f"{page}-written"] = {name: told.get(name) for name in _FIELDS}
    others = {name: value for name, value in st.query_params.to_dict().items() if name not in _FIELDS}
    if st.query_params.to_dict() != others | told:
        st.query_params.from_dict(others | told)


def _scope(context: Context, there: Choices, picked: dict[str, str]) -> Scope:
    first, last = there.since or date.today(), there.until or date.today()
    length = PERIODS[picked["period"]]
    since = first if length is None else last - timedelta(days=length - 1)
    now = Filters(
        since=since,
        until=last,
        teams=(picked["team"],) if picked["team"] else (),
        languages=(picked["language"],) if picked.get("language") else (),
        agents=(picked["agent"],) if picked.get("agent") else (),
        limited_to=context.person.teams,
    )
    before = None
    if length is not None and since > first:
        before = now.model_copy(update={"since": since - timedelta(days=length), "until": since - timedelta(days=1)})
    return Scope(now=now, before=before, since=since, until=last, teams=there.teams, agent=picked.get("agent", EVERY))


def trend_of(scope: Scope, there: Choices, *, most_weeks: int | None = None) -> Filters:
    """Whole weeks to draw a trend over: those of the period (the last `most_weeks` of them), and thirteen at the least.

    A week that has only begun is left out until Thursday: it would be mostly noise.
    """
    monday = scope.until - timedelta(days=scope.until.weekday())
    last = scope.until if scope.until.weekday() >= 3 else monday - timedelta(days=1)
    first = min(scope.since, last - timedelta(days=last.weekday(), weeks=TREND_WEEKS - 1))
    if most_weeks is not None:
        first = max(first, last - timedelta(days=last.weekday(), weeks=most_weeks - 1))
    first -= timedelta(days=first.weekday())
    reach = there.since or first
    if first < reach:
        first = reach + timedelta(days=-reach.weekday() % 7)
    return scope.now.model_copy(update={"since": min(first, last), "until": last})


def told(context: Context, scope: Scope) -> str:
    """The period in words."""
    key = "scope.against" if scope.before else "scope.span"
    since, until = context.show.day(scope.since), context.show.day(scope.until)
    return context.say(key, since=since, until=until, days=scope.days)
