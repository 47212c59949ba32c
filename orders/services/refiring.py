"""A guest sends something back, or it has fallen to the floor: it is cooked once more."""

from uuid import UUID

from django.db import transaction

from kitchen import services as kitchen
from orders.exceptions import UnknownLine
from orders.lifecycle import OrderState
from orders.models import Order
from orders.services.following import follow_kitchen, take
from orders.services.promising import PROMISED, promise_anew
from restaurant.errors import IllegalTransition

#: What is over; the table is clear, or nothing was cooked.
OVER = (OrderState.CLOSED, OrderState.CANCELLED)


def refire_line(order: Order, line: UUID, reason: str, by: str) -> None:
    """Have a line cooked once more; a ready or served order is preparing again.

    `by` is who says so. Raises UnknownLine, and what `kitchen.services.refire` raises.
    """
    with transaction.atomic():
        current = take(order.ref)
        wanted = current.lines.filter(pk=line).first()
        if wanted is None:
            raise UnknownLine(pointer="/line", line=str(line))
        if current.state in OVER:
            raise IllegalTransition(f"It is {current.state} already.", state=current.state)
        promised_at = kitchen.refire(current.ref, wanted.tray, line, reason, by)
        promise_anew(current, {wanted.tray: promised_at})
        current.version += 1
        current.save(update_fields=[*PROMISED, "version"])
        follow_kitchen(current.ref)
