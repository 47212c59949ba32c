"""The reconciler's eyes: which trays stand still, because a message was lost?"""

from dataclasses import dataclass
from datetime import timedelta
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


def find_repairs() -> Repairs:
    """Claim what stands still, so that two reconcilers at once repair it once."""
    drive: list[UUID] = []
    for ticket, since in Ticket.objects.standing_still(GRACE):
        if timezone.now() - since >= min(GRACE * (1 << ticket.attempts), LONGEST_WAIT) and claim(ticket):
            drive.append(ticket.tray_id)
    plate = []
    for tray in Tray.objects.complete_but_waiting(GRACE):
        with transaction.atomic():
            if touch(tray):
                repaired(tray, "complete, but not plated")
                plate.append((tray.pk, tray.canvas))
    return Repairs(list(dict.fromkeys(drive)), plate)


def claim(ticket: Ticket) -> bool:
    """Count the attempt; True if the tray is to be driven, False if it is not ours to repair."""
    with transaction.atomic():
        if not touch(ticket.tray):
            return False
        if ticket.attempts >= MOST_ATTEMPTS:
            if moves.move_tickets("quarantine", having={"pk": ticket.pk}):
                publish(told(TicketQuarantined, ticket, attempts=ticket.attempts))
            return False
        Ticket.objects.filter(pk=ticket.pk).update(attempts=F("attempts") + 1)
        repaired(ticket.tray, f"{ticket.zone_id} was never reached")
    return True


def touch(tray: Tray) -> bool:
    """True for one of several reconcilers that saw the tray at this version."""
    return bool(
        Tray.objects.filter(pk=tray.pk, version=tray.version).update(
            version=F("version") + 1, touched_at=timezone.now()
        )
    )


def repaired(tray: Tray, why: str) -> None:
    publish(TrayRepaired(order_ref=tray.order_ref, tray_ref=tray.pk, tray=tray.number, why=why))
