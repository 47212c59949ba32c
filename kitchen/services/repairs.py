"""The reconciler: which trays stand still, because a message was lost?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from kitchen import moves
from kitchen.events import TicketQuarantined, TrayRepaired
from kitchen.models import Ticket, Tray, queue_of
from kitchen.services.trays import CallOut, drive, plate
from restaurant.events.publish import publish

#: A message that has not come after this time is lost.
GRACE = timedelta(seconds=5)
#: After each attempt the reconciler waits twice as long, up to this.
LONGEST_WAIT = timedelta(seconds=60)
#: Then somebody must look at the ticket: the first five attempts take about two and a half minutes.
MOST_ATTEMPTS = 8
#: Where the head chef and the pass get their messages.
AT_THE_PASS = "pass"  # noqa: S105  a queue, no secret


def repair(call_out: CallOut, queue_is_empty: Callable[[str], bool]) -> None:
    """Drive what was never called out, and plate what is complete; two at once repair once.

    A message that still waits in its queue is late, not lost, and sending it again would only make
    a spike worse.
    """
    empty = cache(queue_is_empty)
    for ticket in Ticket.objects.standing_still(GRACE):
        if is_due(ticket) and empty(AT_THE_PASS) and claim(ticket):
            drive(ticket.tray_id, call_out)
    for tray in Tray.objects.complete_but_waiting(GRACE).prefetch_related("tickets"):
        queues = {AT_THE_PASS, *(queue_of(ticket.zone_id) for ticket in tray.tickets.all())}
        if all(map(empty, queues)) and touch(tray, "complete, but not plated"):
            plate(tray.pk, tray.canvas)


def is_due(ticket: Ticket) -> bool:
    """It has stood still for longer than its attempts so far make us wait."""
    wait = min(GRACE * (1 << ticket.attempts), LONGEST_WAIT)
    return timezone.now() - ticket.tray.driven_at >= wait


def claim(ticket: Ticket) -> bool:
    """Count the attempt; True if the tray is to be driven, False if it is not ours to repair."""
    with transaction.atomic():
        if ticket.attempts >= MOST_ATTEMPTS:
            moves.take(ticket.tray_id)
            having = {"pk": ticket.pk, "parked_canvas": ticket.parked_canvas}
            if moves.move_tickets("quarantine", having=having):
                publish(moves.told(TicketQuarantined, ticket, attempts=ticket.attempts))
            return False
        # As if driven already: its other tickets are not another reconciler's to repair.
        if not touch(ticket.tray, f"{ticket.zone_id} was never called", driven_at=timezone.now()):
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
