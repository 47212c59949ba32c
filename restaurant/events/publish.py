"""Saying something: the event is a row, written in the transaction of the move that it tells of."""

from typing import Any

from django.db import connection

from restaurant.events.contract import Event
from restaurant.events.models import EventRecord


class PublishedOutsideTransaction(RuntimeError):
    """An event must be written in the transaction of the move that it tells of."""


def publish(event: Event, *, release: dict[str, Any] | None = None) -> None:
    """Write the event; the relay sends it after the commit.

    `release` is the message of a parked task, as `kitchen.parking` stores it: the relay sends it
    once, with the event.
    """
    if not connection.in_atomic_block:
        raise PublishedOutsideTransaction(event.name)
    EventRecord.objects.create(
        name=event.name, subject=event.order_ref, data=event.as_data(), release=release
    )
