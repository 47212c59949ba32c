"""What was paid and is not owed any more."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders.events import OrderPaid, OrderRefundDue, OrderRefunded
from orders.models import Order, Refund
from orders.services.bills import bill_of
from restaurant.events.publish import publish

MOST_WORDS = 500


def settle(order: Order, reason: str) -> None:
    """Lines were cancelled: promise to give back what was paid beyond what is owed by now.

    If what is owed was paid just so, say that nothing is left to pay. Call it in the transaction in
    which that has become less, after it was written; the order's row is taken.
    """
    balance = bill_of(order).balance
    surplus = balance.surplus
    if not surplus:
        if balance.paid > balance.refunded and not balance.due:
            total = str(balance.total)
            publish(OrderPaid(order_ref=order.ref, version=order.version, total=total))
        return
    refund = Refund.objects.create(order=order, amount=surplus, reason=reason[:MOST_WORDS])
    publish(
        OrderRefundDue(
            order_ref=order.ref,
            version=order.version,
            refund=refund.pk,
            amount=str(surplus),
            reason=refund.reason,
        )
    )


def pay_back(refund: Refund, *, by: str) -> bool:
    """Note that the guest has the money. The same again changes nothing: False."""
    with transaction.atomic():
        # As everywhere the order's row comes first.
        order = Order.objects.select_for_update().get(pk=refund.order_id)
        due = Refund.objects.due().filter(pk=refund.pk)
        if not due.update(paid_back_at=timezone.now(), paid_back_by=by):
            return False
        Order.objects.filter(pk=order.pk).update(version=F("version") + 1)
        publish(
            OrderRefunded(
                order_ref=order.ref,
                version=order.version + 1,
                refund=refund.pk,
                amount=str(refund.amount),
                by=by,
            )
        )
    return True


def count_refunds_due() -> int:
    return Refund.objects.due().count()
