"""The reconciler's eyes: which trays stand still, because a message was lost?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from kitchen import moves
from kitchen.events import TicketQuarantined, TrayRepaired
from kitchen.models import Ticket, Tray
from kitchen.services.tickets import told
from restaurant.events.publish import publish

#: A task that has not come after this time is lost.
GRACE = timedelta(seconds=5)
#: After each attempt the reconciler waits twice as long, up to this.
LONGEST_WAIT = timedelta(seconds=60)
#: Then somebody must look at the ticket: the first five attempts take about two and a half minutes.
MOST_ATTEMPTS = 8


@dataclass(frozen=True)
class Repairs:
    """What the head chef must do: trays to drive again, and complete ones to plate."""

    drive: list[UUID]
    plate: list[tuple[UUID, int]]


def find_repairs(queue_is_empty: Callable[[str], bool]) -> Repairs:
    """Claim what stands still, so that two reconcilers at once repair it once.

    `queue_is_empty` is asked about zones: a task that still waits in its queue is late, not lost,
    and sending it again would only make a spike worse.
    """
    drive = [
        ticket.tray_id
        for ticket, since in Ticket.objects.standing_still(GRACE)
        if is_due(ticket, since)
        # The message that brings it here waits for its own zone, or still for the one before.
        and all(queue_is_empty(zone) for zone in (ticket.zone_id, ticket.previous_zone) if zone)
        and claim(ticket)
    ]
    plate = [
        (tray.pk, tray.canvas)
        for tray in Tray.objects.complete_but_waiting(GRACE)
        if touch(tray, "complete, but not plated")
    ]
    return Repairs(drive, plate)


def is_due(ticket: Ticket, since: datetime) -> bool:
    """It has stood still since then for longer than its attempts so far make us wait."""
    return timezone.now() - since >= min(GRACE * (1 << ticket.attempts), LONGEST_WAIT)


def claim(ticket: Ticket) -> bool:
    """Count the attempt; True if the tray is to be driven, False if it is not ours to repair."""
    with transaction.atomic():
        if ticket.attempts >= MOST_ATTEMPTS:
            moves.take(ticket.tray_id)
            having = {"pk": ticket.pk, "parked_canvas": ticket.parked_canvas}
            if moves.move_tickets("quarantine", having=having):
                publish(told(TicketQuarantined, ticket, attempts=ticket.attempts))
            return False
        # As if driven already: its other tracks are not another reconciler's to repair.
        if not touch(ticket.tray, f"{ticket.zone_id} was never reached", driven_at=timezone.now()):
            return False
        Ticket.objects.filter(pk=ticket.pk).update(attempts=F("attempts") + 1)
    return True


def touch(tray: Tray, why: str, **also: datetime) -> bool:
    """Say that the tray is repaired: True for one of several reconcilers that saw it like this."""
    with transaction.atomic():
        if not Tray.objects.filter(pk=tray.pk, version=tray.version).update(
            version=F("version") + 1, touched_at=timezone.now(), **also
        ):
            return False
        publish(TrayRepaired(order_ref=tray.order_ref, tray_ref=tray.pk, tray=tray.number, why=why))
    return True
