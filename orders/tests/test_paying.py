"""Guests pay, in one part or in several, and the table is cleared."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from conftest import assert_problem, new_key
from orders import services
from orders.models import Order, Payment
from restaurant.events.models import EventRecord
from restaurant.idempotency.models import StoredAnswer

Place = Callable[..., Order]
Pay = Callable[..., Any]


@pytest.fixture
def waiter(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("waiter")


@pytest.fixture
def pay(waiter: APIClient) -> Pay:
    """`pay(order, "cash", "50.00")`: what the waiter is answered."""

    def make(order: Order, method: str, amount: Any, key: str = "", **more: Any) -> Any:
        return waiter.post(
            f"/api/v1/orders/{order.ref}/pay/",
            {"method": method, "amount": amount, **more},
            format="json",
            headers={"Idempotency-Key": key or uuid4().hex},
        )

    return make


def told(order: Order, *names: str) -> list[tuple[str, dict[str, Any]]]:
    """What was said of its money, without the ids."""
    events = EventRecord.objects.about(order.ref).filter(name__in=names)
    return [
        (event.name, {key: event.data[key] for key in event.data if key != "order_ref"})
        for event in events
    ]


def test_a_bill_is_paid_in_parts(place: Place, pay: Pay) -> None:
    order = place("tom-yum", "thai-tea")
    first = pay(order, "card", "100", reference="slip 000123")
    assert first.status_code == 200
    assert (first.json()["paid"], first.json()["due"]) == ("100.00", "65.00")
    assert first.json()["change"] == "0.00"
    second = pay(order, "promptpay", "15.5").json()
    last = pay(order, "cash", "49.50").json()
    assert (second["due"], last["due"], last["paid"]) == ("49.50", "0.00", "165.00")
    payment = Payment.objects.get(method="card")
    taken_at = payment.taken_at.isoformat().replace("+00:00", "Z")
    assert (
        last["payments"][0]
        == first.json()["payment"]
        == {
            "id": str(payment.pk),
            "method": "card",
            "amount": "100.00",
            "tendered": "100.00",
            "change": "0.00",
            "reference": "slip 000123",
            "taken_at": taken_at,
            "taken_by": payment.taken_by,
        }
    )
    order.refresh_from_db()
    assert (order.version, order.state) == (4, "placed")


def test_each_payment_is_said_and_the_last_one_says_that_all_is_paid(
    place: Place, pay: Pay
) -> None:
    order = place("tom-yum")
    pay(order, "card", "100")
    pay(order, "cash", "50.0")
    card, cash = Payment.objects.all()
    assert told(order, "order.payment_taken", "order.paid") == [
        (
            "order.payment_taken",
            {
                "version": 2,
                "payment": str(card.pk),
                "method": "card",
                "amount": "100.00",
                "change": "0.00",
                "due": "20.00",
                "by": card.taken_by,
            },
        ),
        (
            "order.payment_taken",
            {
                "version": 3,
                "payment": str(cash.pk),
                "method": "cash",
                "amount": "20.00",
                "change": "30.00",
                "due": "0.00",
                "by": cash.taken_by,
            },
        ),
        ("order.paid", {"version": 3, "total": "120.00"}),
    ]


def test_change_is_given_of_cash(place: Place, pay: Pay) -> None:
    answer = pay(place("tom-yum"), "cash", "1000.00").json()
    assert (answer["change"], answer["paid"], answer["due"]) == ("880.00", "120.00", "0.00")
    assert (answer["payment"]["amount"], answer["payment"]["tendered"]) == ("120.00", "1000.00")


@pytest.mark.parametrize("method", ["card", "promptpay"])
def test_by_card_or_promptpay_nobody_pays_more_than_is_due(
    place: Place, pay: Pay, method: str
) -> None:
    order = place("tom-yum")
    problem = assert_problem(pay(order, method, "120.01"), 409, "more_than_due")
    assert problem["due"] == "120.00"
    assert not Payment.objects.exists()
    assert pay(order, method, "120.00").json()["due"] == "0.00"


def test_what_is_paid_is_not_paid_again(place: Place, pay: Pay) -> None:
    order = place("tom-yum")
    pay(order, "cash", "120.00")
    for method in Payment.Method.values:
        assert_problem(pay(order, method, "0.01"), 409, "nothing_due")
    assert Payment.objects.count() == 1


def test_what_is_ordered_later_is_to_be_paid_too(place: Place, pay: Pay) -> None:
    order = place("tom-yum")
    pay(order, "cash", "120.00")
    water = services.NewLine("water", 2, 2)
    services.change_order(order.ref, lambda now, kitchen: True, services.Change(add=[water]))
    answer = pay(order, "cash", "20.00").json()
    assert (answer["total"], answer["paid"], answer["due"]) == ("140.00", "140.00", "0.00")
    assert len(told(order, "order.paid")) == 2


def test_the_same_payment_sent_again_is_one_payment(place: Place, pay: Pay) -> None:
    order, key = place("tom-yum"), uuid4().hex
    first, again = pay(order, "cash", "50.00", key), pay(order, "cash", "50.00", key)
    assert again.content == first.content
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Payment.objects.count() == 1
    assert_problem(pay(order, "cash", "60.00", key), 422, "idempotency_key_reused")


def test_a_refused_payment_is_refused_again_with_its_key(place: Place, pay: Pay) -> None:
    order, key = place("tom-yum"), uuid4().hex
    first, again = pay(order, "card", "121.00", key), pay(order, "card", "121.00", key)
    assert again.content == first.content
    assert_problem(first, 409, "more_than_due")
    assert again.headers["Idempotency-Replayed"] == "true"


def test_nobody_pays_without_a_key(place: Place, waiter: APIClient) -> None:
    url = f"/api/v1/orders/{place('tom-yum').ref}/pay/"
    body = {"method": "cash", "amount": "1.00"}
    answer = waiter.post(url, body, format="json")
    assert_problem(answer, 400, "idempotency_key_missing")
    short = waiter.post(url, body, format="json", headers={"Idempotency-Key": "short"})
    assert_problem(short, 400, "idempotency_key_invalid")
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "amount",
    [
        *("0", "0.00", "-1.00", "1.001", "01.00", "1e2", "NaN", "Infinity", " 1.00", "1.00\n"),
        *("", "1,50", "๑", "1000000000000.00", 1, 1.5, True, None),
    ],
)
def test_an_amount_is_a_string_with_at_most_two_decimals_and_not_nothing(
    place: Place, pay: Pay, amount: Any
) -> None:
    problem = assert_problem(pay(place("tom-yum"), "cash", amount), 400, "invalid_body")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/amount"]
    assert not Payment.objects.exists()


@pytest.mark.parametrize("method", ["", "CASH", "bitcoin", None, 1, ["cash"]])
def test_there_are_three_ways_to_pay(place: Place, pay: Pay, method: Any) -> None:
    problem = assert_problem(pay(place("tom-yum"), method, "1.00"), 400, "invalid_body")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/method"]


def test_a_reference_is_short_and_never_the_number_of_a_card(place: Place, pay: Pay) -> None:
    order = place("tom-yum")
    assert_problem(pay(order, "card", "1.00", reference="x" * 65), 400, "invalid_body")
    problem = assert_problem(
        pay(order, "card", "1.00", reference="4111 1111 1111 1111"), 400, "card_number"
    )
    assert [fault["pointer"] for fault in problem["errors"]] == ["/reference"]
    assert "4111" not in str(problem)
    assert not Payment.objects.exists()
    # Nor is it kept beside the key.
    assert not StoredAnswer.objects.exists()
    assert pay(order, "card", "1.00", reference="x" * 64).status_code == 200


def test_a_served_order_that_is_paid_is_closed(served: Place, pay: Pay, waiter: APIClient) -> None:
    order = served("tom-yum")
    url = f"/api/v1/orders/{order.ref}/close/"
    problem = assert_problem(waiter.post(url, {}, format="json"), 409, "not_paid")
    assert problem["due"] == "120.00"
    pay(order, "cash", "119.99")
    assert assert_problem(waiter.post(url), 409, "not_paid")["due"] == "0.01"
    order.refresh_from_db()
    assert (order.state, order.closed_at) == ("served", None)
    pay(order, "cash", "0.01")
    answer = waiter.post(url)
    assert (answer.status_code, answer.json()["state"]) == (200, "closed")
    order.refresh_from_db()
    assert order.closed_at is not None
    assert answer.headers["ETag"].startswith(f'"{order.version}-')
    assert told(order, "order.closed") == [("order.closed", {"version": order.version})]
    again = waiter.post(url, headers=new_key())
    assert (again.status_code, again.json()) == (200, answer.json())
    assert len(told(order, "order.closed")) == 1


@pytest.mark.parametrize("state", ["placed", "preparing", "ready", "cancelled"])
def test_what_is_not_served_is_not_closed(place: Place, waiter: APIClient, state: str) -> None:
    order = place("water")
    services.pay_order(order, services.Tender("cash", Decimal(10)), by="x")
    Order.objects.update(state=state)
    answer = waiter.post(f"/api/v1/orders/{order.ref}/close/")
    assert assert_problem(answer, 409, "illegal_transition")["state"] == state


def test_what_costs_nothing_is_closed_without_a_payment(served: Place, waiter: APIClient) -> None:
    order = served("water")
    order.lines.update(unit_price=0)
    assert waiter.post(f"/api/v1/orders/{order.ref}/close/").json()["state"] == "closed"


def test_a_closed_order_takes_no_changes(
    served: Place, pay: Pay, client_of: Callable[..., APIClient]
) -> None:
    order = served("tom-yum", "water")
    pay(order, "cash", "130.00")
    services.close_order(order)
    url, manager = f"/api/v1/orders/{order.ref}/", client_of("manager")
    line = str(order.lines.first().pk)  # type: ignore[union-attr]
    before = (Order.objects.values().get(), EventRecord.objects.count())
    for verb, body in (
        ("cancel", {"reason": "x"}),
        ("rush", {}),
        ("refire", {"line": line, "reason": "x"}),
        ("pay", {"method": "cash", "amount": "1.00"}),
    ):
        answer = manager.post(f"{url}{verb}/", body, format="json", headers=new_key())
        assert assert_problem(answer, 409, "illegal_transition")["state"] == "closed"
    for change in ({"cancel": [line]}, {"note": "x"}):
        answer = manager.patch(url, change, format="json", headers={"If-Match": "*"})
        assert assert_problem(answer, 409, "illegal_transition")["state"] == "closed"
    # Served is served.
    assert manager.post(f"{url}serve/", {}, format="json").json()["state"] == "closed"
    assert (Order.objects.values().get(), EventRecord.objects.count()) == before


def test_the_guest_of_a_closed_order_is_thanked(served: Place, pay: Pay, client: Any) -> None:
    order = served("water")
    pay(order, "cash", "10.00")
    services.close_order(order)
    page = client.get(f"/track/{order.tracking_secret}/").content.decode()
    assert "Thank you for coming" in page
    assert "Cancelled" not in page
