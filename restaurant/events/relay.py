"""The relay: takes events out of the database and tells each subscriber, until all have heard."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from celery import Celery
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from restaurant.events.models import EventRecord, Heard
from restaurant.subscriptions import SUBSCRIPTIONS

logger = logging.getLogger(__name__)

#: How many events one pass takes.
BATCH = 200
#: What is not heard after this time is told again, each time after twice the wait, up to a minute.
TELL_AGAIN_AFTER = timedelta(seconds=5)
LONGEST_WAIT = timedelta(seconds=60)
#: What could not be sent because Redis was away is tried again after this.
SEND_AGAIN_AFTER = timedelta(seconds=1)

#: The name of a task and its keyword arguments; or a parked task's whole message.
Message = tuple[str, dict[str, Any]] | dict[str, Any]


def relay_once(app: Celery) -> int:
    """Number, claim and send what is new, then what is due again; return how many were taken.

    Claim, commit, send: Redis is never spoken to inside a transaction, so a frozen Redis locks
    nothing. What dies between the commit and the sending is due again a little later.
    """
    new = EventRecord.objects.claim_new(BATCH, SUBSCRIPTIONS, TELL_AGAIN_AFTER)
    send(app, new, [message for event in new for message in first_messages(event)])
    again, messages = claim_unheard()
    send(app, again, messages)
    return len(new) + len(again)


def first_messages(event: EventRecord) -> Iterable[Message]:
    """The parked task goes on, and every subscriber is told."""
    if event.release is not None:
        yield event.release
    for subscription in SUBSCRIPTIONS.get(event.name, []):
        yield telling(event, subscription.to)


def telling(event: EventRecord, to: str) -> Message:
    return to, {"event_id": event.id, **event.data}


def claim_unheard() -> tuple[list[EventRecord], list[Message]]:
    """The due events that somebody has not heard, with the messages for just those hearers.

    Events that all have heard are due no more.
    """
    with transaction.atomic():
        now = timezone.now()
        due = EventRecord.objects.claim_due(BATCH, now)
        heard = Heard.objects.by_event(event.id for event in due)
        settled: list[EventRecord] = []
        unheard: list[EventRecord] = []
        messages: list[Message] = []
        for event in due:
            missing = messages_missing(event, set(heard.get(event.id, ())))
            messages += missing
            (unheard if missing else settled).append(event)
            event.due_at = now + wait_before(event.tellings) if missing else None
            event.tellings += 1 if missing else 0
            event.sent_at = now if missing else event.sent_at
        EventRecord.objects.bulk_update(unheard, ["due_at", "tellings", "sent_at"])
        EventRecord.objects.filter(pk__in=[event.pk for event in settled]).update(due_at=None)
    for event in unheard:
        logger.info("%s is told again (telling %s)", event, event.tellings)
    return unheard, messages


def messages_missing(event: EventRecord, heard: set[str]) -> list[Message]:
    """What of an event's messages must be sent: all if it was never sent, else the unheard."""
    if event.tellings == 0:
        return list(first_messages(event))
    subscriptions = SUBSCRIPTIONS.get(event.name, [])
    return [telling(event, s.to) for s in subscriptions if s.to not in heard]


def wait_before(tellings: int) -> timedelta:
    """How long to wait for an answer after this many tellings."""
    return min(TELL_AGAIN_AFTER * (1 << min(tellings, 10)), LONGEST_WAIT)


def send(app: Celery, events: list[EventRecord], messages: list[Message]) -> None:
    """Send all messages; when Redis is away, the events are due again soon as if never sent."""
    if not messages:
        return
    try:
        with app.producer_or_acquire() as producer:
            for message in messages:
                if isinstance(message, dict):
                    app.signature(message).apply_async(producer=producer)
                else:
                    name, data = message
                    app.tasks[name].apply_async(kwargs=data, producer=producer)
    except (OperationalError, OSError) as error:
        logger.warning("Redis is away, %s messages wait: %s", len(messages), error)
        EventRecord.objects.filter(pk__in=[event.pk for event in events]).update(
            tellings=0, due_at=timezone.now() + SEND_AGAIN_AFTER
        )
