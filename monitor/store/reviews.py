"""What people do with calls: judge moments, add missed ones, take calls on, say that the roles are wrong. Nothing is overwritten."""

from datetime import UTC, datetime
from typing import get_args

from sqlalchemy import Connection, insert, select, update

from audio.errors import StoreError
from audio.facts import Fact
from monitor.records import Moment, Severity, Verdict
from monitor.store.engine import lock
from monitor.store.more_tables import CallActionRow
from monitor.store.reviewed import Decision, Review, ReviewedMoment, stand
from monitor.store.saving import moments_found, put_review, reviews_of
from monitor.store.store import Store
from monitor.store.tables import Call, TurnRow

_OTHER_SIDE = {"left": "right", "right": "left", "first": "second", "second": "first"}
_LONGEST_COMMENT = 10_000


class CallAction(Fact):
    """One thing that somebody did with a call: "assign", "review" or "swap_roles"."""

    action: str
    value: str | None
    """Whom it was assigned to; "done" or None; the agent's side."""
    who: str
    at: datetime


def moments_of(store: Store, call_id: str) -> tuple[ReviewedMoment, ...]:
    """The moments of a call as they stand now, in time order; `gone` ones were reviewed and are found no more."""
    with store.transaction(write=False) as connection:
        return stand(moments_found(connection, call_id), reviews_of(connection, call_id))


def review(
    store: Store,
    call_id: str,
    subject: str,
    decision: Decision,
    *,
    reviewer: str,
    comment: str = "",
    kind: str | None = None,
    verdict: Verdict | None = None,
) -> None:
    """Record what a reviewer says about a moment; `kind` and `verdict` are what a relabelled one is instead.

    Raises StoreError where the call or the moment is not there (any more), or a comment says nothing.
    """
    if decision not in get_args(Decision):
        raise StoreError(f"A review cannot {decision!r} a moment; it is one of {', '.join(get_args(Decision))}.")
    if decision == "comment" and not comment.strip():
        raise StoreError("A comment needs a text.")
    if decision == "relabel" and not (kind or verdict):
        raise StoreError("A moment that is relabelled needs the kind or the verdict that it is instead.")
    with store.transaction(write=True) as connection:
        _hold(connection, call_id)
        standing = stand(moments_found(connection, call_id), reviews_of(connection, call_id))
        one = next((one for one in standing if one.subject == subject), None)
        if one is None:
            raise StoreError(f"Call {call_id} has no moment {subject} any more: it was analysed again; reload it.")
        put_review(
            connection,
            call_id,
            Review(
                subject=subject,
                decision=decision,
                reviewer=reviewer,
                at=datetime.now(UTC),
                comment=_clean(comment),
                kind=kind if decision == "relabel" else None,
                verdict=verdict if decision == "relabel" else None,
                moment=one.moment,
            ),
        )


def add_moment(
    store: Store,
    call_id: str,
    *,
    reviewer: str,
    kind: str,
    verdict: Verdict,
    severity: Severity,
    start_s: float,
    end_s: float,
    comment: str = "",
) -> str:
    """Add a moment that the detectors missed; returns its subject. The quote is what was said in the span.

    Raises StoreError where the call is not there, or the span is empty or outside of it.
    """
    with store.transaction(write=True) as connection:
        duration_s = _hold(connection, call_id)
        if not 0 <= start_s < end_s <= duration_s + 1:
            raise StoreError(
                f"A moment of {call_id} must lie between 0 and {duration_s:.1f} s and end after it starts."
            )
        turns = _turns_in(connection, call_id, start_s, end_s)
        taken = sum(one.decision == "add" for one in reviews_of(connection, call_id))
        subject = f"added-{taken + 1}"
        moment = Moment(
            kind=kind,
            verdict=verdict,
            severity=severity,
            turn=_flag(turns),
            start_s=start_s,
            end_s=end_s,
            confidence=1.0,
            quote=" ".join(turn.text for turn in turns)[:500],
            why=_clean(comment),
        )
        put_review(
            connection,
            call_id,
            Review(
                subject=subject,
                decision="add",
                reviewer=reviewer,
                at=datetime.now(UTC),
                comment=_clean(comment),
                moment=moment,
            ),
        )
        return subject


def assign(store: Store, call_id: str, to: str | None, *, by: str) -> None:
    """Give a call to a reviewer, or to nobody."""
    with store.transaction(write=True) as connection:
        _hold(connection, call_id)
        connection.execute(update(Call).where(Call.call_id == call_id).values(assigned_to=to or None))
        _note(connection, call_id, by, "assign", to or None)


def mark_reviewed(store: Store, call_id: str, done: bool, *, by: str) -> None:
    """Say that a call has been reviewed, or that it has to be again."""
    with store.transaction(write=True) as connection:
        _hold(connection, call_id)
        state = {"reviewed_by": by, "reviewed_at": datetime.now(UTC)} if done else {}
        values = {"reviewed_by": None, "reviewed_at": None} | state
        connection.execute(update(Call).where(Call.call_id == call_id).values(**values))
        _note(connection, call_id, by, "review", "done" if done else None)


def swap_roles(store: Store, call_id: str, *, by: str) -> str:
    """Say that agent and customer are taken for each other; the next analysis of the call obeys. Returns the agent's side.

    Raises StoreError where the transcript itself told the roles, so that there are no sides to swap.
    """
    with store.transaction(write=True) as connection:
        _hold(connection, call_id)
        query = select(Call.agent_side, Call.agent_side_given).where(Call.call_id == call_id)
        found = connection.execute(query).one()
        side = _OTHER_SIDE.get(found.agent_side_given or found.agent_side or "")
        if side is None:
            raise StoreError(f"The roles of {call_id} were not inferred, so they cannot be swapped.")
        connection.execute(update(Call).where(Call.call_id == call_id).values(agent_side_given=side))
        _note(connection, call_id, by, "swap_roles", side)
        return side


def given_side(store: Store, call_id: str) -> str | None:
    """The side that a reviewer says the agent is on, None where nobody said."""
    with store.transaction(write=False) as connection:
        return connection.execute(select(Call.agent_side_given).where(Call.call_id == call_id)).scalar()


def call_actions(store: Store, call_id: str) -> tuple[CallAction, ...]:
    """What people did with a call, oldest first."""
    query = select(CallActionRow).where(CallActionRow.call_id == call_id).order_by(CallActionRow.id)
    with store.transaction(write=False) as connection:
        rows = connection.execute(query).mappings()
        return tuple(CallAction(**{name: row[name] for name in CallAction.model_fields}) for row in rows)


def _hold(connection: Connection, call_id: str) -> float:
    """Let nobody else change the call until the transaction ends; its duration in seconds."""
    lock(connection, call_id)
    duration_s = connection.execute(select(Call.duration_s).where(Call.call_id == call_id)).scalar()
    if duration_s is None:
        raise StoreError(f"There is no call {call_id} in the store any more.")
    return duration_s


def _note(connection: Connection, call_id: str, who: str, action: str, value: str | None) -> None:
    row = {"call_id": call_id, "at": datetime.now(UTC), "who": who, "action": action, "value": value}
    connection.execute(insert(CallActionRow), [row])


def _turns_in(connection: Connection, call_id: str, start_s: float, end_s: float) -> list[TurnRow]:
    query = select(TurnRow.position, TurnRow.speaker, TurnRow.text).where(
        TurnRow.call_id == call_id, TurnRow.start_s < end_s, TurnRow.end_s > start_s
    )
    return list(connection.execute(query.order_by(TurnRow.position)))  # type: ignore[arg-type]


def _flag(turns: list[TurnRow]) -> int | None:
    """Where the flag sits: the agent's last turn in the span, else the last turn."""
    agents = [turn.position for turn in turns if turn.speaker == "agent"]
    return agents[-1] if agents else turns[-1].position if turns else None


def _clean(comment: str) -> str:
    return comment.replace("\0", "").strip()[:_LONGEST_COMMENT]
