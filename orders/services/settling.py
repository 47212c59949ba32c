"""What the house owes the shops, and they the house: of orders that nothing changes any more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from orders.billing import Amounts
from orders.lifecycle import OrderState
from orders.models import Order
from orders.services.bills import Bill, bill_of

#: Orders that are read at once.
SLICE = 500


@dataclass(frozen=True)
class Settled:
    """How many orders had a line of the shop, and what its lines came to on their bills."""

    orders: int
    amounts: Amounts


def settle_shops(first: date, last: date) -> dict[str, Settled]:
    """For each shop its part of the orders that ended on these days of the house, and were paid.

    The house's own is under an empty code.
    """
    settled: dict[str, Settled] = {}
    for bill in bills_that_ended(first, last):
        for shop, amounts in bill.shops.items():
            before = settled.get(shop, Settled(0, Amounts()))
            settled[shop] = Settled(before.orders + 1, before.amounts + amounts)
    return dict(sorted(settled.items()))


def bills_that_ended(first: date, last: date) -> Iterator[Bill]:
    """Of closed orders, which are paid; and of cancelled ones if what was served of them is."""
    days = (midnight(first), midnight(last + timedelta(days=1)))
    touched = (
        Q(closed_at__range=days)
        | Q(state=OrderState.CANCELLED, cancelled_at__range=days)
        | Q(state=OrderState.CANCELLED, payments__taken_at__range=days)
    )
    orders = Order.objects.filter(touched).distinct().order_by("number")
    for order in orders.prefetch_related("lines", "payments", "refunds").iterator(SLICE):
        bill = bill_of(order)
        if not bill.balance.due and days[0] <= ended_at(bill) < days[1]:
            yield bill


def ended_at(bill: Bill) -> datetime:
    """When the last thing happened that the bill depends on."""
    if bill.order.closed_at:
        return bill.order.closed_at
    cancelled_at = bill.order.cancelled_at or bill.order.placed_at
    return max([cancelled_at, *(payment.taken_at for payment in bill.payments)])


def midnight(day: date) -> datetime:
    """When the day begins on the house's clock."""
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())
