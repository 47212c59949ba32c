"""Cancelling an order: what is cooked no more, what is marked, and which portions come back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, cook, open_trays
from kitchen import services as kitchen
from kitchen.models import MenuItem, Ticket, Tray
from orders import services
from orders.models import Order
from restaurant.events.models import EventRecord

Place = Callable[..., Order]


@pytest.fixture
def app(client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


@pytest.fixture
def cook_client(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("cook")


def cancel(client: APIClient, order: Order, body: Any = None) -> Any:
    body = {"reason": "changed my mind"} if body is None else body
    return client.post(f"/api/v1/orders/{order.ref}/cancel/", body, format="json")


def press(client: APIClient, verb: str, ticket: Ticket) -> Any:
    return client.post(f"/api/v1/tickets/{ticket.pk}/{verb}/")


def ticket_of(item: str, zone: str | None = None) -> Ticket:
    found = Ticket.objects.filter(item=item)
    return found.get(zone=zone) if zone else found.get()


def portions(code: str) -> int | None:
    return MenuItem.objects.get(pk=code).portions_left


def happened(name: str) -> int:
    return EventRecord.objects.filter(name=name).count()


def test_an_order_that_the_kitchen_has_not_opened_leaves_void_trays(
    app: APIClient, place: Place
) -> None:
    order = place("crab", ("water", 2))
    answer = cancel(app, order)
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["version"]) == ("cancelled", 2)
    assert answer.headers["ETag"] == app.get(f"/api/v1/orders/{order.ref}/").headers["ETag"]
    assert [tray["state"] for tray in answer.json()["trays"]] == ["void", "void"]
    assert [tray["lines"][0]["state"] for tray in answer.json()["trays"]] == ["cancelled"] * 2
    assert portions("crab") == 1
    assert list(Tray.objects.values_list("state", flat=True)) == ["void", "void"]
    order.refresh_from_db()
    assert order.cancel_reason == "changed my mind"
    assert order.cancelled_at is not None
    event = EventRecord.objects.get(name="order.cancelled")
    assert event.data == {
        "order_ref": str(order.ref),
        "version": 2,
        "reason": "changed my mind",
    }


def test_opening_it_later_cooks_nothing(app: APIClient, place: Place) -> None:
    order = place("crab", ("water", 2))
    cancel(app, order)
    events = EventRecord.objects.count()
    open_trays(order)
    assert not Ticket.objects.exists()
    assert list(Tray.objects.values_list("state", flat=True)) == ["void", "void"]
    assert EventRecord.objects.count() == events


def test_what_is_not_begun_is_void_and_its_portions_come_back(
    app: APIClient, opened: Place
) -> None:
    order = opened("crab", "lobster", quantity=1)
    ticket_of("crab")
    assert (portions("crab"), portions("lobster")) == (0, 0)
    answer = cancel(app, order).json()
    assert [line["state"] for line in answer["trays"][0]["lines"]] == ["cancelled"] * 2
    assert set(Ticket.objects.values_list("state", "cancel_requested")) == {("void", False)}
    assert (portions("crab"), portions("lobster")) == (1, 1)
    assert happened("tray.voided") == 1


def test_as_many_portions_come_back_as_were_taken(app: APIClient, opened: Place) -> None:
    MenuItem.objects.filter(pk="crab").update(portions_left=9)
    order = opened("crab", ("crab", 2), quantity=3)
    assert portions("crab") == 5
    cancel(app, order)
    assert portions("crab") == 9


def test_what_became_unlimited_meanwhile_stays_so(app: APIClient, opened: Place) -> None:
    order = opened("crab")
    MenuItem.objects.filter(pk="crab").update(portions_left=None)
    cancel(app, order)
    assert portions("crab") is None


def test_a_begun_line_keeps_its_portion_and_its_cook_is_asked_to_stop(
    app: APIClient, cook_client: APIClient, opened: Place
) -> None:
    order = opened("crab", "lobster")
    crab = ticket_of("crab")
    press(cook_client, "start", crab)
    cancel(app, order)
    crab.refresh_from_db()
    assert (crab.state, crab.cancel_requested) == ("cooking", True)
    assert (portions("crab"), portions("lobster")) == (0, 1)

    assert_problem(press(cook_client, "done", crab), 409, "illegal_transition")
    assert (ticket_of("crab").state, happened("ticket.done")) == ("cooking", 0)

    stopped = press(cook_client, "stop", crab)
    assert stopped.status_code == 200
    assert (stopped.json()["state"], stopped.json()["cancel_requested"]) == ("void", True)
    assert portions("crab") == 0
    (waste,) = EventRecord.objects.filter(name="ticket.stopped")
    assert (waste.data["item"], waste.data["quantity"], waste.release) == ("crab", 1, None)
    assert press(cook_client, "stop", crab).status_code == 200
    assert happened("ticket.stopped") == 1


def test_a_line_begun_in_one_zone_only_is_begun(app: APIClient, opened: Place) -> None:
    MenuItem.objects.filter(pk="tom-yum").update(portions_left=5)
    order = opened("tom-yum")
    cook(ticket_of("tom-yum", "boil"))
    cancel(app, order)
    assert portions("tom-yum") == 4
    assert ticket_of("tom-yum", "boil").state == "done"
    assert ticket_of("tom-yum", "fry").state == "void"


def test_a_served_tray_stays_served(app: APIClient, opened: Place) -> None:
    order = opened("crab", ("lobster", 2))
    bring_to_pass(order, tray=1)
    services.serve_order(order, tray=1)
    answer = cancel(app, order).json()
    assert answer["state"] == "cancelled"
    assert [tray["state"] for tray in answer["trays"]] == ["served", "void"]
    assert [tray["lines"][0]["state"] for tray in answer["trays"]] == ["served", "cancelled"]
    assert (portions("crab"), portions("lobster")) == (0, 1)


def test_what_stands_at_the_pass_is_void_while_the_order_is_not_ready(
    app: APIClient, opened: Place
) -> None:
    order = opened("crab", ("lobster", 2))
    bring_to_pass(order, tray=1)
    cancel(app, order)
    assert list(Tray.objects.order_by("number").values_list("state", flat=True)) == ["void"] * 2
    assert (portions("crab"), portions("lobster")) == (0, 1)


def test_news_from_the_kitchen_does_not_bring_a_cancelled_order_back(
    app: APIClient, opened: Place
) -> None:
    order = opened("water")
    bring_to_pass(order)
    assert cancel(app, order).status_code == 200
    services.mark_preparing(order.ref)
    services.follow_kitchen(order.ref)
    assert kitchen.plate(Tray.objects.get().pk, Tray.objects.get().canvas) is False
    order.refresh_from_db()
    assert (order.state, happened("order.ready"), happened("order.preparing")) == (
        "cancelled",
        0,
        0,
    )


@pytest.mark.parametrize("state", ["ready", "served"])
def test_a_ready_or_served_order_cannot_be_cancelled(
    app: APIClient, opened: Place, state: str
) -> None:
    order = opened("crab")
    bring_to_pass(order)
    services.follow_kitchen(order.ref)
    if state == "served":
        services.serve_order(order)
    events = EventRecord.objects.count()
    problem = assert_problem(cancel(app, order), 409, "illegal_transition")
    assert problem["state"] == state
    order.refresh_from_db()
    assert (order.state, order.cancelled_at, portions("crab")) == (state, None, 0)
    assert Tray.objects.get().state == state
    assert EventRecord.objects.count() == events


def test_the_same_cancellation_again_changes_nothing(app: APIClient, opened: Place) -> None:
    order = opened("crab")
    first = cancel(app, order)
    events = EventRecord.objects.count()
    again = cancel(app, order, {"reason": "another reason"})
    assert again.status_code == 200
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert portions("crab") == 1
    assert Order.objects.get().cancel_reason == "changed my mind"
    assert EventRecord.objects.count() == events


@pytest.mark.parametrize("role", ["waiter", "manager"])
def test_a_waiter_may_cancel_for_the_guest(
    client_of: Callable[..., APIClient], place: Place, role: str
) -> None:
    order = place("water")
    assert cancel(client_of(role), order).json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("body", "code", "fault"),
    [
        ({}, "invalid_body", ("/reason", "required")),
        ({"reason": None}, "invalid_body", ("/reason", "null")),
        ({"reason": ""}, "invalid_body", ("/reason", "blank")),
        ({"reason": 5}, "invalid_body", ("/reason", "invalid")),
        ({"reason": "x" * 501}, "invalid_body", ("/reason", "max_length")),
        ({"reason": "\0"}, "invalid_body", ("/reason", "null_characters_not_allowed")),
        ({"reason": "x", "force": True}, "unknown_field", ("/force", "unknown_field")),
        ([], "invalid_body", ("", "invalid")),
    ],
)
def test_a_reason_must_be_given_and_no_more(
    app: APIClient, place: Place, body: Any, code: str, fault: tuple[str, str]
) -> None:
    order = place("crab")
    problem = assert_problem(cancel(app, order, body), 400, code)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [fault]
    assert Order.objects.get().state == "placed"
    assert portions("crab") == 0
    assert happened("order.cancelled") == 0
