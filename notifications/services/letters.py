"""Deliveries that were given up, or are wanted once more."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from notifications import moves
from notifications.exceptions import NoSuchDelivery, StillWaiting
from notifications.models import Delivery, Endpoint

#: One call redelivers no more: the rest waits for the next.
MOST = 1000
#: A bit longer than all tries of a delivery take.
LONGEST_OVERDUE = timedelta(hours=96)
MOST_OVERDUE = 10_000


def find_delivery(endpoint: Endpoint, ref: UUID) -> Delivery:
    """Raises NoSuchDelivery."""
    found = endpoint.deliveries.filter(ref=ref).first()
    if found is None:
        raise NoSuchDelivery()
    return found


def redeliver(delivery: Delivery) -> None:
    """Send it once more, with the same webhook-id; raises StillWaiting."""
    if not moves.redeliver([delivery.pk]):
        raise StillWaiting()
    delivery.refresh_from_db()


def redeliver_dead(endpoint: Endpoint) -> int:
    """Send all its dead letters once more, the oldest first; how many those are."""
    dead = endpoint.deliveries.dead().order_by("id").values_list("pk", flat=True)
    return moves.redeliver(dead[:MOST])


def count_dead() -> int:
    return Delivery.objects.dead().count()


def give_up_overdue() -> int:
    """Their time came long ago, and their receiver was disabled or left alone all the while."""
    overdue = Delivery.objects.due().filter(next_try_at__lt=timezone.now() - LONGEST_OVERDUE)
    return moves.give_up(
        overdue.values_list("pk", flat=True)[:MOST_OVERDUE],
        last_error="It was not reached in time.",
    )


def forget_deliveries() -> int:
    """Delete what was finished long ago; how many rows those were."""
    until = timezone.now() - settings.WEBHOOK_DELIVERIES_KEPT
    deleted, _by_model = Delivery.objects.filter(finished_at__lt=until).delete()
    return deleted
