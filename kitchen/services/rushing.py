"""Somebody is in a hurry."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from kitchen import moves
from kitchen.exceptions import NotOpenedYet
from kitchen.lifecycle import TicketState, TrayState
from kitchen.models import Ticket, Tray
from kitchen.services.trays import fire
from restaurant.events.publish import publish

#: What waits for its cook.
IN_LINE = (TicketState.HELD, TicketState.FIRED)
#: By so much the first hurry stands before all that can wait; room for those that follow.
AHEAD = timedelta(seconds=10)


def rush(order_ref: UUID, numbers: Collection[int]) -> None:
    """Put what is left of the order before everything else that waits, behind earlier hurries.

    What of it waits for the rest of its tray is fired; a later course is in a hurry once it is
    called for. Raises NotOpenedYet when it is heard before the order itself, of which these are
    the trays; then it is told again.
    """
    with transaction.atomic(savepoint=False):
        trays = moves.take_order(order_ref)
        # A tray that was changed before the kitchen heard of its order is not opened yet.
        known = (tray for tray in trays if tray.canvas > 0 or tray.state == TrayState.VOID)
        opened = {tray.number for tray in known}
        if not opened or len(opened) < len(trays) or not opened.issuperset(numbers):
            raise NotOpenedYet()
        waiting = [tray for tray in trays if tray.state == TrayState.WAITING and not tray.rushed_at]
        put_in_front([tray for tray in waiting if not tray.held_back])
        Tray.objects.filter(pk__in=[tray.pk for tray in waiting]).update(rushed_at=timezone.now())
        publish(*moves.changed(tray for tray in waiting if not tray.held_back))


def put_in_front(trays: Collection[Tray]) -> None:
    """All that waits of these trays, which are taken, comes before what can wait, and is fired."""
    Ticket.objects.filter(tray__in=trays, state__in=IN_LINE).update(fire_at=place_in_front())
    fire(Ticket.objects.may_fire().filter(tray__in=trays).select_related("tray"))


def place_in_front() -> datetime:
    """Half way between the last hurry and the first ticket that can wait."""
    now = timezone.now()
    in_line = Ticket.objects.filter(finished_at=None, state__in=IN_LINE, tray__held_back=False)
    found = in_line.aggregate(
        patient=Min("fire_at", filter=Q(tray__rushed_at=None)),
        urgent=Max("fire_at", filter=Q(tray__rushed_at__isnull=False)),
    )
    first: datetime = min(found["patient"] or now, now)
    last = found["urgent"] or first - AHEAD
    return first - abs(first - last) / 2
