"""Serving: a tray, or the whole order, leaves the pass."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, cook
from kitchen.models import Ticket, Tray
from orders import services
from orders.models import Order
from restaurant.events.models import EventRecord

Place = Callable[..., Order]


@pytest.fixture
def waiter(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("waiter")


def serve(client: APIClient, order: Order, body: Any = None) -> Any:
    return client.post(
        f"/api/v1/orders/{order.ref}/serve/", {} if body is None else body, format="json"
    )


def states(order: Order) -> tuple[str, list[str]]:
    order.refresh_from_db()
    return order.state, list(Tray.objects.of_order(order.ref).values_list("state", flat=True))


def happened(name: str) -> int:
    return EventRecord.objects.filter(name=name).count()


def test_the_whole_order_is_served_once_all_trays_are_ready(
    waiter: APIClient, opened: Place
) -> None:
    order = opened("crab", ("water", 2))
    bring_to_pass(order)
    services.follow_kitchen(order.ref)
    assert states(order) == ("ready", ["ready", "ready"])
    assert order.ready_at is not None
    answer = serve(waiter, order)
    assert answer.status_code == 200
    assert answer.json()["state"] == "served"
    assert [tray["state"] for tray in answer.json()["trays"]] == ["served", "served"]
    assert [tray["lines"][0]["state"] for tray in answer.json()["trays"]] == ["served"] * 2
    assert answer.headers["ETag"] == waiter.get(f"/api/v1/orders/{order.ref}/").headers["ETag"]
    assert states(order) == ("served", ["served", "served"])
    assert order.served_at is not None
    assert (happened("tray.served"), happened("order.served")) == (2, 1)


def test_trays_are_served_one_by_one(waiter: APIClient, opened: Place) -> None:
    order = opened("crab", ("water", 2))
    bring_to_pass(order, tray=2)
    services.mark_preparing(order.ref)
    assert serve(waiter, order, {"tray": 2}).status_code == 200
    assert states(order) == ("preparing", ["waiting", "served"])
    assert (happened("tray.served"), happened("order.served")) == (1, 0)
    bring_to_pass(order, tray=1)
    assert serve(waiter, order, {"tray": 1}).json()["state"] == "served"
    assert states(order) == ("served", ["served", "served"])
    assert (happened("tray.served"), happened("order.ready"), happened("order.served")) == (2, 1, 1)


def test_the_guest_may_be_faster_than_the_news(waiter: APIClient, opened: Place) -> None:
    order = opened("water")
    bring_to_pass(order)
    assert states(order) == ("placed", ["ready"])
    assert serve(waiter, order).json()["state"] == "served"
    services.mark_preparing(order.ref)
    services.follow_kitchen(order.ref)
    assert states(order) == ("served", ["served"])
    assert (happened("order.ready"), happened("order.served")) == (1, 1)


def test_the_same_serving_again_changes_nothing(waiter: APIClient, opened: Place) -> None:
    order = opened("crab", ("water", 2))
    bring_to_pass(order)
    first = serve(waiter, order)
    events = EventRecord.objects.count()
    for body in ({}, {"tray": 1}, {"tray": 2}):
        again = serve(waiter, order, body)
        assert (again.status_code, again.json()) == (200, first.json())
        assert again.headers["ETag"] == first.headers["ETag"]
    assert EventRecord.objects.count() == events


def test_an_order_with_a_waiting_tray_is_not_served_at_all(
    waiter: APIClient, opened: Place
) -> None:
    order = opened("crab", ("water", 2))
    bring_to_pass(order, tray=1)
    events = EventRecord.objects.count()
    problem = assert_problem(serve(waiter, order), 409, "illegal_transition")
    assert problem["tray"] == 2
    assert states(order) == ("placed", ["ready", "waiting"])
    assert EventRecord.objects.count() == events


def test_a_waiting_tray_is_not_served(waiter: APIClient, opened: Place) -> None:
    order = opened("tom-yum", "water")
    cook(Ticket.objects.get(item="water"))
    assert_problem(serve(waiter, order, {"tray": 1}), 409, "illegal_transition")
    assert states(order) == ("placed", ["waiting"])
    assert happened("tray.served") == 0


def test_an_order_that_the_kitchen_has_not_opened_is_not_served(
    waiter: APIClient, place: Place
) -> None:
    order = place("water")
    for body in ({}, {"tray": 1}):
        assert_problem(serve(waiter, order, body), 409, "illegal_transition")
    assert states(order) == ("placed", [])


def test_a_cancelled_order_is_not_served(waiter: APIClient, opened: Place) -> None:
    order = opened("water")
    services.cancel_order(order, "gone")
    problem = assert_problem(serve(waiter, order), 409, "illegal_transition")
    assert problem["state"] == "cancelled"
    assert states(order) == ("cancelled", ["void"])


def test_a_tray_that_the_order_does_not_have_is_not_found(waiter: APIClient, opened: Place) -> None:
    order = opened("water")
    bring_to_pass(order)
    problem = assert_problem(serve(waiter, order, {"tray": 2}), 404, "not_found")
    assert problem["tray"] == 2
    assert states(order) == ("placed", ["ready"])


@pytest.mark.parametrize(
    ("body", "code", "fault"),
    [
        ({"tray": None}, "invalid_body", ("/tray", "null")),
        ({"tray": "1"}, "invalid_body", ("/tray", "invalid")),
        ({"tray": True}, "invalid_body", ("/tray", "invalid")),
        ({"tray": 1.0}, "invalid_body", ("/tray", "invalid")),
        ({"tray": 0}, "invalid_body", ("/tray", "min_value")),
        ({"tray": 21}, "invalid_body", ("/tray", "max_value")),
        ({"trays": [1]}, "unknown_field", ("/trays", "unknown_field")),
        ([1], "invalid_body", ("", "invalid")),
    ],
)
def test_a_wrong_tray_is_pointed_at(
    waiter: APIClient, opened: Place, body: Any, code: str, fault: tuple[str, str]
) -> None:
    order = opened("water")
    bring_to_pass(order)
    problem = assert_problem(serve(waiter, order, body), 400, code)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [fault]
    assert states(order) == ("placed", ["ready"])
