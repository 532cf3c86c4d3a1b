"""Live calls in the store: written as they go, read by whoever watches, gone when the report stands for them.

A call is one row that is rewritten, and items (turns, moments, sounds ...) that are put by name. All of it has been redacted.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from audio.facts import Fact, Sound
from monitor.records import FrustrationPoint, ReadTurn
from monitor.store.live_records import (
    LiveCall,
    LiveHint,
    LiveHold,
    LiveMoment,
    LivePartial,
    LiveServer,
    LiveView,
)
from monitor.store.live_tables import LiveCallRow, LiveItemRow, LiveServerRow
from monitor.store.rows import without_nul
from monitor.store.store import Store

SEEN_S = 15.0
"""A server that has not been seen for so long is gone: it says every few seconds that it is there."""
KEPT_S = 900.0
"""How long a call stays among the live ones after it was analysed, so that whoever watched it finds its report."""
AT_WORK = ("live", "ended")
"""States in which a call needs its server."""

Sort = Literal["turn", "partial", "point", "sound", "moment", "hold", "hint"]
SomeFact = TypeVar("SomeFact", bound=Fact)


class LiveItem(Fact):
    """One thing that is known of a call: put in place of what had its name; taken away where `json` is None."""

    call_id: str
    sort: Sort
    name: str
    time_s: float = 0.0
    json_: str | None = None


def put_live(
    store: Store, calls: Sequence[LiveCall], items: Sequence[LiveItem] = (), cleared: Sequence[str] = ()
) -> None:
    """Write calls as they stand now, and what has been heard in them; of `cleared` calls all earlier items go first."""
    calls = list({call.call_id: call for call in calls}.values())
    newest = list({(item.call_id, item.sort, item.name): item for item in items}.values())
    with store.transaction(write=True) as connection:
        for call_id in cleared:
            connection.execute(delete(LiveItemRow).where(LiveItemRow.call_id == call_id))
        for call in calls:
            _put_call(connection, call)
        for item in newest:
            connection.execute(
                delete(LiveItemRow).where(
                    LiveItemRow.call_id == item.call_id, LiveItemRow.sort == item.sort, LiveItemRow.name == item.name
                )
            )
        rows = [item.model_dump(exclude={"json_"}) | {"json": item.json_} for item in newest if item.json_ is not None]
        if rows:
            connection.execute(insert(LiveItemRow), [without_nul(row) for row in rows])


def get_live(store: Store, call_id: str) -> LiveCall | None:
    """A call as it was last written; None where the store has none."""
    with store.transaction(write=False) as connection:
        row = connection.execute(select(LiveCallRow.json).where(LiveCallRow.call_id == call_id)).scalar()
    return None if row is None else _read(LiveCall, row)


def beat(store: Store, server: LiveServer) -> None:
    """Say that a server is there."""
    with store.transaction(write=True) as connection:
        connection.execute(delete(LiveServerRow).where(LiveServerRow.server == server.server))
        connection.execute(insert(LiveServerRow), [without_nul(server.model_dump())])


def leave(store: Store, server: str) -> None:
    """A server stops: those of its calls that are still at work are lost, until another one takes them up."""
    with store.transaction(write=True) as connection:
        connection.execute(delete(LiveServerRow).where(LiveServerRow.server == server))


def tidy(store: Store, now: datetime | None = None) -> None:
    """Forget servers that have long gone, and calls that were analysed a while ago."""
    now = now or datetime.now(UTC)
    with store.transaction(write=True) as connection:
        old = LiveCallRow.updated_at < now - timedelta(seconds=KEPT_S)
        done = select(LiveCallRow.call_id).where(old, LiveCallRow.state == "analysed")
        connection.execute(delete(LiveItemRow).where(LiveItemRow.call_id.in_(done)))
        connection.execute(delete(LiveCallRow).where(old, LiveCallRow.state == "analysed"))
        connection.execute(delete(LiveServerRow).where(LiveServerRow.seen_at < now - timedelta(days=1)))


def live_servers(store: Store, now: datetime | None = None) -> tuple[LiveServer, ...]:
    """The servers that are running."""
    with store.transaction(write=False) as connection:
        return tuple(_servers(connection, now or datetime.now(UTC)))


def live_calls(
    store: Store, *, limited_to: Sequence[str] | None = None, now: datetime | None = None
) -> tuple[LiveCall, ...]:
    """All calls that are heard, awaited or just analysed; those that need an ear first.

    `limited_to`: only calls of these teams.
    """
    now = now or datetime.now(UTC)
    fresh = or_(LiveCallRow.state != "analysed", LiveCallRow.updated_at >= now - timedelta(seconds=KEPT_S))
    query = select(LiveCallRow.json).where(fresh, *_of_teams(limited_to))
    with store.transaction(write=False) as connection:
        alive = {server.server for server in _servers(connection, now)}
        found = [_read(LiveCall, row) for row in connection.execute(query).scalars()]
    return tuple(sorted((_standing(call, alive) for call in found), key=_urgency))


def live_view(
    store: Store, call_id: str, *, limited_to: Sequence[str] | None = None, now: datetime | None = None
) -> LiveView | None:
    """All that is known of one live call; None where it is none, or not one of these teams'."""
    query = select(LiveCallRow.json).where(LiveCallRow.call_id == call_id, *_of_teams(limited_to))
    of_call = select(LiveItemRow.sort, LiveItemRow.json).where(LiveItemRow.call_id == call_id)
    with store.transaction(write=False) as connection:
        row = connection.execute(query).scalar()
        if row is None:
            return None
        alive = {server.server for server in _servers(connection, now or datetime.now(UTC))}
        items = connection.execute(of_call.order_by(LiveItemRow.time_s, LiveItemRow.name)).all()

    def all_of(sort: Sort, record: type[SomeFact]) -> tuple[SomeFact, ...]:
        return tuple(_read(record, item.json) for item in items if item.sort == sort)

    return LiveView(
        call=_standing(_read(LiveCall, row), alive),
        turns=tuple(sorted(all_of("turn", ReadTurn), key=lambda turn: turn.index)),
        partials=all_of("partial", LivePartial),
        points=all_of("point", FrustrationPoint),
        sounds=all_of("sound", Sound),
        moments=all_of("moment", LiveMoment),
        holds=all_of("hold", LiveHold),
        hints=all_of("hint", LiveHint),
    )


def _put_call(connection: Connection, call: LiveCall) -> None:
    row = call.model_dump(include={"call_id", "state", "team", "server", "updated_at"})
    row = without_nul(row | {"json": call.model_dump_json()})
    changed = connection.execute(update(LiveCallRow).where(LiveCallRow.call_id == call.call_id).values(**row))
    if changed.rowcount == 0:
        connection.execute(insert(LiveCallRow), [row])


def _servers(connection: Connection, now: datetime) -> Iterable[LiveServer]:
    columns = [getattr(LiveServerRow, name) for name in LiveServer.model_fields]
    query = select(*columns).where(LiveServerRow.seen_at >= now - timedelta(seconds=SEEN_S))
    return [LiveServer(**row) for row in connection.execute(query.order_by(LiveServerRow.started_at)).mappings()]


def _of_teams(teams: Sequence[str] | None) -> list[ColumnElement[bool]]:
    return [] if teams is None else [LiveCallRow.team.in_(teams)]


def _standing(call: LiveCall, alive: set[str]) -> LiveCall:
    """A call whose server has gone is lost, whatever was last written of it."""
    lost = call.state in AT_WORK and call.server not in alive
    return call.model_copy(update={"state": "lost"}) if lost else call


def _urgency(call: LiveCall) -> tuple[int, int, float, float]:
    """Calls that can still be saved first; of these the most missed, then the most frustrated, then the newest."""
    place = {"live": 0, "lost": 1, "ended": 2, "failed": 3, "analysed": 4}[call.state]
    at_work = call.state in ("live", "lost")
    return (
        place,
        -call.critical_missed if at_work else 0,
        -(call.level or 0.0) if at_work else 0.0,
        -call.started_at.timestamp(),
    )


def _read(record: type[SomeFact], text: str) -> SomeFact:
    from audio.errors import StoreError

    try:
        return record.model_validate_json(text)
    except ValidationError as error:
        raise StoreError(
            "A live call in the store was written by another version of heard; start `heard listen` anew."
        ) from error
