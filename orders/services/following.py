"""An order after it was taken: it follows the kitchen, is served, or cancelled."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from kitchen import services as kitchen
from orders.events import OrderCancelled, OrderPreparing, OrderReady, OrderReopened, OrderServed
from orders.exceptions import NoSuchOrder
from orders.lifecycle import MOVES, OrderState
from orders.models import Order
from orders.services.bills import total_of
from orders.services.refunding import settle
from restaurant.errors import IllegalTransition
from restaurant.events.publish import publish

#: Why an order is cancelled by nobody.
NOTHING_TO_COOK = "The kitchen can make nothing of it."


def mark_preparing(order_ref: UUID) -> None:
    """The kitchen has begun."""
    with transaction.atomic(savepoint=False):
        if version := move(order_ref, "prepare"):
            publish(OrderPreparing(order_ref=order_ref, version=version))


def follow_kitchen(order_ref: UUID) -> None:
    """Bring the order to where its trays are now, whatever the news that led here said.

    News may come late, twice or in the wrong order; the kitchen's rows are asked, after the
    order's own row was taken, so that of two last trays one sees the other.
    """
    with transaction.atomic(savepoint=False):
        take(order_ref)
        trays = kitchen.progress([order_ref])[order_ref].trays.values()
        if not trays:
            return
        states, now = {tray.state for tray in trays} - {"void"}, timezone.now()
        if not states:
            cancel(order_ref, NOTHING_TO_COOK)
        elif states <= {"ready", "served"}:
            if version := move(order_ref, "make_ready", ready_at=now):
                publish(OrderReady(order_ref=order_ref, version=version), at=now)
        elif version := move(order_ref, "reopen", ready_at=None, served_at=None):
            publish(OrderReopened(order_ref=order_ref, version=version))
        if states != {"served"}:
            return
        if version := move(order_ref, "serve", served_at=now):
            publish(OrderServed(order_ref=order_ref, version=version), at=now)


def cancel_order(order: Order, reason: str) -> bool:
    """Cook nothing more of it. The same again changes nothing: False; raises IllegalTransition."""
    with transaction.atomic():
        if not cancel(order.ref, reason):
            order.refresh_from_db()
            if order.state == OrderState.CANCELLED:
                return False
            raise IllegalTransition(f"It is {order.state} already.", state=order.state)
        lines = [
            kitchen.Wanted(line.id, line.item, line.quantity, line.tray, line.counted)
            for line in order.lines.filter(cancelled_at=None)
        ]
        gone = kitchen.void(order.ref, order.label, lines, reason)
        order.lines.filter(pk__in=gone).update(cancelled_at=timezone.now())
        current = Order.objects.get(ref=order.ref)
        current.total = total_of(current.lines.filter(cancelled_at=None))
        current.save(update_fields=["total"])
        settle(current, reason)
    return True


def cancel(order_ref: UUID, reason: str) -> bool:
    """Make the move and say so; False if it is not legal from the present state."""
    now = timezone.now()
    version = move(order_ref, "cancel", cancelled_at=now, cancel_reason=reason)
    if not version:
        return False
    publish(OrderCancelled(order_ref=order_ref, version=version, reason=reason), at=now)
    return True


def find_order(order_ref: UUID, user: Any) -> Order:
    """The order if this user may see it; raises NoSuchOrder."""
    order = Order.objects.visible_to(user).filter(ref=order_ref).first()
    if order is None:
        raise NoSuchOrder()
    return order


def take(order_ref: UUID) -> Order:
    """The order's row until the commit: whoever counts its trays takes it first."""
    return Order.objects.select_for_update().get(ref=order_ref)


def move(order_ref: UUID, verb: str, **also: Any) -> int:
    """The one writer of an order's state: make the move if it is legal from the present state.

    The order's new version; 0 if it is not legal.
    """
    legal = MOVES[verb]
    moved = Order.objects.filter(ref=order_ref, state__in=legal.sources).update(
        state=legal.to, version=F("version") + 1, **also
    )
    if not moved:
        return 0
    # The row is ours until the commit.
    return Order.objects.values_list("version", flat=True).get(ref=order_ref)
