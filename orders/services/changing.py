"""Changing an order that is on its way."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from kitchen import services as kitchen
from orders.events import OrderChanged
from orders.lifecycle import OrderState
from orders.models import Order
from orders.services.following import take
from orders.services.placing import kitchen_note
from restaurant.errors import IllegalTransition, VersionMismatch
from restaurant.events.publish import publish

#: Afterwards nobody cooks who could read them.
CHANGEABLE = (OrderState.PLACED, OrderState.PREPARING)

Known = Callable[[Order, kitchen.Progress], bool]


def change_notes(order_ref: UUID, is_known: Known, **notes: Any) -> None:
    """Set `note`, `allergies` or both, for as long as the kitchen is at it.

    `is_known` says whether the caller has seen the order as it is. Raises VersionMismatch,
    IllegalTransition.
    """
    with transaction.atomic():
        order = take(order_ref)
        if not is_known(order, kitchen.progress([order_ref])[order_ref]):
            raise VersionMismatch()
        if order.state not in CHANGEABLE:
            raise IllegalTransition(f"It is {order.state} already.", state=order.state)
        for name, value in notes.items():
            setattr(order, name, value)
        order.version += 1
        Order.objects.filter(pk=order.pk).update(version=F("version") + 1, **notes)
        lines = order.lines.all()
        publish(
            OrderChanged(
                order_ref=order_ref,
                version=order.version,
                notes={str(line.pk): kitchen_note(order, line.note) for line in lines},
                allergies=order.allergies,
            )
        )
