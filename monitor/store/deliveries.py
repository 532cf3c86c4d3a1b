"""Messages to webhooks: put once for each moment, tried until they arrive or are given up, and then kept."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from audio.errors import StoreError
from monitor.store.engine import lock
from monitor.store.live_records import Delivery
from monitor.store.live_tables import DeliveryRow
from monitor.store.rows import without_nul
from monitor.store.store import Store

SAME_MOMENT_S = 2.0
"""A moment of the same kind that begins so near is the same one, heard again after a restart: its start may move a little."""
KEPT_DAYS = 30
"""How long messages that arrived are remembered; a call lasts hours."""

_COLUMNS = [getattr(DeliveryRow, name) for name in Delivery.model_fields]


def put_delivery(store: Store, delivery: Delivery) -> bool:
    """Keep a message that is to be sent; False where the webhook has already been told of this moment."""
    same = (
        DeliveryRow.call_id == delivery.call_id,
        DeliveryRow.endpoint == delivery.endpoint,
        DeliveryRow.kind == delivery.kind,
    )
    near = func.abs(DeliveryRow.start_s - delivery.start_s) <= SAME_MOMENT_S
    query = select(func.count()).select_from(DeliveryRow).where(*same, near)
    with store.transaction(write=True) as connection:
        lock(connection, f"webhooks {delivery.call_id}")
        if connection.execute(query).scalar_one():
            return False
        connection.execute(insert(DeliveryRow), [without_nul(delivery.model_dump())])
    return True


def withdraw(store: Store, call_id: str, kind: str, start_s: float) -> None:
    """Forget messages about a moment that is none after all, where no attempt has been made yet."""
    with store.transaction(write=True) as connection:
        connection.execute(
            delete(DeliveryRow).where(
                DeliveryRow.call_id == call_id,
                DeliveryRow.kind == kind,
                func.abs(DeliveryRow.start_s - start_s) <= SAME_MOMENT_S,
                DeliveryRow.state == "waiting",
                DeliveryRow.attempts == 0,
                DeliveryRow.next_at > datetime.now(UTC),
            )
        )


def claim(store: Store, endpoint: str, *, now: datetime, until: datetime, most: int = 1) -> tuple[Delivery, ...]:
    """Messages to a webhook that are due, the oldest first; nobody else is given them before `until`."""
    due = (DeliveryRow.endpoint == endpoint, DeliveryRow.state == "waiting", DeliveryRow.next_at <= now)
    query = select(*_COLUMNS).where(*due).order_by(DeliveryRow.next_at).limit(most)
    with store.transaction(write=True) as connection:
        lock(connection, "webhooks claim")
        found = [Delivery(**row) for row in connection.execute(query).mappings()]
        ids = [one.message_id for one in found]
        connection.execute(update(DeliveryRow).where(DeliveryRow.message_id.in_(ids)).values(next_at=until))
    return tuple(found)


def next_due(store: Store, endpoint: str) -> datetime | None:
    """When the next message to a webhook is to be tried; None where none waits."""
    waiting = select(func.min(DeliveryRow.next_at)).where(
        DeliveryRow.endpoint == endpoint, DeliveryRow.state == "waiting"
    )
    with store.transaction(write=False) as connection:
        return connection.execute(waiting).scalar()


def put_attempt(store: Store, delivery: Delivery) -> None:
    """Keep what came of an attempt."""
    changed = delivery.model_dump(include={"state", "attempts", "next_at", "error", "delivered_at"})
    with store.transaction(write=True) as connection:
        connection.execute(
            update(DeliveryRow).where(DeliveryRow.message_id == delivery.message_id).values(**without_nul(changed))
        )


def count_dead(store: Store, *, limited_to: Sequence[str] | None = None) -> int:
    """How many messages were given up."""
    query = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state == "dead", *_of_teams(limited_to))
    with store.transaction(write=False) as connection:
        return connection.execute(query).scalar_one()


def deliveries(
    store: Store, *, state: str | None = None, limited_to: Sequence[str] | None = None, most: int = 100
) -> tuple[Delivery, ...]:
    """The newest messages. `limited_to`: only about calls of these teams."""
    query = select(*_COLUMNS).order_by(DeliveryRow.created_at.desc(), DeliveryRow.message_id).limit(most)
    query = query.where(*_of_teams(limited_to), *([] if state is None else [DeliveryRow.state == state]))
    with store.transaction(write=False) as connection:
        return tuple(Delivery(**row) for row in connection.execute(query).mappings())


def revive(store: Store, message_ids: Sequence[str] | None = None) -> tuple[Delivery, ...]:
    """Let messages that have not arrived be tried anew at once, all or these. Raises StoreError where one of these is none."""
    where = [DeliveryRow.state != "delivered"]
    if message_ids is not None:
        where.append(DeliveryRow.message_id.in_(message_ids))
    with store.transaction(write=True) as connection:
        found = [Delivery(**row) for row in connection.execute(select(*_COLUMNS).where(*where)).mappings()]
        missing = set(message_ids or ()) - {one.message_id for one in found}
        if missing:
            raise StoreError(
                f"{sorted(missing)[0]} is no message that waits or was given up; `heard webhooks list` shows those that are."
            )
        fresh = {"state": "waiting", "attempts": 0, "next_at": datetime.now(UTC), "error": ""}
        connection.execute(update(DeliveryRow).where(*where).values(**fresh))
    return tuple(one.model_copy(update=fresh) for one in found)


def forget_delivered(store: Store, now: datetime) -> None:
    """Let go of messages that arrived long ago."""
    old = DeliveryRow.created_at < now - timedelta(days=KEPT_DAYS)
    with store.transaction(write=True) as connection:
        connection.execute(delete(DeliveryRow).where(DeliveryRow.state == "delivered", old))


def _of_teams(teams: Sequence[str] | None) -> list[ColumnElement[bool]]:
    return [] if teams is None else [DeliveryRow.team.in_(teams)]
