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
    days = midnight(first), midnight(last + timedelta(days=1))
    closed = Q(closed_at__gte=days[0], closed_at__lt=days[1])
    cancelled = Q(cancelled_at__gte=days[0], cancelled_at__lt=days[1], state=OrderState.CANCELLED)
    ended = Order.objects.filter(closed | cancelled).order_by("number")
    for order in ended.prefetch_related("lines", "payments", "refunds").iterator(SLICE):
        bill = bill_of(order)
        if not bill.balance.due:
            yield bill


def midnight(day: date) -> datetime:
    """When the day begins on the house's clock."""
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())
