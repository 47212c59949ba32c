"""PATCH orders/{id}/ with `add`: more for an order that the kitchen is at."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, cook, open_trays, told
from kitchen import services as kitchen
from kitchen.models import KitchenSettings, MenuItem, Ticket, Tray, Zone
from kitchen.tasks import call_out, change_notes, drive_tray
from orders import services
from orders.models import Order, OrderLine
from restaurant.events.models import EventRecord

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


@pytest.fixture
def app(client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def line(item: str, tray: int = 1, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"item": item, "quantity": quantity, "tray": tray, **more}


def add(client: APIClient, order: Order, *lines: Any, **more: Any) -> Any:
    return client.patch(
        f"/api/v1/orders/{order.ref}/",
        {"add": list(lines), **more},
        format="json",
        headers={"If-Match": "*"},
    )


def hear_all(task: Callable[..., None], name: str) -> None:
    for event in EventRecord.objects.filter(name=name).order_by("pk"):
        task(event_id=event.pk, **event.data)


def faults(problem: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in problem["errors"]]


def rows() -> list[Any]:
    tables = (Order, OrderLine, Tray, Ticket, EventRecord, MenuItem)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_more_is_priced_promised_and_told_to_the_kitchen(app: APIClient, opened: Place) -> None:
    order = opened("water", note="no rush")
    answer = add(app, order, line("crab", note="hot"), line("tom-yum", tray=2, quantity=2))
    assert answer.status_code == 200, answer.content
    now = answer.json()
    assert (now["total"], now["version"]) == ("600.00", order.version + 1)
    shown = [(t["number"], one["item"], one["state"]) for t in now["trays"] for one in t["lines"]]
    assert shown == [
        (1, "water", "waiting"),
        (1, "crab", "waiting"),
        (2, "tom-yum", "waiting"),
    ]
    promised = [tray["promised_at"] for tray in now["trays"]]
    assert now["promised_at"] == max(promised) == promised[1] != order.promised_at
    assert MenuItem.objects.get(pk="crab").portions_left == 0
    for tray, at in zip(Tray.objects.order_by("number"), promised, strict=True):
        assert tray.promised_at == datetime.fromisoformat(at)
    (changed,) = told("order.changed")
    assert [(one["item"], one["note"]) for one in changed["added"]] == [
        ("crab", "hot · no rush"),
        ("tom-yum", "no rush"),
    ]
    assert {event["tray"] for event in told("tray.extended")} == {1, 2}


def test_the_cooks_get_it_marked_and_the_tray_waits_for_it(app: APIClient, opened: Place) -> None:
    order = opened("water")
    cook(Ticket.objects.get())
    canvas = Tray.objects.get().canvas
    add(app, order, line("crab", note="hot"))
    # Before the head chef has heard of it: the tray is not complete any more.
    assert kitchen.plate(Tray.objects.get().pk, canvas) is False
    hear_all(drive_tray, "tray.extended")
    crab, tray = Ticket.objects.get(item="crab"), Tray.objects.get()
    assert (crab.state, crab.note, crab.change) == ("fired", "hot", "added")
    assert crab.changed_at is not None
    assert (crab.line_ref, crab.track) == (OrderLine.objects.get(item="crab").pk, 2)
    assert crab.parked_canvas == tray.canvas == canvas + 1
    assert tray.tickets.get(item="water").change == ""
    assert told("ticket.fired")[-1]["ticket_ref"] == str(crab.pk)
    cook(crab)
    assert kitchen.plate(tray.pk, tray.canvas) is True


def test_heard_twice_or_late_the_end_is_the_same(app: APIClient, opened: Place) -> None:
    order = opened("water")
    add(app, order, line("thai-tea"), note="ice")
    for _ in range(2):
        hear_all(drive_tray, "tray.extended")
        hear_all(change_notes, "order.changed")
    assert Ticket.objects.filter(item="thai-tea").count() == 1
    assert len(told("ticket.fired")) == 2
    marks = dict(Ticket.objects.values_list("item", "change"))
    # The new one was ordered with the new note.
    assert marks == {"water": "note", "thai-tea": "added"}
    bring_to_pass(order)
    kitchen.drive(Tray.objects.get().pk, call_out)
    assert (Tray.objects.get().state, len(told("tray.ready"))) == ("ready", 1)


def test_what_is_added_before_the_kitchen_has_opened_the_order_is_opened_with_it(
    app: APIClient, place: Place
) -> None:
    order = place("water", ("thai-tea", 2))
    answer = add(app, order, line("tom-yum"), line("gai-yang", tray=3))
    assert answer.json()["total"] == "265.00"
    # News of the new lines may overtake that of the order.
    hear_all(drive_tray, "tray.extended")
    assert set(Ticket.objects.values_list("item", "state")) == {
        ("tom-yum", "held"),
        ("gai-yang", "fired"),
    }
    open_trays(order)
    for tray in Tray.objects.all():
        assert set(tray.tickets.values_list("parked_canvas", flat=True)) == {tray.canvas}
    fired = set(Ticket.objects.filter(state="fired").values_list("item", "zone"))
    assert fired == {
        ("tom-yum", "boil"),
        ("water", "drinks"),
        ("thai-tea", "drinks"),
        ("gai-yang", "grill"),
    }
    bring_to_pass(order)
    assert set(Tray.objects.values_list("state", flat=True)) == {"ready"}
    assert {len(told(name)) for name in ("trays.ready",)} == {1}


def test_a_line_added_and_cancelled_before_the_head_chef_hears_is_not_cooked(
    app: APIClient, opened: Place
) -> None:
    order = opened("water")
    add(app, order, line("crab"))
    crab = OrderLine.objects.get(item="crab").pk
    app.patch(
        f"/api/v1/orders/{order.ref}/",
        {"cancel": [str(crab)]},
        format="json",
        headers={"If-Match": "*"},
    )
    hear_all(drive_tray, "tray.extended")
    assert Ticket.objects.get(item="crab").state == "void"
    assert MenuItem.objects.get(pk="crab").portions_left == 1
    assert Order.objects.get().total == 10


@pytest.mark.parametrize("state", ["ready", "served", "void"])
def test_a_tray_that_does_not_wait_takes_no_more(app: APIClient, opened: Place, state: str) -> None:
    order = opened("water", ("thai-tea", 2))
    bring_to_pass(order, tray=1)
    services.mark_preparing(order.ref)
    if state == "served":
        services.serve_order(order, tray=1)
    if state == "void":
        Tray.objects.filter(number=1).update(state="void")
    before = rows()
    problem = assert_problem(add(app, order, line("crab")), 409, "illegal_transition")
    assert problem["tray"] == 1
    assert rows() == before
    assert add(app, order, line("crab", tray=3)).status_code == 200


def test_a_refusal_points_at_the_new_line_and_changes_nothing(
    app: APIClient, opened: Place
) -> None:
    order = opened("water")
    before = rows()
    unknown = assert_problem(add(app, order, line("water"), line("soup")), 400, "unknown_item")
    assert faults(unknown) == [("/add/1/item", "unknown_item")]
    wrong = assert_problem(add(app, order, line("water", options=["x"])), 400, "unknown_option")
    assert faults(wrong) == [("/add/0/options/0", "unknown_option")]
    sold_out = assert_problem(add(app, order, line("crab", quantity=2)), 409, "sold_out")
    assert (sold_out["item"], sold_out["left"]) == ("crab", 1)
    Zone.objects.filter(pk="grill").update(is_open=False)
    assert_problem(add(app, order, line("gai-yang"), note="x"), 409, "zone_closed")
    KitchenSettings.objects.update(quote_limit_minutes=1)
    assert_problem(add(app, order, line("tom-yum")), 503, "kitchen_full")
    assert rows() == before


def test_an_order_has_at_most_a_hundred_lines(app: APIClient, opened: Place) -> None:
    order = opened("water", "thai-tea")
    problem = assert_problem(add(app, order, *[line("water")] * 99), 400, "invalid_body")
    assert faults(problem) == [("/add", "invalid_body")]
    assert add(app, order, *[line("water")] * 98).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"item": "water"}, "/add/0/quantity"),
        ({"item": "water", "quantity": "1"}, "/add/0/quantity"),
        ({"item": "water", "quantity": 1, "price": 0}, "/add/0/price"),
        ("water", "/add/0"),
    ],
)
def test_a_wrong_line_is_pointed_at(app: APIClient, place: Place, wrong: Any, pointer: str) -> None:
    answer = add(app, place("water"), wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_the_note_of_a_line_is_changed_by_itself(app: APIClient, opened: Place) -> None:
    order = opened("tom-yum", "water", allergies="nuts")
    soup = OrderLine.objects.get(item="tom-yum").pk
    answer = add(app, order, lines=[{"id": str(soup), "note": "mild"}]).json()
    assert {one["item"]: one["note"] for one in answer["trays"][0]["lines"]} == {
        "tom-yum": "mild",
        "water": "",
    }
    hear_all(change_notes, "order.changed")
    assert set(Ticket.objects.values_list("zone", "note", "change")) == {
        ("boil", "mild", "note"),
        ("fry", "mild", "note"),
        ("drinks", "", ""),
    }
    problem = add(app, order, lines=[{"id": str(order.ref), "note": ""}])
    assert faults(assert_problem(problem, 400, "unknown_line")) == [("/lines/0/id", "unknown_line")]
