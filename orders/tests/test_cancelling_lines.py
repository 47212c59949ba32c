"""PATCH orders/{id}/ with `cancel`: single lines, whatever the kitchen has done with them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, cook, open_trays, told
from kitchen import services as kitchen
from kitchen.exceptions import NotOpenedYet
from kitchen.models import MenuItem, Ticket, Tray
from kitchen.tasks import change_notes
from orders import services
from orders.models import Order, OrderLine
from restaurant.errors import IllegalTransition
from restaurant.events.models import EventRecord

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


@pytest.fixture
def app(client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def cancel(client: APIClient, order: Order, *lines: Any, **more: Any) -> Any:
    return client.patch(
        f"/api/v1/orders/{order.ref}/",
        {"cancel": [str(line) for line in lines], **more},
        format="json",
        headers={"If-Match": "*"},
    )


def line_of(item: str) -> Any:
    return OrderLine.objects.get(item=item).pk


def ticket_of(item: str, zone: str | None = None) -> Ticket:
    found = Ticket.objects.filter(item=item)
    return found.get(zone=zone) if zone else found.get()


def portions(code: str) -> int | None:
    return MenuItem.objects.get(pk=code).portions_left


def lines_in(answer: Any) -> dict[str, str]:
    return {line["item"]: line["state"] for tray in answer["trays"] for line in tray["lines"]}


def states() -> list[str]:
    return list(Tray.objects.order_by("number").values_list("state", flat=True))


def test_what_nobody_has_begun_is_void_and_neither_paid_nor_gone(
    app: APIClient, opened: Place
) -> None:
    order = opened("crab", "tom-yum")
    answer = cancel(app, order, line_of("crab"))
    assert answer.status_code == 200, answer.content
    assert lines_in(answer.json()) == {"crab": "cancelled", "tom-yum": "waiting"}
    assert (answer.json()["total"], answer.json()["version"]) == ("120.00", order.version + 1)
    assert answer.headers["ETag"] == app.get(f"/api/v1/orders/{order.ref}/").headers["ETag"]
    assert portions("crab") == 1
    crab = ticket_of("crab")
    assert (crab.state, crab.change, crab.wasted, crab.parked) == ("void", "cancelled", False, None)
    assert crab.changed_at is not None
    assert ticket_of("tom-yum", "boil").change == ""
    assert [event["ticket_ref"] for event in told("ticket.voided")] == [str(crab.pk)]
    (changed,) = told("order.changed")
    assert (changed["cancelled"], changed["added"]) == ([str(line_of("crab"))], [])
    assert changed["version"] == answer.json()["version"]


def test_the_rest_of_the_tray_goes_to_the_pass_as_it_would_have(
    app: APIClient, opened: Place
) -> None:
    order = opened("crab", "water")
    cancel(app, order, line_of("crab"))
    cook(ticket_of("water"))
    tray = Tray.objects.get()
    assert kitchen.plate(tray.pk, tray.canvas) is True
    answer = app.get(f"/api/v1/orders/{order.ref}/").json()
    assert lines_in(answer) == {"crab": "cancelled", "water": "ready"}


def test_a_tray_that_waits_only_for_what_is_cancelled_goes_to_the_pass_at_once(
    app: APIClient, opened: Place
) -> None:
    order = opened("crab", "water")
    cook(ticket_of("water"))
    answer = cancel(app, order, line_of("crab")).json()
    assert answer["trays"][0]["state"] == "ready"
    assert (len(told("tray.ready")), len(told("trays.ready"))) == (1, 1)
    services.follow_kitchen(order.ref)
    order.refresh_from_db()
    assert order.state == "ready"


def test_a_tray_of_which_nothing_is_left_is_void(app: APIClient, opened: Place) -> None:
    order = opened("crab", "lobster", ("water", 2))
    bring_to_pass(order, tray=2)
    answer = cancel(app, order, line_of("crab"), line_of("lobster")).json()
    assert [tray["state"] for tray in answer["trays"]] == ["void", "ready"]
    assert answer["total"] == "10.00"
    services.follow_kitchen(order.ref)
    assert app.get(f"/api/v1/orders/{order.ref}/").json()["state"] == "ready"
    assert (portions("crab"), portions("lobster")) == (1, 1)


def test_what_is_cooking_asks_its_cook_and_is_waste(app: APIClient, opened: Place) -> None:
    order = opened("crab", "water")
    cook(ticket_of("water"))
    crab = kitchen.start(ticket_of("crab").pk)
    answer = cancel(app, order, line_of("crab")).json()
    assert lines_in(answer) == {"crab": "cancelled", "water": "ready"}
    assert (answer["total"], answer["trays"][0]["state"]) == ("10.00", "waiting")
    crab.refresh_from_db()
    assert (crab.state, crab.cancel_requested, crab.wasted) == ("cooking", True, True)
    assert (crab.change, portions("crab")) == ("cancelled", 0)
    assert [event["zone"] for event in told("ticket.stop_asked")] == ["fry"]
    with pytest.raises(IllegalTransition):
        kitchen.finish(crab.pk)
    kitchen.stop(crab.pk)
    (stopped,) = EventRecord.objects.filter(name="ticket.stopped")
    assert stopped.data["quantity"] == 1
    # Its part of the chord goes on: the rest of the tray is complete with it.
    assert stopped.release is not None
    tray = Tray.objects.get()
    assert kitchen.counts(crab.pk, tray.canvas)
    assert Ticket.objects.finished_last(crab.pk)
    assert kitchen.plate(tray.pk, tray.canvas) is True
    assert portions("crab") == 0


def test_a_tray_of_which_all_was_thrown_away_is_void_and_not_ready(
    app: APIClient, opened: Place
) -> None:
    order = opened("tom-yum", ("water", 2))
    cook(ticket_of("tom-yum", "boil"))
    answer = cancel(app, order, line_of("tom-yum")).json()
    assert [tray["state"] for tray in answer["trays"]] == ["void", "waiting"]
    boil, fry = ticket_of("tom-yum", "boil"), ticket_of("tom-yum", "fry")
    assert (boil.state, boil.wasted) == ("done", True)
    assert (fry.state, fry.wasted) == ("void", False)
    assert told("tray.ready") == []


def test_what_was_cancelled_is_not_recalled(app: APIClient, opened: Place) -> None:
    order = opened("tom-yum", "water")
    boil = cook(ticket_of("tom-yum", "boil"))
    cancel(app, order, line_of("tom-yum"))
    with pytest.raises(IllegalTransition):
        kitchen.recall(boil.pk)
    assert ticket_of("tom-yum", "boil").state == "done"


@pytest.mark.parametrize("served", [False, True])
def test_what_stands_at_the_pass_or_is_served_is_not_cancelled(
    app: APIClient, opened: Place, served: bool
) -> None:
    order = opened("crab", ("water", 2))
    bring_to_pass(order, tray=1)
    services.mark_preparing(order.ref)
    if served:
        services.serve_order(order, tray=1)
    events, total = EventRecord.objects.count(), Order.objects.get().total
    problem = assert_problem(cancel(app, order, line_of("crab")), 409, "illegal_transition")
    assert problem["state"] == ("served" if served else "ready")
    assert (Order.objects.get().total, EventRecord.objects.count()) == (total, events)
    assert OrderLine.objects.get(item="crab").cancelled_at is None


def test_a_part_that_is_done_while_its_tray_waits_is_not_cancelled(
    app: APIClient, opened: Place
) -> None:
    order = opened("crab", "tom-yum")
    cook(ticket_of("crab"))
    assert_problem(cancel(app, order, line_of("crab")), 409, "illegal_transition")


def test_the_last_line_is_not_cancelled_but_the_order(app: APIClient, opened: Place) -> None:
    order = opened("crab", "water")
    both = (line_of("crab"), line_of("water"))
    assert_problem(cancel(app, order, *both), 409, "illegal_transition")
    assert cancel(app, order, both[0]).status_code == 200
    assert_problem(cancel(app, order, both[1]), 409, "illegal_transition")
    assert Order.objects.get().total == 10


def test_all_of_it_may_be_exchanged(app: APIClient, opened: Place) -> None:
    order = opened("crab")
    more = {"add": [{"item": "crab", "quantity": 1, "tray": 2}]}
    answer = cancel(app, order, line_of("crab"), **more)
    assert answer.status_code == 200, answer.content
    assert [tray["state"] for tray in answer.json()["trays"]] == ["void", "waiting"]
    assert (answer.json()["total"], portions("crab")) == ("350.00", 0)


def test_the_same_line_cancelled_again_changes_nothing_of_it(app: APIClient, opened: Place) -> None:
    order = opened("crab", "water")
    for _ in range(2):
        crab = line_of("crab")
        assert cancel(app, order, crab, crab).status_code == 200
    assert (portions("crab"), len(told("ticket.voided"))) == (1, 1)


def test_a_line_of_another_order_is_unknown_here(app: APIClient, opened: Place) -> None:
    order, other = opened("water"), opened("crab")
    known = OrderLine.objects.get(order=order).pk
    for foreign in (OrderLine.objects.get(order=other).pk, uuid4()):
        problem = assert_problem(cancel(app, order, known, foreign), 400, "unknown_line")
        assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [
            ("/cancel/1", "unknown_line")
        ]
        assert problem["line"] == str(foreign)
    assert told("order.changed") == []


@pytest.mark.parametrize("wrong", [[5], [None], ["x"], ["0" * 32], "x", None, [["x"]]])
def test_what_is_no_list_of_lines_is_pointed_at(app: APIClient, place: Place, wrong: Any) -> None:
    url = f"/api/v1/orders/{place('water').ref}/"
    answer = app.patch(url, {"cancel": wrong}, format="json", headers={"If-Match": "*"})
    problem = assert_problem(answer, 400, "invalid_body")
    assert problem["errors"][0]["pointer"].startswith("/cancel")


def test_a_line_cancelled_before_the_kitchen_has_heard_of_it_is_not_cooked(
    app: APIClient, place: Place
) -> None:
    order = place("crab", "water", ("lobster", 2))
    answer = cancel(app, order, line_of("crab"), line_of("lobster")).json()
    assert lines_in(answer) == {"crab": "cancelled", "water": "waiting", "lobster": "cancelled"}
    assert (portions("crab"), portions("lobster")) == (1, 1)
    open_trays(order)
    assert list(Ticket.objects.values_list("item", "state")) == [("water", "fired")]
    assert Ticket.objects.get().parked_canvas == Tray.objects.get(number=1).canvas
    assert states() == ["waiting", "void"]
    assert Tray.objects.get(number=1).promised_at is not None
    bring_to_pass(order, tray=1)
    assert states() == ["ready", "void"]


def test_a_change_of_an_order_not_opened_yet_is_told_again(app: APIClient, place: Place) -> None:
    order = place("crab", "water", ("lobster", 2))
    cancel(app, order, line_of("crab"), note="quick")
    (changed,) = EventRecord.objects.filter(name="order.changed")
    with pytest.raises(NotOpenedYet):
        change_notes(event_id=changed.pk, **changed.data)
    open_trays(order)
    change_notes(event_id=changed.pk, **changed.data)
    assert set(Ticket.objects.values_list("note", "change")) == {("quick", "note")}


def test_an_order_cancelled_later_gives_each_portion_back_once(
    app: APIClient, opened: Place
) -> None:
    order = opened("crab", "lobster", ("water", 2))
    cancel(app, order, line_of("crab"))
    services.cancel_order(order, "gone")
    assert (portions("crab"), portions("lobster")) == (1, 1)
    assert states() == ["void", "void"]


def test_only_its_owner_and_waiters_cancel_a_line(
    client_of: Callable[..., APIClient], opened: Place
) -> None:
    order = opened("crab", "water", "lobster")
    assert_problem(cancel(client_of("cook"), order, line_of("crab")), 403, "forbidden")
    assert_problem(cancel(client_of("app"), order, line_of("crab")), 404, "not_found")
    assert cancel(client_of("waiter"), order, line_of("crab")).status_code == 200
