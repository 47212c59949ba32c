"""Many who pay, cancel and close at one moment, from separate processes, and negative controls."""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import BrokenBarrierError
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from rest_framework.test import APIClient

from conftest import open_trays
from kitchen.models import MenuItem
from orders import services
from orders.models import Order, Payment, Refund
from orders.services import Bill, paying
from tests.at_once import TURN, at_once

pytestmark = pytest.mark.django_db(transaction=True)

GUESTS = 20
Place = Callable[..., Order]
Answer = tuple[int, str]


@pytest.fixture(autouse=True)
def warm(menu: dict[str, MenuItem]) -> None:
    """Load the product once, before it is forked: what races is the payments, not the imports."""
    assert APIClient().get("/api/v1/menu/").status_code == 200


def ask(client: APIClient, ref: UUID, verb: str, key: str = "", **body: Any) -> Answer:
    """Status and problem code."""
    answer = client.post(
        f"/api/v1/orders/{ref}/{verb}/",
        body,
        format="json",
        headers={"Idempotency-Key": key or uuid4().hex},
    )
    return answer.status_code, answer.json().get("code", "")


def pay(client: APIClient, order: Order, amount: str, method: str = "card", key: str = "") -> Any:
    return partial(ask, client, order.ref, "pay", key, method=method, amount=amount)


def read_together(read: Callable[[Order], Bill], guests: int) -> Callable[[Order], Bill]:
    """Nobody acts on the bill before all have read it; who can't read it is not waited for."""
    all_have_read = multiprocessing.get_context("fork").Barrier(guests)

    def bill_of(order: Order) -> Bill:
        bill = read(order)
        with suppress(BrokenBarrierError):
            all_have_read.wait(TURN)
        return bill

    return bill_of


def test_twenty_payments_at_once_never_exceed_the_total(
    client_of: Callable[..., APIClient], place: Place
) -> None:
    order, waiter = place("tom-yum"), client_of("waiter")
    answers = at_once([pay(waiter, order, "25.00") for _ in range(GUESTS)])
    # Four times 25 of 120; the fifth would be more than is due.
    assert Counter(answers) == {(200, ""): 4, (409, "more_than_due"): GUESTS - 4}
    balance = services.read_bill(order).balance
    assert f"{balance.paid} {balance.due}" == "100.00 20.00"


def test_of_twenty_who_pay_in_cash_at_once_each_satang_is_kept_once(
    client_of: Callable[..., APIClient], place: Place
) -> None:
    order, waiter = place("tom-yum"), client_of("waiter")
    answers = at_once([pay(waiter, order, "50.00", "cash") for _ in range(GUESTS)])
    assert Counter(answers) == {(200, ""): 3, (409, "nothing_due"): GUESTS - 3}
    kept = sorted(f"{payment.amount} {payment.change}" for payment in Payment.objects.all())
    assert kept == ["20.00 30.00", "50.00 0.00", "50.00 0.00"]


@pytest.mark.parametrize("waits", [True, False])
def test_control_who_does_not_wait_for_the_row_takes_more_than_is_due(
    client_of: Callable[..., APIClient],
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    waits: bool,
) -> None:
    def look(order_ref: UUID) -> Order:
        return Order.objects.get(ref=order_ref)

    if not waits:
        monkeypatch.setattr(paying, "take", look)
    monkeypatch.setattr(paying, "bill_of", read_together(services.bill_of, guests=2))
    order, waiter = place("tom-yum"), client_of("waiter")
    at_once([pay(waiter, order, "100.00") for _ in range(2)])
    paid = sum(payment.amount for payment in Payment.objects.all())
    # SQLite has one writer at a time: nobody looks before another has paid.
    assert (paid > 120) == (connection.vendor == "postgresql" and not waits)


def test_twenty_times_the_same_payment_at_once_is_one(
    client_of: Callable[..., APIClient], place: Place
) -> None:
    order, waiter, key = place("tom-yum"), client_of("waiter"), uuid4().hex
    answers = at_once([pay(waiter, order, "1.00", key=key)] * GUESTS)
    assert set(answers) <= {(200, ""), (409, "idempotency_in_progress")}
    assert Payment.objects.count() == 1


def test_who_pays_while_the_order_is_cancelled_is_refused_or_gets_it_back(
    client_of: Callable[..., APIClient], place: Place
) -> None:
    waiter = client_of("waiter")
    orders = [place("tom-yum") for _ in range(6)]
    for order in orders:
        open_trays(order)
    calls: list[Callable[[], Answer]] = []
    for order in orders:
        calls += [
            pay(waiter, order, "120.00"),
            partial(ask, waiter, order.ref, "cancel", reason="gone"),
        ]
    answers = at_once(calls)
    assert [answer for answer in answers[1::2] if answer != (200, "")] == []
    for order, answer in zip(orders, answers[::2], strict=True):
        balance = services.read_bill(order).balance
        assert answer in {(200, ""), (409, "nothing_due")}
        assert balance.paid == balance.refunded == (120 if answer == (200, "") else 0)
        assert balance.due == 0


def test_of_many_who_pay_back_a_refund_one_does(place: Place) -> None:
    order = place("tom-yum")
    services.pay_order(order, services.Tender("card", order.total), by="x")
    services.cancel_order(order, "gone")
    refund = Refund.objects.get()
    answers = at_once([partial(services.pay_back, refund, by="x")] * 10)
    assert Counter(answers) == {True: 1, False: 9}
    order.refresh_from_db()
    # Paid, cancelled, paid back.
    assert order.version == 4


def test_who_orders_more_while_the_table_is_closed_is_refused_or_it_stays_open(
    client_of: Callable[..., APIClient], served: Place
) -> None:
    """Of a dish that is sent back at this moment: it is cooked again, or the table is closed."""
    waiter = client_of("waiter")
    orders = [served("water") for _ in range(4)]
    calls: list[Callable[[], Answer]] = []
    for order in orders:
        services.pay_order(order, services.Tender("cash", order.total), by="x")
        line = str(order.lines.get().pk)
        calls += [
            partial(ask, waiter, order.ref, "close"),
            partial(ask, waiter, order.ref, "refire", line=line, reason="warm"),
        ]
    answers = at_once(calls)
    for order, closed, refired in zip(orders, answers[::2], answers[1::2], strict=True):
        order.refresh_from_db()
        done = {(200, ""): "closed", (409, "illegal_transition"): "preparing"}
        assert order.state == done[closed]
        assert {closed, refired} == set(done)
