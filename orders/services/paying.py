"""Taking money for an order, and closing it once the table is clear."""

from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders.billing import Balance, rounded
from orders.cards import names_a_card
from orders.events import OrderClosed, OrderPaid, OrderPaymentTaken
from orders.exceptions import CardNumber, MoreThanDue, NothingDue, NotPaid
from orders.lifecycle import OrderState
from orders.models import Order, Payment
from orders.services.bills import bill_of
from orders.services.following import move, take
from restaurant.errors import IllegalTransition
from restaurant.events.publish import publish


@dataclass(frozen=True)
class Tender:
    """What a guest hands over; `reference` is the number of a slip, `id` the payment's to be."""

    method: str
    amount: Decimal
    reference: str = ""
    id: UUID = field(default_factory=uuid4)


def pay_order(order: Order, tender: Tender, *, by: str) -> Payment:
    """Take it, for all of what is due or for a part; of more cash than that change is given.

    `by` is the user who takes it. The same `id` again changes nothing. Two at once take no more
    than is due: each waits for the order's row. Raises CardNumber, IllegalTransition,
    NothingDue, MoreThanDue.
    """
    if names_a_card(tender.reference):
        raise CardNumber(pointer="/reference")
    with transaction.atomic():
        current = take(order.ref)
        if known := current.payments.filter(pk=tender.id).first():
            return known
        if current.state == OrderState.CLOSED:
            raise IllegalTransition("It is closed already.", state=current.state)
        balance = bill_of(current).balance
        payment = Payment.objects.create(
            id=tender.id,
            order=current,
            method=tender.method,
            amount=kept_of(tender, balance.due),
            tendered=rounded(tender.amount),
            reference=tender.reference,
            taken_by=by,
        )
        tell(current, payment, balance)
    return payment


def kept_of(tender: Tender, due: Decimal) -> Decimal:
    """What of it counts towards the bill."""
    if not due:
        raise NothingDue()
    if tender.amount > due and tender.method != Payment.Method.CASH:
        raise MoreThanDue(due=str(due))
    return min(rounded(tender.amount), due)


def tell(order: Order, payment: Payment, before: Balance) -> None:
    """Raise the order's version, and say what was paid."""
    Order.objects.filter(pk=order.pk).update(version=F("version") + 1)
    version, due = order.version + 1, before.due - payment.amount
    publish(
        OrderPaymentTaken(
            order_ref=order.ref,
            version=version,
            payment=payment.pk,
            method=payment.method,
            amount=str(payment.amount),
            change=str(payment.change),
            due=str(due),
            by=payment.taken_by,
        )
    )
    if not due:
        publish(OrderPaid(order_ref=order.ref, version=version, total=str(before.total)))


def close_order(order: Order) -> bool:
    """The table is clear. The same again changes nothing: False.

    Raises IllegalTransition, NotPaid. What is still to be given back keeps no table.
    """
    with transaction.atomic():
        current = take(order.ref)
        if current.state == OrderState.CLOSED:
            return False
        version = move(order.ref, "close", closed_at=timezone.now())
        if not version:
            raise IllegalTransition(f"It is {current.state}, not served.", state=current.state)
        if due := bill_of(current).balance.due:
            raise NotPaid(due=str(due))
        publish(OrderClosed(order_ref=order.ref, version=version))
    return True
