"""An order that goes before the others."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders.events import OrderRushed
from orders.lifecycle import OPEN
from orders.models import Order
from orders.services.following import take
from restaurant.errors import IllegalTransition
from restaurant.events.publish import publish


def rush_order(order: Order, *, by: str) -> None:
    """Tell the kitchen to cook it first. The same again changes nothing; raises IllegalTransition.

    `by` is who is in a hurry: a username.
    """
    with transaction.atomic():
        current = take(order.ref)
        if current.state not in OPEN:
            raise IllegalTransition(f"It is {current.state} already.", state=current.state)
        if current.rushed_at is None:
            Order.objects.filter(pk=current.pk).update(
                rushed_at=timezone.now(), version=F("version") + 1
            )
            trays = sorted({*order.lines.values_list("tray", flat=True)})
            publish(
                OrderRushed(order_ref=order.ref, version=current.version + 1, by=by, trays=trays)
            )
