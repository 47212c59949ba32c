"""Refire: a line is cooked once more, before all else, and what was wasted is written down."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, cook, new_key, told
from kitchen import services as kitchen
from kitchen.models import MenuItem, Ticket, Tray, Zone
from kitchen.tasks import drive_tray
from orders import services
from orders.models import Order, OrderLine
from restaurant.errors import IllegalTransition
from restaurant.events.models import EventRecord

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


@pytest.fixture
def waiter(client_of: Callable[..., APIClient], make_user: Callable[..., User]) -> APIClient:
    return client_of(make_user("waiter", "somchai"))


def refire(client: APIClient, order: Order, item: str, **headers: str) -> Any:
    line = OrderLine.objects.get(order=order, item=item).pk
    return client.post(
        f"/api/v1/orders/{order.ref}/refire/",
        {"line": str(line), "reason": "too salty"},
        format="json",
        headers=headers,
    )


def hear() -> None:
    for event in EventRecord.objects.filter(name="line.refired").order_by("pk"):
        drive_tray(event_id=event.pk, **event.data)


def lines_in(answer: Any) -> dict[str, str]:
    return {line["item"]: line["state"] for tray in answer["trays"] for line in tray["lines"]}


def generations(item: str) -> list[tuple[int, str, str, bool]]:
    tickets = Ticket.objects.filter(item=item).order_by("track", "position")
    return [(t.refire, t.zone_id, t.state, t.wasted) for t in tickets]


@pytest.fixture
def at_the_pass(opened: Place) -> Order:
    order = opened("tom-yum", "water", ("thai-tea", 2))
    bring_to_pass(order)
    services.follow_kitchen(order.ref)
    return order


def test_a_line_at_the_pass_is_cooked_again_before_all_else(
    waiter: APIClient, at_the_pass: Order, opened: Place
) -> None:
    opened("tom-yum")
    queued = Ticket.objects.get(zone="boil", state="fired")
    answer = refire(waiter, at_the_pass, "tom-yum")
    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "preparing"
    assert [tray["state"] for tray in answer.json()["trays"]] == ["waiting", "ready"]
    assert lines_in(answer.json()) == {"tom-yum": "waiting", "water": "ready", "thai-tea": "ready"}
    assert answer.json()["total"] == "175.00"
    mine = Ticket.objects.filter(tray__order_ref=at_the_pass.ref, item="tom-yum")
    assert [
        (t.refire, t.zone_id, t.state, t.wasted, t.change)
        for t in mine.order_by("track", "position")
    ] == [
        (0, "boil", "done", True, ""),
        (0, "fry", "done", True, ""),
        (1, "boil", "fired", False, "refired"),
        (1, "fry", "held", False, "refired"),
    ]
    again = mine.get(refire=1, zone="boil")
    assert again.fire_at < queued.fire_at
    assert (again.next_zone, again.quantity, again.prep_seconds) == ("fry", 1, 240)
    (event,) = told("line.refired")
    assert (event["item"], event["quantity"], event["reason"], event["by"]) == (
        "tom-yum",
        1,
        "too salty",
        "somchai",
    )
    assert event["line"] == str(again.line_ref)
    assert (len(told("tray.reopened")), len(told("order.reopened"))) == (1, 1)
    assert told("ticket.fired")[-1]["ticket_ref"] == str(again.pk)


def test_the_tray_comes_together_once_more_and_is_told_once_per_canvas(
    waiter: APIClient, at_the_pass: Order
) -> None:
    tray = Tray.objects.get(order_ref=at_the_pass.ref, number=1)
    before = tray.canvas
    refire(waiter, at_the_pass, "tom-yum")
    hear()
    tray.refresh_from_db()
    assert tray.canvas > before
    boil, fry = Ticket.objects.filter(refire=1).order_by("position")
    assert boil.parked_canvas == fry.parked_canvas == tray.canvas
    assert kitchen.plate(tray.pk, before) is False
    cook(boil)
    assert kitchen.plate(tray.pk, tray.canvas) is False
    cook(fry)
    assert kitchen.plate(tray.pk, tray.canvas) is True
    assert [event["canvas"] for event in told("tray.ready") if event["tray"] == 1] == [
        before,
        tray.canvas,
    ]
    services.follow_kitchen(at_the_pass.ref)
    at_the_pass.refresh_from_db()
    assert at_the_pass.state == "ready"
    # What was wasted is over: it comes back neither by recall nor as a part of the tray.
    with pytest.raises(IllegalTransition):
        kitchen.recall(Ticket.objects.get(refire=0, zone="fry").pk)


def test_a_dish_that_the_guest_sends_back_leaves_the_rest_with_the_guest(
    waiter: APIClient, at_the_pass: Order
) -> None:
    services.serve_order(at_the_pass)
    answer = refire(waiter, at_the_pass, "tom-yum").json()
    assert (answer["state"], answer["ready_at"]) == ("preparing", None)
    assert [tray["state"] for tray in answer["trays"]] == ["waiting", "served"]
    assert lines_in(answer) == {"tom-yum": "waiting", "water": "served", "thai-tea": "served"}
    at_the_pass.refresh_from_db()
    assert at_the_pass.served_at is None
    hear()
    bring_to_pass_again(at_the_pass)
    services.follow_kitchen(at_the_pass.ref)
    answer = waiter.get(f"/api/v1/orders/{at_the_pass.ref}/").json()
    assert answer["state"] == "ready"
    assert lines_in(answer) == {"tom-yum": "ready", "water": "served", "thai-tea": "served"}
    services.serve_order(at_the_pass)
    answer = waiter.get(f"/api/v1/orders/{at_the_pass.ref}/").json()
    assert (answer["state"], set(lines_in(answer).values())) == ("served", {"served"})


def bring_to_pass_again(order: Order) -> None:
    tray = Tray.objects.get(order_ref=order.ref, number=1)
    for ticket in tray.tickets.exclude(state="done").order_by("track", "position"):
        cook(ticket)
    kitchen.plate(tray.pk, tray.canvas)


def test_what_a_guest_has_eaten_stays_served_when_the_rest_is_cancelled(
    waiter: APIClient, at_the_pass: Order
) -> None:
    services.serve_order(at_the_pass)
    refire(waiter, at_the_pass, "tom-yum")
    at_the_pass.refresh_from_db()
    services.cancel_order(at_the_pass, "they have left")
    answer = waiter.get(f"/api/v1/orders/{at_the_pass.ref}/").json()
    assert lines_in(answer) == {"tom-yum": "cancelled", "water": "served", "thai-tea": "served"}


def test_what_burns_is_begun_anew_and_its_cook_is_asked_to_stop(
    waiter: APIClient, opened: Place
) -> None:
    order = opened("tom-yum", "water")
    boil = cook(Ticket.objects.get(zone="boil"))
    fry = kitchen.start(Ticket.objects.get(zone="fry").pk)
    assert lines_in(refire(waiter, order, "tom-yum").json())["tom-yum"] == "waiting"
    assert generations("tom-yum") == [
        (0, "boil", "done", True),
        (0, "fry", "cooking", True),
        (1, "boil", "fired", False),
        (1, "fry", "held", False),
    ]
    fry.refresh_from_db()
    assert fry.cancel_requested
    kitchen.stop(fry.pk)
    assert told("ticket.stopped")[0]["quantity"] == 1
    assert boil.pk != Ticket.objects.get(zone="boil", refire=1).pk


def test_what_nobody_has_begun_is_not_cooked_again(waiter: APIClient, opened: Place) -> None:
    order = opened("tom-yum", "water")
    problem = assert_problem(refire(waiter, order, "tom-yum"), 409, "illegal_transition")
    assert problem["state"] == "waiting"
    assert generations("tom-yum") == [(0, "boil", "fired", False), (0, "fry", "held", False)]


def test_an_order_that_the_kitchen_has_not_opened_has_nothing_to_cook_again(
    waiter: APIClient, place: Place
) -> None:
    assert_problem(refire(waiter, place("water"), "water"), 409, "illegal_transition")


def test_a_cancelled_line_or_order_is_not_cooked_again(waiter: APIClient, opened: Place) -> None:
    order = opened("tom-yum", "water")
    cook(Ticket.objects.get(zone="boil"))
    services.cancel_line(order, OrderLine.objects.get(item="tom-yum").pk)
    assert_problem(refire(waiter, order, "tom-yum"), 409, "illegal_transition")
    order.refresh_from_db()
    services.cancel_order(order, "gone")
    assert_problem(refire(waiter, order, "water"), 409, "illegal_transition")


def test_it_takes_another_portion_and_an_open_zone(waiter: APIClient, opened: Place) -> None:
    MenuItem.objects.filter(pk="crab").update(portions_left=2)
    order = opened("crab")
    bring_to_pass(order)
    assert refire(waiter, order, "crab").status_code == 200
    assert MenuItem.objects.get(pk="crab").portions_left == 0
    cook(Ticket.objects.get(refire=1))
    events = EventRecord.objects.count()
    problem = assert_problem(refire(waiter, order, "crab"), 409, "sold_out")
    assert (problem["item"], problem["left"]) == ("crab", 0)
    MenuItem.objects.filter(pk="crab").update(portions_left=5)
    Zone.objects.filter(pk="fry").update(is_open=False)
    assert_problem(refire(waiter, order, "crab"), 409, "zone_closed")
    assert (EventRecord.objects.count(), len(generations("crab"))) == (events, 2)
    services.cancel_order(order, "enough")
    assert MenuItem.objects.get(pk="crab").portions_left == 5


def test_the_same_key_is_one_refire_and_no_key_is_another(
    waiter: APIClient, at_the_pass: Order
) -> None:
    key = new_key()
    first = refire(waiter, at_the_pass, "water", **key)
    again = refire(waiter, at_the_pass, "water", **key)
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert len(told("line.refired")) == 1
    hear()
    bring_to_pass_again(at_the_pass)
    assert refire(waiter, at_the_pass, "water").status_code == 200
    assert generations("water") == [
        (0, "drinks", "done", True),
        (1, "drinks", "done", True),
        (2, "drinks", "fired", False),
    ]
    assert len(told("line.refired")) == 2


def test_a_line_of_another_order_is_unknown(waiter: APIClient, at_the_pass: Order) -> None:
    answer = waiter.post(
        f"/api/v1/orders/{at_the_pass.ref}/refire/",
        {"line": str(uuid4()), "reason": "x"},
        format="json",
    )
    problem = assert_problem(answer, 400, "unknown_line")
    assert problem["errors"][0]["pointer"] == "/line"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/line"),
        ({"line": "x", "reason": "x"}, "/line"),
        ({"line": 5, "reason": "x"}, "/line"),
        ({"line": str(uuid4())}, "/reason"),
        ({"line": str(uuid4()), "reason": ""}, "/reason"),
        ({"line": str(uuid4()), "reason": "x" * 501}, "/reason"),
        ({"line": str(uuid4()), "reason": "x", "quantity": 1}, "/quantity"),
    ],
)
def test_a_wrong_refire_is_pointed_at(
    waiter: APIClient, at_the_pass: Order, body: Any, pointer: str
) -> None:
    answer = waiter.post(f"/api/v1/orders/{at_the_pass.ref}/refire/", body, format="json")
    assert answer.status_code == 400
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert told("line.refired") == []
