"""A waiter is in a hurry: the order goes before the others."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, open_trays
from kitchen import services as kitchen
from kitchen.exceptions import NotOpenedYet
from kitchen.models import KitchenSettings, Ticket, Tray, Zone
from kitchen.tasks import call_out
from orders import services
from orders.models import Order
from orders.services import NewLine, NewOrder
from restaurant.events.models import EventRecord

Place = Callable[..., Order]


@pytest.fixture
def waiter(make_user: Callable[..., User], client_of: Callable[..., APIClient]) -> APIClient:
    return client_of(make_user("waiter", "malee"))


def rush(client: APIClient, order: Order) -> Any:
    """The request, and what the kitchen does when it hears of it."""
    answer = client.post(f"/api/v1/orders/{order.ref}/rush/", {}, format="json")
    if answer.status_code == 200:
        kitchen.rush(order.ref, [1])
    return answer


def on_screen(client: APIClient, zone: str) -> list[str]:
    found = client.get(f"/api/v1/zones/{zone}/tickets/").json()["results"]
    return [ticket["order_label"].split()[0] for ticket in found]


def number(order: Order) -> str:
    return f"#{order.number}"


def test_its_tickets_stand_before_all_others_and_are_marked(
    waiter: APIClient, opened: Place
) -> None:
    first, second, urgent = opened("crab"), opened("pad-krapow"), opened("tom-yum")
    assert on_screen(waiter, "fry") == [number(first), number(second), number(urgent)]
    assert rush(waiter, urgent).status_code == 200
    assert on_screen(waiter, "fry") == [number(urgent), number(first), number(second)]
    found = waiter.get("/api/v1/zones/fry/tickets/").json()["results"]
    assert [ticket["rushed"] for ticket in found] == [True, False, False]


def test_who_was_in_a_hurry_first_comes_first(waiter: APIClient, opened: Place) -> None:
    slow, first, second = opened("pad-krapow"), opened("gai-yang", "tom-yum"), opened("tom-yum")
    rush(waiter, first)
    rush(waiter, second)
    assert on_screen(waiter, "fry") == [number(first), number(second), number(slow)]


def test_what_was_held_back_of_it_is_fired(waiter: APIClient, place: Place) -> None:
    KitchenSettings.objects.update(pacing=True)
    Zone.objects.update(cooks=1)
    order, other = place("gai-yang", "tom-yum", "thai-tea"), place("gai-yang", "water")
    open_trays(order)
    open_trays(other)
    rush(waiter, order)
    states = {f"{t.item} {t.zone_id}": t.state for t in Ticket.objects.filter(tray__number=1)}
    assert states["thai-tea drinks"] == "fired"
    assert states["tom-yum fry"] == "held"
    assert Ticket.objects.get(item="water").state == "held"
    kitchen.pace()
    assert on_screen(waiter, "drinks") == [number(order), number(other)]


def test_who_was_in_a_hurry_is_recorded_once(waiter: APIClient, opened: Place) -> None:
    order = opened("water")
    first, again = rush(waiter, order), rush(waiter, order)
    assert (first.status_code, again.status_code) == (200, 200)
    events = EventRecord.objects.filter(name="order.rushed")
    assert [event.data["by"] for event in events] == ["malee"]
    assert again.headers["ETag"] == first.headers["ETag"]


def test_a_hurry_that_is_heard_twice_changes_nothing_more(waiter: APIClient, opened: Place) -> None:
    opened("water")
    order = opened("thai-tea")
    rush(waiter, order)
    rows = list(Ticket.objects.order_by("pk").values())
    kitchen.rush(order.ref, [1])
    assert list(Ticket.objects.order_by("pk").values()) == rows


def test_a_hurry_that_is_heard_before_its_order_is_told_again(place: Place) -> None:
    order = place("water")
    services.rush_order(order, by="malee")
    with pytest.raises(NotOpenedYet):
        kitchen.rush(order.ref, [1])


def test_it_stays_in_front_when_its_tray_is_driven(waiter: APIClient, opened: Place) -> None:
    opened("crab")
    order = opened("pad-krapow")
    rush(waiter, order)
    kitchen.drive(Tray.objects.get(order_ref=order.ref).pk, call_out)
    kitchen.pace()
    assert on_screen(waiter, "fry")[0] == number(order)


def test_what_the_kitchen_is_done_with_is_in_no_hurry(waiter: APIClient, opened: Place) -> None:
    order = opened("water")
    bring_to_pass(order)
    services.follow_kitchen(order.ref)
    assert_problem(rush(waiter, order), 409, "illegal_transition")
    cancelled = opened("water")
    services.cancel_order(cancelled, "gone")
    assert_problem(rush(waiter, cancelled), 409, "illegal_transition")
    assert not EventRecord.objects.filter(name="order.rushed").exists()


def add(order: Order, line: NewLine) -> None:
    services.change_order(order.ref, lambda now, progress: True, services.Change(add=[line]))
    for event in EventRecord.objects.filter(name="tray.extended"):
        kitchen.drive(Tray.objects.get(pk=event.data["tray_ref"]).pk, call_out)


def test_the_hurry_holds_for_what_is_added_later(waiter: APIClient, opened: Place) -> None:
    first, urgent = opened("pad-krapow"), opened("tom-yum")
    rush(waiter, urgent)
    add(urgent, NewLine("pad-krapow", 1, 1))
    add(urgent, NewLine("pad-krapow", 1, 2))
    assert on_screen(waiter, "fry") == [number(urgent)] * 3 + [number(first)]
    found = waiter.get("/api/v1/zones/fry/tickets/").json()["results"]
    assert [ticket["rushed"] for ticket in found] == [True, True, True, False]


@pytest.mark.parametrize("eaten", [False, True])
def test_the_hurry_holds_for_the_next_course(
    waiter: APIClient, opened: Place, guest: User, eaten: bool
) -> None:
    lines = [NewLine("water", 1, 1), NewLine("crab", 1, 2, course=2)]
    new = NewOrder(channel="takeaway", client_ref="in-courses", lines=lines)
    urgent, _ = services.place_order(new, principal=guest)
    open_trays(urgent)
    opened("pad-krapow")
    if eaten:
        bring_to_pass(urgent, 1)
        services.serve_order(urgent, 1)
    rush(waiter, urgent)
    assert Ticket.objects.get(tray__order_ref=urgent.ref, item="crab").state == "held"
    services.fire_course(urgent, 2)
    found = waiter.get("/api/v1/zones/fry/tickets/").json()["results"]
    assert [(ticket["item"], ticket["rushed"]) for ticket in found] == [
        ("crab", True),
        ("pad-krapow", False),
    ]


@pytest.mark.parametrize("tray", [1, 2])
def test_a_hurry_that_is_heard_between_a_change_and_its_order_is_told_again(
    place: Place, tray: int
) -> None:
    order = place("tom-yum")
    services.change_order(
        order.ref, lambda now, progress: True, services.Change(add=[NewLine("water", 1, tray)])
    )
    services.rush_order(order, by="malee")
    told = EventRecord.objects.get(name="order.rushed").data["trays"]
    assert told == sorted({1, tray})
    with pytest.raises(NotOpenedYet), transaction.atomic():
        kitchen.rush(order.ref, told)
    open_trays(order)
    kitchen.rush(order.ref, told)
    assert not Tray.objects.filter(rushed_at=None).exists()


def test_a_tray_that_was_cancelled_before_it_was_opened_holds_no_hurry_up(place: Place) -> None:
    order = place("tom-yum", ("water", 2))
    gone = order.lines.get(tray=2)
    services.change_order(order.ref, lambda now, progress: True, services.Change(cancel=[gone.pk]))
    open_trays(order)
    kitchen.rush(order.ref, [1, 2])
    assert Tray.objects.get(number=1).rushed_at is not None
