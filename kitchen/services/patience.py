"""What stands at the pass for too long: a part whose tray still waits, a tray nobody serves."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kitchen import moves
from kitchen.events import PartWaited, TrayWaited
from kitchen.models import KitchenSettings, Ticket, Tray
from restaurant.events.publish import publish


def watch_pass() -> None:
    """Tell once of each that has stood there for longer than the limit, by the house's clock."""
    house = KitchenSettings.current()
    limit = house.pass_limit_seconds
    since = timezone.now() - timedelta(seconds=limit / house.time_scale)
    for ticket in Ticket.objects.at_the_pass_since(since).to_show().select_related("tray"):
        tell_of_part(ticket, limit)
    for tray in Tray.objects.at_the_pass_since(since):
        tell_of_tray(tray, limit)


def tell_of_part(ticket: Ticket, limit: int) -> None:
    """Of two who see it at once one tells; a part that was recalled meanwhile does not wait."""
    with transaction.atomic():
        seen = Ticket.objects.filter(pk=ticket.pk, done_at=ticket.done_at, over_limit_at=None)
        if seen.update(over_limit_at=timezone.now()):
            publish(moves.told(PartWaited, ticket, limit_seconds=limit))


def tell_of_tray(tray: Tray, limit: int) -> None:
    with transaction.atomic():
        seen = Tray.objects.filter(pk=tray.pk, ready_at=tray.ready_at, over_limit_at=None)
        if seen.update(over_limit_at=timezone.now()):
            publish(
                TrayWaited(
                    order_ref=tray.order_ref,
                    tray_ref=tray.pk,
                    tray=tray.number,
                    limit_seconds=limit,
                )
            )
