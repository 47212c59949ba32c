"""Handing an order to its guests."""

from django.db import transaction

from kitchen import services as kitchen
from orders.exceptions import NoSuchTray
from orders.lifecycle import OrderState
from orders.models import Order
from orders.services.courses import follow_guests
from orders.services.following import follow_kitchen, take
from restaurant.errors import IllegalTransition


def serve_order(order: Order, tray: int | None = None) -> bool:
    """Hand one tray, or the whole order, to the guest. The same again changes nothing: False."""
    with transaction.atomic():
        current = take(order.ref)
        if tray is not None and not current.lines.filter(tray=tray).exists():
            raise NoSuchTray(tray=tray)
        if current.state == OrderState.CANCELLED:
            raise IllegalTransition("It was cancelled.", state=current.state)
        served = kitchen.serve(order.ref, tray)
        follow_kitchen(order.ref)
        follow_guests(order.ref)
    return served
