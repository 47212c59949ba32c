"""What was paid and is not owed any more is given back, and that is written down."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from conftest import open_trays
from kitchen.models import MenuItem, RecipeStep
from orders import services
from orders.billing import NOTHING
from orders.models import Order, Refund
from orders.services import Change, NewLine, Tender
from orders.services.refunding import settle
from orders.tasks import drop_line
from restaurant.errors import DomainError
from restaurant.events.models import EventRecord

Place = Callable[..., Order]


def pay(order: Order, amount: str | Decimal, method: str = "cash") -> None:
    services.pay_order(order, Tender(method, Decimal(amount)), by="somchai")


def told(order: Order, name: str) -> list[dict[str, Any]]:
    events = EventRecord.objects.about(order.ref).filter(name=name)
    return [{key: event.data[key] for key in event.data if key != "order_ref"} for event in events]


def test_a_line_that_is_cancelled_after_it_was_paid_is_paid_back(
    place: Place, client_of: Callable[..., APIClient]
) -> None:
    order = place("tom-yum", "water")
    pay(order, "130.00")
    services.cancel_line(order, order.lines.get(item="tom-yum").pk)
    refund = Refund.objects.get()
    assert f"{refund.amount} {refund.reason}" == "120.00 1 × Tom Yum"
    assert told(order, "order.refund_due") == [
        {"version": 3, "refund": str(refund.pk), "amount": "120.00", "reason": "1 × Tom Yum"}
    ]
    bill = client_of("waiter").get(f"/api/v1/orders/{order.ref}/bill/").json()
    sums = [bill[name] for name in ("total", "paid", "refunded", "due")]
    assert sums == ["10.00", "130.00", "120.00", "0.00"]
    made_at = refund.made_at.isoformat().replace("+00:00", "Z")
    assert bill["refunds"] == [
        {
            "id": str(refund.pk),
            "amount": "120.00",
            "reason": "1 × Tom Yum",
            "made_at": made_at,
            "paid_back_at": None,
        }
    ]


def test_an_order_that_is_cancelled_after_it_was_paid_is_paid_back(place: Place) -> None:
    order = place("tom-yum", "water")
    pay(order, "100.00", "card")
    services.cancel_order(order, "no time to eat")
    refund = Refund.objects.get()
    assert f"{refund.amount} {refund.reason}" == "100.00 no time to eat"
    assert not services.cancel_order(order, "once more")
    assert Refund.objects.count() == 1


def test_what_was_not_paid_is_not_paid_back(place: Place) -> None:
    order = place("tom-yum", "water")
    services.cancel_line(order, order.lines.get(item="water").pk)
    pay(order, "20.00")
    services.change_order(
        order.ref, lambda now, kitchen: True, Change(add=[NewLine("thai-tea", 1, 2)])
    )
    services.cancel_line(order, order.lines.get(item="thai-tea").pk)
    assert not Refund.objects.exists()
    services.cancel_order(order, "no time")
    assert Refund.objects.get().amount == 20


def test_a_line_that_the_kitchen_can_not_make_is_paid_back(place: Place) -> None:
    order = place("crab", "water")
    pay(order, "360.00")
    RecipeStep.objects.filter(item="crab").delete()
    open_trays(order)
    event = EventRecord.objects.get(name="line.refused")
    for _ in range(2):
        drop_line(event_id=event.pk, **event.data)
    refund = Refund.objects.get()
    assert f"{refund.amount} {refund.reason}" == "350.00 1 × Crab"


def test_with_the_charges_of_the_line(place: Place) -> None:
    services.change_bill_settings(
        service_percent=Decimal(10), vat_percent=Decimal(7), prices_include_vat=False
    )
    order = place("tom-yum", "water", channel="dine_in", table="A3")
    # 130 + 13 + 10.01; 10 + 1 + 0.77 are left
    pay(order, "153.01")
    services.cancel_line(order, order.lines.get(item="tom-yum").pk)
    assert Refund.objects.get().amount == Decimal("141.24")


def test_a_refund_is_paid_back_once(place: Place) -> None:
    order = place("tom-yum")
    pay(order, "120.00")
    services.cancel_order(order, "no time")
    refund = Refund.objects.get()
    assert services.count_refunds_due() == 1
    assert services.pay_back(refund, by="somsri")
    assert not services.pay_back(refund, by="somchai")
    refund.refresh_from_db()
    assert refund.paid_back_at is not None
    assert refund.paid_back_by == "somsri"
    order.refresh_from_db()
    assert told(order, "order.refunded") == [
        {
            "version": order.version,
            "refund": str(refund.pk),
            "amount": "120.00",
            "by": "somsri",
        }
    ]
    assert services.count_refunds_due() == 0


def test_a_refund_that_waits_keeps_no_table(served: Place) -> None:
    order = served("tom-yum")
    pay(order, "120.00")
    order.lines.update(unit_price=100)
    with transaction.atomic():
        settle(Order.objects.get(), "it was cold")
    assert services.close_order(order)
    assert services.pay_back(Refund.objects.get(), by="somsri")
    order.refresh_from_db()
    assert order.state == "closed"


# Whatever guests, waiters and managers do


@contextmanager
def undone() -> Iterator[None]:
    """Each walk begins in the same house."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


some = st.integers(0, 1000)
satang = st.integers(1, 100_000).map(lambda number: Decimal(number) / 100)
steps = st.one_of(
    st.tuples(st.just("pay"), satang, st.sampled_from(["cash", "card", "promptpay"])),
    st.tuples(st.just("pay all"), st.sampled_from(["cash", "card"])),
    st.tuples(st.just("add"), satang, st.integers(1, 9)),
    st.tuples(st.just("cancel line"), some),
    st.tuples(st.just("pay back"), some),
    st.tuples(st.just("cancel order")),
)
percents = st.decimals(0, 25, places=2)


class Guests:
    """They do one thing after the other; what is refused changes nothing."""

    def __init__(self, order: Order) -> None:
        self.order = order

    def do(self, what: str, *how: Any) -> None:
        with suppress(DomainError):
            getattr(self, what.replace(" ", "_"))(*how)

    def pay(self, amount: Decimal, method: str) -> None:
        pay(self.order, amount, method)

    def pay_all(self, method: str) -> None:
        pay(self.order, services.read_bill(self.order).balance.due, method)

    def add(self, price: Decimal, quantity: int) -> None:
        MenuItem.objects.filter(pk="water").update(price=price)
        new = NewLine("water", quantity, 1)
        services.change_order(self.order.ref, lambda now, kitchen: True, Change(add=[new]))

    def cancel_line(self, which: int) -> None:
        lines = list(self.order.lines.all())
        services.cancel_line(self.order, lines[which % len(lines)].pk)

    def pay_back(self, which: int) -> None:
        if refunds := list(self.order.refunds.all()):
            services.pay_back(refunds[which % len(refunds)], by="x")

    def cancel_order(self) -> None:
        services.cancel_order(self.order, "no time")


def sums_match(order: Order) -> None:
    """To the satang, in the rows, on the bill, and in what was said."""
    bill, now = services.read_bill(order), Order.objects.get(pk=order.pk)
    balance = bill.balance
    assert balance.due >= 0
    assert balance.total == balance.paid - balance.refunded + balance.due
    assert balance.surplus == 0
    assert (
        bill.amounts.subtotal == now.total == sum((line.price for line, _ in bill.lines), NOTHING)
    )
    assert sum((of_line.total for _, of_line in bill.lines), NOTHING) == balance.total
    taken = told(order, "order.payment_taken")
    assert sum((Decimal(one["amount"]) for one in taken), NOTHING) == balance.paid
    owed = told(order, "order.refund_due")
    assert sum((Decimal(one["amount"]) for one in owed), NOTHING) == balance.refunded
    given = sum((refund.amount for refund in bill.refunds if refund.paid_back_at), NOTHING)
    back = told(order, "order.refunded")
    assert sum((Decimal(one["amount"]) for one in back), NOTHING) == given
    kept = [payment.tendered - payment.change for payment in bill.payments]
    assert kept == [payment.amount for payment in bill.payments]


@pytest.mark.timeout(300)
def test_whatever_is_paid_cancelled_and_paid_back_all_sums_match(place: Place) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(percents, percents, st.booleans(), st.lists(steps, max_size=12))
    def walk(service: Decimal, vat: Decimal, included: bool, walked: list[Any]) -> None:
        with undone():
            services.change_bill_settings(
                service_percent=service, vat_percent=vat, prices_include_vat=included
            )
            order = place("tom-yum", "thai-tea", channel="dine_in", table="A3")
            guests = Guests(order)
            for step in walked:
                guests.do(*step)
                sums_match(order)

    walk()
