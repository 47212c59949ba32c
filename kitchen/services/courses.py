"""A later course waits until somebody calls for it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from kitchen import moves
from kitchen.lifecycle import TrayState
from kitchen.models import KitchenSettings, Ticket, Tray
from kitchen.services.plans import plan
from kitchen.services.queues import Kitchen
from kitchen.services.rushing import put_in_front
from kitchen.services.trays import fire
from restaurant.errors import IllegalTransition


def fire_course(order_ref: UUID, course: int, numbers: Collection[int]) -> dict[int, datetime]:
    """Begin with the course; when each of its trays will be ready, as the kitchen stands now.

    `numbers` are those of its trays. Nothing if it was begun before. Raises IllegalTransition.
    """
    with transaction.atomic():
        trays = moves.take_order(order_ref)
        # A tray that was changed before the kitchen heard of its order is not opened yet.
        opened = {tray.number for tray in trays if tray.canvas}
        if not opened.issuperset(numbers):
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
        kitchen = Kitchen.of(KitchenSettings.current())
        found = plan(called, Ticket.objects.to_do(), kitchen)
        promised_at = {}
        for tray in called:
            # What is all in quarantine is late at once: somebody must look at it.
            expected = found.expected.get(tray.pk, kitchen.clock.now)
            promised_at[tray.number] = tray.promised_at = tray.expected_at = expected
        Tray.objects.bulk_update(called, ["promised_at", "expected_at"])
        Ticket.objects.bulk_update(found.moved, ["fire_at"])
        due = [ticket.pk for ticket in found.due]
        fire(Ticket.objects.may_fire().filter(pk__in=due).select_related("tray"))
        put_in_front([tray for tray in called if tray.rushed_at])
    return promised_at


def fires_courses_itself() -> bool:
    """Whether the next course is fired when the one before it is served."""
    return KitchenSettings.current().auto_fire_courses
