"""Between the house and its shops: of orders that are paid, and that nothing changes any more."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders import services as orders
from orders.models import Order
from orders.services import Tender, settle_shops

pytestmark = pytest.mark.usefixtures("food_court")
Served = Callable[..., Order]


def today() -> date:
    return timezone.localdate()


def paid_and_closed(order: Order) -> Order:
    orders.pay_order(order, Tender("cash", orders.read_bill(order).balance.due), by="somchai")
    orders.close_order(order)
    return order


def totals() -> dict[str, tuple[int, Decimal]]:
    found = settle_shops(today(), today())
    return {shop: (one.orders, one.amounts.total) for shop, one in found.items()}


def test_shops_settle_by_the_orders_that_were_closed(served: Served) -> None:
    charges = {"service_percent": Decimal(10), "prices_include_vat": False}
    orders.change_bill_settings(**charges)
    closed = [
        paid_and_closed(served("tom-yum", "water", "gai-yang", channel="dine_in", table="A1")),
        paid_and_closed(served("thai-tea")),
    ]
    served("water")
    found = settle_shops(today(), today())
    assert {shop: one.orders for shop, one in found.items()} == {"": 1, "krua": 1, "nam": 2}
    bills = [orders.read_bill(order) for order in closed]
    for name in ("subtotal", "service_charge", "vat", "total"):
        parts = sum(getattr(one.amounts, name) for one in found.values())
        assert parts == sum(getattr(bill.amounts, name) for bill in bills)
    assert sum(one.amounts.total for one in found.values()) == sum(b.balance.paid for b in bills)


def test_what_was_refunded_is_in_no_part(opened: Any, place: Any) -> None:
    order = opened("tom-yum", "water")
    orders.pay_order(order, Tender("cash", Decimal(130)), by="somchai")
    orders.cancel_line(order, order.lines.get(item="water").pk)
    Order.objects.update(state="served")
    orders.close_order(Order.objects.get())
    assert order.refunds.get().amount == Decimal(10)
    assert totals() == {"krua": (1, Decimal("120.00"))}


def test_of_a_cancelled_order_counts_what_was_served_once_it_is_paid(opened: Any) -> None:
    order = opened("tom-yum", "water")
    order.lines.filter(item="tom-yum").update(cancelled_at=timezone.now())
    yesterday = today() - timedelta(days=1)
    long_ago = timezone.now() - timedelta(days=1)
    Order.objects.update(state="cancelled", cancelled_at=long_ago)
    assert settle_shops(yesterday, yesterday) == {}
    for part in (4, 6):
        assert totals() == {}
        orders.pay_order(order, Tender("cash", Decimal(part)), by="somchai")
    assert totals() == {"nam": (1, Decimal("10.00"))}
    assert settle_shops(yesterday, yesterday) == {}
    order.payments.update(taken_at=long_ago - timedelta(minutes=1))
    assert set(settle_shops(yesterday, yesterday)) == {"nam"}
    assert totals() == {}


def test_days_are_those_of_the_house(served: Served) -> None:
    order = paid_and_closed(served("water"))
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    Order.objects.filter(pk=order.pk).update(closed_at=midnight)
    assert set(totals()) == {"nam"}
    Order.objects.filter(pk=order.pk).update(closed_at=midnight - timedelta(microseconds=1))
    assert totals() == {}
    yesterday = today() - timedelta(days=1)
    assert set(settle_shops(yesterday, yesterday)) == {"nam"}


def test_the_command_tells_it_as_a_table(served: Served) -> None:
    paid_and_closed(served("tom-yum", ("thai-tea", 1)))
    days = ["--from", str(today()), "--to", str(today())]
    said = StringIO()
    call_command("settle_shops", *days, "--csv", stdout=said)
    assert said.getvalue().splitlines() == [
        "shop,orders,subtotal,service_charge,vat,total",
        "krua,1,120.00,0.00,7.85,120.00",
        "nam,1,45.00,0.00,2.94,45.00",
    ]
    call_command("settle_shops", *days, stdout=said)
    assert "krua" in said.getvalue().partition("45.00")[2]
    with pytest.raises(CommandError, match="before the first"):
        call_command("settle_shops", "--from", "2026-11-02", "--to", "2026-11-01")
