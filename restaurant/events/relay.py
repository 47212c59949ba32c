"""The relay: takes events out of the database and tells each subscriber, until all have heard."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.app.amqp import task_message
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import BatchPublishError  # type: ignore[attr-defined]

from restaurant import broker
from restaurant.events.models import EventRecord, Heard
from restaurant.queues import messages_in
from restaurant.subscriptions import SUBSCRIPTIONS, Subscription

logger = logging.getLogger(__name__)

#: How many events one pass takes.
BATCH = 200
#: What is not heard after this time is told again, each time after twice the wait, up to a minute.
TELL_AGAIN_AFTER = timedelta(seconds=5)
LONGEST_WAIT = timedelta(seconds=60)
#: What could not be sent because the broker was away is tried again after this.
SEND_AGAIN_AFTER = timedelta(seconds=1)

#: The name of a task and its keyword arguments; or a parked task's whole message.
Message = tuple[str, dict[str, Any]] | dict[str, Any]


def tell_new(app: Celery) -> int:
    """Number, claim and send what is new; return how many events that were.

    Claim, commit, send: the broker is never spoken to inside a transaction, so a frozen one locks
    nothing. What dies between the commit and the sending is due again a little later; a released
    message is not, and the reconciler plates the tray whose last one it was.
    """
    new = EventRecord.objects.claim_new(BATCH, SUBSCRIPTIONS, TELL_AGAIN_AFTER)
    send(app, new, [message for event in new for message in first_messages(event)])
    return len(new)


def tell_again(app: Celery) -> None:
    """Send what is due again, after settling what all have heard by now."""
    settle_heard()
    if EventRecord.objects.is_any_due():
        again, messages = claim_unheard(queues_with_messages(app))
        send(app, again, messages)


def settle_heard() -> None:
    """Events that all have heard are due no more: the usual end, for which no queue is asked."""
    due = list(EventRecord.objects.filter(due_at__lte=timezone.now(), tellings__gt=0)[:BATCH])
    heard = Heard.objects.by_event(event.id for event in due)
    settled = [
        event.id
        for event in due
        if {s.to for s in subscriptions_of(event)} <= heard.get(event.id, {}).keys()
    ]
    if settled:
        EventRecord.objects.filter(pk__in=settled).update(due_at=None)


def first_messages(event: EventRecord) -> Iterable[Message]:
    """The parked task goes on, and every subscriber is told."""
    if event.release is not None:
        yield event.release
    for subscription in subscriptions_of(event):
        yield telling(event, subscription.to)


def telling(event: EventRecord, to: str, **more: bool) -> Message:
    return to, {"event_id": event.id, **more, **event.data}


def queues_with_messages(app: Celery) -> set[str]:
    """The hearers whose queue is not empty; all of them when the broker is away."""
    hearers = {s.to for subscriptions in SUBSCRIPTIONS.values() for s in subscriptions}
    queues = {to: queue_of_task(app, to) for to in hearers}
    try:
        waiting = {queue: messages_in(app, queue) for queue in set(queues.values())}
        return {to for to in hearers if waiting[queues[to]]}
    except broker.AWAY as error:
        logger.warning("The broker is away, nothing is told again: %s", error)
        return hearers


def queue_of_task(app: Celery, name: str) -> str:
    queue: str = app.amqp.router.route({}, name)["queue"].name
    return queue


def claim_unheard(behind: set[str]) -> tuple[list[EventRecord], list[Message]]:
    """The due events that somebody has not heard, with the messages for just those hearers.

    Events that all have heard are due no more. Hearers who are `behind` have messages waiting: what
    they have not heard is late, not lost, and comes due again.
    """
    again: list[EventRecord] = []
    messages: list[Message] = []
    with transaction.atomic():
        now = timezone.now()
        due = EventRecord.objects.claim_due(BATCH, now)
        heard = Heard.objects.by_event(event.id for event in due)
        for event in due:
            deaf = [s.to for s in subscriptions_of(event) if s.to not in heard.get(event.id, ())]
            lost = [to for to in deaf if to not in behind]
            if event.tellings == 0:
                again.append(event)
                messages += first_messages(event)
            elif not deaf:
                event.due_at = None
            elif lost:
                again.append(event)
                messages += [telling(event, to, again=True) for to in lost]
            else:
                event.due_at = now + TELL_AGAIN_AFTER
        for event in again:
            event.due_at = now + wait_before(event.tellings)
            event.tellings += 1
            event.sent_at = now
        EventRecord.objects.bulk_update(due, ["due_at", "tellings", "sent_at"])
    for event in again:
        logger.info("%s is told again (telling %s)", event, event.tellings)
    return again, messages


def subscriptions_of(event: EventRecord) -> list[Subscription]:
    return SUBSCRIPTIONS.get(event.name, [])


def wait_before(tellings: int) -> timedelta:
    """How long to wait for an answer after this many tellings."""
    return min(TELL_AGAIN_AFTER * (1 << min(tellings, 10)), LONGEST_WAIT)


def send(app: Celery, events: list[EventRecord], messages: list[Message]) -> None:
    """Send all messages; without a broker, the events are due again soon as if never sent."""
    if not messages:
        return
    try:
        with app.producer_or_acquire() as producer, producer.batch():
            for message in messages:
                if isinstance(message, dict):
                    send_finished(app, producer, message)
                else:
                    name, data = message
                    app.tasks[name].apply_async(kwargs=data, producer=producer)
    # kombu raises RuntimeError when the connection is lost between two messages of a batch.
    except (*broker.AWAY, BatchPublishError, RuntimeError) as error:
        logger.warning("The broker is away, %s messages wait: %s", len(messages), error)
        EventRecord.objects.filter(pk__in=[event.pk for event in events]).update(
            tellings=0, due_at=timezone.now() + SEND_AGAIN_AFTER
        )


def send_finished(app: Celery, producer: Any, message: dict[str, Any]) -> None:
    """Send a message that was finished earlier: its queue, headers, properties and body."""
    headers = message["headers"]
    # What Flower is told of it, as `amqp.as_task_v2` would say it now.
    news = {
        "uuid": headers["id"],
        "name": headers["task"],
        "args": headers["argsrepr"],
        "kwargs": headers["kwargsrepr"],
        **{key: headers[key] for key in ("root_id", "parent_id", "retries", "eta", "expires")},
    }
    finished = task_message(headers, message["properties"], message["body"], news)
    app.amqp.send_task_message(producer, headers["task"], finished, queue=message["queue"])
