"""Webhooks are told of moments while the call goes on: signed, tried until they answer, and told of each moment once.

Messages are those of Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md): the headers
webhook-id (the same at every attempt), webhook-timestamp (seconds since 1970) and webhook-signature:
"v1," + base64(HMAC-SHA256(key, id.timestamp.body)). A message is in the store before it is sent, so neither a restart nor a second
sender makes two of it; whoever gets it twice, because the answer to the first was lost, knows it by its id.
"""

import base64
import hashlib
import hmac
import json
import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from audio.errors import StoreError
from monitor.live.events import CallAnalysed, CallStarted, Event, MomentFound, MomentRevised, MomentWithdrawn, now
from monitor.records import Moment
from monitor.settings import WebhookSettings, webhook_key
from monitor.store import Delivery, Store
from monitor.store.deliveries import claim, forget_delivered, next_due, put_attempt, put_delivery, withdraw

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("heard.live")
Outcome = TypeVar("Outcome")

FIRST_WAIT_S, GROWTH, LONGEST_WAIT_S = 2.0, 3.0, 3600.0
"""Waits between attempts: 2 s, 6 s, 18 s ... of which half is drawn by lot, so that what failed together is not retried together
(exponential backoff and jitter: aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter)."""
SETTLE_S = 2.0
"""A message waits so long before it is sent: a moment that was told while the agent was just drawing breath may be withdrawn."""
LOOK_S = 5.0
"""How often a sender looks for what another process has left or revived."""
AGAIN_S = 1.0
"""After a failure of the store, when it is tried again."""
GONE = 410
"""The answer by which an address says that it wants no more messages (Standard Webhooks, response status codes)."""
CLOSE_S = 5.0


TOLD_OF = (CallStarted, MomentFound, MomentRevised, MomentWithdrawn, CallAnalysed)


class Webhooks:
    """An outlet that keeps messages in the store, and a sender for each address, so that one that hangs delays no other."""

    def __init__(self, store: Store, webhooks: Sequence[WebhookSettings]) -> None:
        self._store = store
        self._webhooks = tuple(webhooks)
        self._calls: dict[str, CallStarted] = {}
        self._moments: dict[tuple[str, str], Moment] = {}
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._senders = [Sender(store, webhook) for webhook in self._webhooks]
        self._threads = [Thread(target=self._keep, name="webhooks", daemon=True)]
        self._threads += [
            Thread(target=sender.run, name=f"webhook {sender.name}", daemon=True) for sender in self._senders
        ]
        for thread in self._threads:
            thread.start()

    def tell(self, event: Event) -> None:
        """Take an event; most are of no interest."""
        if self._webhooks and isinstance(event, TOLD_OF):
            self._queue.put(event)

    def close(self) -> None:
        """Keep what was told, and stop; what is not sent yet waits in the store."""
        self._queue.put(None)
        for sender in self._senders:
            sender.stop()
        for thread in self._threads:
            thread.join(CLOSE_S)

    def _keep(self) -> None:
        """Put messages into the store, whatever it takes, while senders are at work."""
        forget_at = 0.0
        while (event := self._queue.get()) is not None:
            match event:
                case CallStarted():
                    self._calls[event.call_id] = event
                case CallAnalysed():
                    self._calls.pop(event.call_id, None)
                    self._moments = {key: one for key, one in self._moments.items() if key[0] != event.call_id}
                case MomentWithdrawn():
                    self._withdraw(self._moments.pop((event.call_id, event.id), None), event.call_id)
                case MomentFound() | MomentRevised():
                    self._moments[event.call_id, event.id] = event.moment
                    call = self._calls.get(event.call_id)
                    for sender in self._senders:
                        if wants(sender.webhook, event, call):
                            self._put(sender, message(sender.webhook, event, call))
            if time.monotonic() >= forget_at:
                forget_at = time.monotonic() + 3600.0
                _tried(lambda: forget_delivered(self._store, now()))

    def _withdraw(self, moment: Moment | None, call_id: str) -> None:
        if moment is not None:
            _tried(lambda: withdraw(self._store, call_id, moment.kind, moment.start_s))

    def _put(self, sender: "Sender", delivery: Delivery) -> None:
        while not (outcome := _tried(lambda: put_delivery(self._store, delivery))) and outcome is None:
            if sender.stopped.wait(AGAIN_S):
                log.error(
                    "A message to %s about %s is lost: the store cannot be written.", sender.name, delivery.call_id
                )
                return
        if outcome:
            sender.look.set()


class Sender:
    """Sends the messages to one address, one after the other."""

    def __init__(self, store: Store, webhook: WebhookSettings) -> None:
        self.webhook = webhook
        self.name = webhook.name
        self.look = Flag()
        """Set where something may be due."""
        self.stopped = Flag()
        self._store = store

    def stop(self) -> None:
        """Finish the attempt that is under way, and no other."""
        self.stopped.set()
        self.look.set()

    def run(self) -> None:
        """Send what is due until stopped."""
        while not self.stopped.is_set():
            wait_s = _tried(self._work)
            self.look.wait(AGAIN_S if wait_s is None else wait_s)
            self.look.clear()

    def send_due(self) -> list[Delivery]:
        """Send every message that is due, once; what came of each."""
        import httpx

        done: list[Delivery] = []
        # A redirect is not followed: it would carry what customers said to an address that nobody has set.
        with httpx.Client(timeout=self.webhook.timeout_s, follow_redirects=False) as client:
            while not self.stopped.is_set():
                at = now()
                until = at + timedelta(seconds=3 * self.webhook.timeout_s + 5.0)
                found = claim(self._store, self.name, now=at, until=until)
                if not found:
                    return done
                for delivery in found:
                    done.append(after(delivery, self.webhook, *attempt(client, self.webhook, delivery)))
                    put_attempt(self._store, done[-1])
        return done

    def _work(self) -> float:
        """Send what is due; after how many seconds there may be more."""
        due = next_due(self._store, self.name)
        if due is not None and due <= now():
            self.send_due()
            due = next_due(self._store, self.name)
        return LOOK_S if due is None else min(LOOK_S, max(0.0, (due - now()).total_seconds()))


def wants(webhook: WebhookSettings, event: MomentFound | MomentRevised, call: CallStarted | None) -> bool:
    """Whether a webhook is to be told of a moment."""
    moment = event.moment
    return (
        moment.verdict in webhook.verdicts
        and moment.severity in webhook.severities
        and (not webhook.kinds or moment.kind in webhook.kinds)
        and (webhook.teams is None or (call is not None and call.team in webhook.teams))
    )


def message(webhook: WebhookSettings, event: MomentFound | MomentRevised, call: CallStarted | None) -> Delivery:
    """The message about a moment; the same moment gives the same id."""
    moment = event.moment
    subject = f"{webhook.name}\n{event.call_id}\n{moment.kind}\n{moment.start_s:.3f}"
    told: dict[str, Any] = {"call_id": event.call_id, "time_s": event.time_s, "id": event.id}
    if call is not None:
        told |= call.model_dump(include={"agent_name", "team", "language", "protocol"})
    body = {"type": "moment.found", "timestamp": event.at.isoformat(), "data": told | {"moment": moment.model_dump()}}
    at = now()
    return Delivery(
        message_id=f"msg_{hashlib.sha256(subject.encode()).hexdigest()[:32]}",
        endpoint=webhook.name,
        call_id=event.call_id,
        team=call.team if call else None,
        kind=moment.kind,
        start_s=moment.start_s,
        body=json.dumps(body, ensure_ascii=False),
        created_at=at,
        next_at=at + timedelta(seconds=SETTLE_S),
    )


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The header webhook-signature."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(webhook_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def attempt(client: "httpx.Client", webhook: WebhookSettings, delivery: Delivery) -> tuple[int, str]:
    """Send a message once: the answer's status (0 where none came), and what went wrong in one sentence, or ""."""
    import httpx

    body, timestamp = delivery.body.encode(), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "heard",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(webhook.secret, delivery.message_id, timestamp, body),
    }
    try:
        # What the answer says beside its status is not read: it may be endless.
        with client.stream("POST", webhook.url, content=body, headers=headers) as answer:
            status = answer.status_code
    except httpx.TimeoutException:
        return 0, f"It did not answer within {webhook.timeout_s:g} s."
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return 0, f"It could not be reached: {str(error).rstrip('.') or type(error).__name__}."
    if 200 <= status < 300:
        return status, ""
    return status, f"It answered {status}."


def after(delivery: Delivery, webhook: WebhookSettings, status: int, error: str) -> Delivery:
    """The message after an attempt: delivered, to be tried again later, or given up."""
    at, attempts = now(), delivery.attempts + 1
    if not error:
        changes: dict[str, Any] = {"state": "delivered", "error": "", "delivered_at": at}
    elif status == GONE or attempts >= webhook.attempts:
        changes = {"state": "dead", "error": error}
    else:
        changes = {"next_at": next_attempt(at, attempts), "error": error}
    return delivery.model_copy(update={"attempts": attempts} | changes)


def next_attempt(at: datetime, attempts: int) -> datetime:
    """When to try again after so many failures."""
    longest_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * GROWTH ** (attempts - 1))
    return at + timedelta(seconds=longest_s * random.uniform(0.5, 1.0))


def _tried(work: Callable[[], Outcome]) -> Outcome | None:
    """What some work with the store gives; None, and a line in the log, where the store failed."""
    try:
        return work()
    except StoreError as error:
        log.warning("Webhooks have to wait: %s", error)
        return None
