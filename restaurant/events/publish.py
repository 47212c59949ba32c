"""Saying something: the event is a row, written in the transaction of the move that it tells of."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from restaurant.events.contract import Event
from restaurant.events.models import EventRecord


class PublishedOutsideTransaction(RuntimeError):
    """An event must be written in the transaction of the move that it tells of."""


def publish(
    *events: Event, release: dict[str, Any] | None = None, at: datetime | None = None
) -> None:
    """Write the events; the relay sends them after the commit.

    `release` is the message of a parked task, as `kitchen.parking` stores it: the relay sends it
    once, with the event. `at` is the time of the move, where a row has it too: now, if left out.
    """
    if not connection.in_atomic_block:
        raise PublishedOutsideTransaction(", ".join(event.name for event in events))
    happened_at = at or timezone.now()
    EventRecord.objects.bulk_create(
        EventRecord(
            name=event.name,
            subject=event.order_ref,
            data=event.as_data(),
            happened_at=happened_at,
            release=release,
        )
        for event in events
    )
