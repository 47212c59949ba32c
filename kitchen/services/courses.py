"""A later course waits until somebody calls for it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from kitchen import moves
from kitchen.lifecycle import TrayState
from kitchen.models import KitchenSettings, Ticket, Tray
from kitchen.services.plans import plan
from kitchen.services.queues import Kitchen
from kitchen.services.trays import fire
from restaurant.errors import IllegalTransition


def fire_course(order_ref: UUID, course: int) -> dict[int, datetime]:
    """Begin with the course; when each of its trays will be ready, as the kitchen stands now.

    Nothing if it was begun before. Raises IllegalTransition.
    """
    with transaction.atomic():
        trays = moves.take_order(order_ref)
        if not trays:
            raise IllegalTransition("The kitchen has not opened it yet.")
        called = [
            tray
            for tray in trays
            if (tray.course, tray.state, tray.held_back) == (course, TrayState.WAITING, True)
        ]
        if not called:
            return {}
        Tray.objects.filter(pk__in=[tray.pk for tray in called]).update(
            held_back=False, version=F("version") + 1
        )
        found = plan(called, Ticket.objects.to_do(), Kitchen.of(KitchenSettings.current()))
        for tray in called:
            tray.promised_at = tray.expected_at = found.expected[tray.pk]
        Tray.objects.bulk_update(called, ["promised_at", "expected_at"])
        Ticket.objects.bulk_update(found.moved, ["fire_at"])
        due = [ticket.pk for ticket in found.due]
        fire(Ticket.objects.may_fire().filter(pk__in=due).select_related("tray"))
    return {tray.number: found.expected[tray.pk] for tray in called}


def fires_courses_itself() -> bool:
    """Whether the next course is fired when the one before it is served."""
    return KitchenSettings.current().auto_fire_courses
