"""A later course waits until the waiter calls for it, or the one before it is served."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, new_key, open_trays, order_body
from kitchen import moves
from kitchen import services as kitchen
from kitchen.models import KitchenSettings, MenuItem, Ticket, Tray
from kitchen.tasks import call_out
from orders import services
from orders.models import Order
from orders.services import NewLine
from orders.tasks import follow_kitchen
from restaurant.events.models import EventRecord

URL = "/api/v1/orders/"


@pytest.fixture
def app(menu: dict[str, MenuItem], client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


@pytest.fixture
def waiter(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("waiter")


def in_courses(*courses: str) -> dict[str, Any]:
    """A course of one item on a tray for each."""
    body = order_body(*[(item, tray) for tray, item in enumerate(courses, start=1)])
    for course, line in enumerate(body["lines"], start=1):
        line["course"] = course
    return body


def post(app: APIClient, body: dict[str, Any]) -> Any:
    return app.post(URL, body, format="json", headers=new_key())


@pytest.fixture
def dinner(app: APIClient) -> Order:
    """Soup, then chicken, then water; opened."""
    order = Order.objects.get(
        ref=post(app, in_courses("tom-yum", "gai-yang", "water")).json()["id"]
    )
    open_trays(order)
    return order


def call_for(waiter: APIClient, order: Order, course: int) -> Any:
    return waiter.post(f"{URL}{order.ref}/fire/", {"course": course}, format="json")


def serve(waiter: APIClient, order: Order, **body: int) -> Any:
    return waiter.post(f"{URL}{order.ref}/serve/", body, format="json")


def fired() -> set[str]:
    return set(Ticket.objects.filter(state="fired").values_list("item", flat=True))


def reread(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_nothing_is_promised_for_a_later_course(app: APIClient) -> None:
    before = timezone.now()
    found = post(app, in_courses("water", "gai-yang")).json()
    assert [tray["lines"][0]["course"] for tray in found["trays"]] == [1, 2]
    water, chicken = found["trays"]
    assert chicken["promised_at"] is None
    assert found["promised_at"] == water["promised_at"]
    wait = datetime.fromisoformat(found["promised_at"]) - before
    assert wait < timedelta(seconds=60)


def test_a_later_course_is_not_fired_by_the_pacer_nor_by_driving_nor_by_a_hurry(
    waiter: APIClient, dinner: Order
) -> None:
    assert fired() == {"tom-yum"}
    Ticket.objects.update(fire_at=timezone.now() - timedelta(hours=1))
    kitchen.pace()
    for tray in Tray.objects.all():
        kitchen.drive(tray.pk, call_out)
    kitchen.rush(dinner.ref, [1])
    assert fired() == {"tom-yum"}
    assert waiter.get("/api/v1/zones/grill/tickets/").json()["results"] == []
    (held,) = waiter.get("/api/v1/zones/grill/tickets/?state=held").json()["results"]
    assert held["course"] == 2


def test_a_later_course_is_no_work_of_its_zones_yet(
    app: APIClient, waiter: APIClient, dinner: Order
) -> None:
    load = {zone["code"]: zone["held"] for zone in waiter.get("/api/v1/zones/").json()}
    assert load["grill"] == 0
    before = timezone.now()
    for _ in range(2):
        found = post(app, order_body("gai-yang")).json()
        wait = datetime.fromisoformat(found["promised_at"]) - before
        assert wait.total_seconds() == pytest.approx(300, abs=3)


def test_the_waiter_calls_for_a_course_and_it_is_promised_then(
    waiter: APIClient, dinner: Order
) -> None:
    answer = call_for(waiter, dinner, 2)
    assert answer.status_code == 200
    assert fired() == {"tom-yum", "gai-yang"}
    tray = Tray.objects.get(number=2)
    assert tray.promised_at is not None
    assert (tray.promised_at - timezone.now()).total_seconds() == pytest.approx(300, abs=3)
    shown = answer.json()
    assert [each["promised_at"] is None for each in shown["trays"]] == [False, False, True]
    soup = Tray.objects.get(number=1).promised_at
    assert soup is not None
    assert reread(dinner).promised_at == max(soup, tray.promised_at)
    (event,) = EventRecord.objects.filter(name="course.fired")
    promised_at = Order.objects.get().promised_at.isoformat()
    assert event.data == {
        "order_ref": str(dinner.ref),
        "course": 2,
        "promised_at": promised_at,
    }


def test_the_same_call_again_changes_nothing(waiter: APIClient, dinner: Order) -> None:
    first, again = call_for(waiter, dinner, 2), call_for(waiter, dinner, 2)
    assert (again.status_code, again.headers["ETag"]) == (200, first.headers["ETag"])
    assert EventRecord.objects.filter(name="course.fired").count() == 1
    assert call_for(waiter, dinner, 1).status_code == 200
    assert EventRecord.objects.filter(name="ticket.fired").count() == 2


def test_a_called_course_comes_together_as_well(waiter: APIClient, app: APIClient) -> None:
    KitchenSettings.objects.update(pacing=True)
    body = order_body("water", ("gai-yang", 2), ("thai-tea", 2))
    for line in body["lines"][1:]:
        line["course"] = 2
    order = Order.objects.get(ref=post(app, body).json()["id"])
    open_trays(order)
    call_for(waiter, order, 2)
    assert fired() == {"water", "gai-yang"}
    Ticket.objects.filter(item="thai-tea").update(fire_at=timezone.now())
    chicken = Ticket.objects.get(item="gai-yang")
    kitchen.start(chicken.pk)
    kitchen.finish(chicken.pk)
    kitchen.pace()
    assert fired() == {"water", "thai-tea"}


def test_the_waiter_decides_when_unless_the_house_says_otherwise(
    waiter: APIClient, dinner: Order
) -> None:
    bring_to_pass(dinner, 1)
    trays = serve(waiter, dinner).json()["trays"]
    assert [tray["state"] for tray in trays] == ["served", "waiting", "waiting"]
    assert fired() == set()
    call_for(waiter, dinner, 2)
    assert fired() == {"gai-yang"}


def test_the_next_course_is_fired_when_the_one_before_it_is_served(
    waiter: APIClient, dinner: Order
) -> None:
    KitchenSettings.objects.update(auto_fire_courses=True)
    bring_to_pass(dinner, 1)
    assert fired() == set()
    serve(waiter, dinner, tray=1)
    assert fired() == {"gai-yang"}
    bring_to_pass(dinner, 2)
    serve(waiter, dinner, tray=2)
    assert fired() == {"water"}
    bring_to_pass(dinner, 3)
    assert serve(waiter, dinner, tray=3).json()["state"] == "served"


def test_all_trays_of_a_course_are_served_before_the_next_is_fired(
    waiter: APIClient, app: APIClient
) -> None:
    KitchenSettings.objects.update(auto_fire_courses=True)
    body = order_body("water", ("thai-tea", 2), ("gai-yang", 3))
    body["lines"][2]["course"] = 2
    order = Order.objects.get(ref=post(app, body).json()["id"])
    open_trays(order)
    bring_to_pass(order, 1)
    bring_to_pass(order, 2)
    serve(waiter, order, tray=1)
    assert fired() == set()
    serve(waiter, order, tray=2)
    assert fired() == {"gai-yang"}


def test_nobody_is_late_while_the_guests_eat(waiter: APIClient, dinner: Order) -> None:
    past = timezone.now() - timedelta(minutes=5)
    Order.objects.update(promised_at=past)
    assert list(Order.objects.late()) == [dinner]
    bring_to_pass(dinner, 1)
    serve(waiter, dinner, tray=1)
    assert not Order.objects.late().exists()
    assert reread(dinner).late_for is None
    call_for(waiter, dinner, 2)
    assert not Order.objects.late().exists()
    Order.objects.update(promised_at=past)
    assert list(Order.objects.late()) == [dinner]


def test_cancelling_voids_what_is_held_for_later(dinner: Order) -> None:
    services.cancel_order(dinner, "gone")
    assert set(Tray.objects.values_list("state", flat=True)) == {"void"}
    assert set(Ticket.objects.values_list("state", flat=True)) == {"void"}


def test_an_order_without_its_first_course_begins_with_the_next(app: APIClient) -> None:
    body = in_courses("water", "thai-tea", "gai-yang")
    del body["lines"][0]
    found = post(app, body).json()
    assert [tray["promised_at"] is None for tray in found["trays"]] == [False, True]


def test_two_courses_on_one_tray_are_refused(app: APIClient) -> None:
    body = order_body("water", "thai-tea", ("gai-yang", 2))
    body["lines"][1]["course"] = 2
    problem = assert_problem(post(app, body), 400, "invalid_body")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [
        ("/lines/1/course", "mixed_courses")
    ]


@pytest.mark.parametrize("course", [0, 10, "2", True, None])
def test_a_course_is_a_number_from_one_to_nine(
    app: APIClient, waiter: APIClient, dinner: Order, course: Any
) -> None:
    body = order_body("water")
    body["lines"][0]["course"] = course
    assert_problem(post(app, body), 400, "invalid_body")
    assert_problem(call_for(waiter, dinner, course), 400, "invalid_body")


def test_what_can_not_be_called_for(waiter: APIClient, app: APIClient, dinner: Order) -> None:
    problem = assert_problem(call_for(waiter, dinner, 4), 404, "not_found")
    assert problem["course"] == 4
    not_opened = Order.objects.get(ref=post(app, in_courses("water", "water")).json()["id"])
    assert_problem(call_for(waiter, not_opened, 2), 409, "illegal_transition")
    services.cancel_order(dinner, "gone")
    assert_problem(call_for(waiter, dinner, 2), 409, "illegal_transition")


def test_the_order_is_promised_when_the_last_of_what_was_called_for_is(
    waiter: APIClient, app: APIClient
) -> None:
    order = Order.objects.get(ref=post(app, in_courses("gai-yang", "water")).json()["id"])
    open_trays(order)
    chicken = reread(order).promised_at
    call_for(waiter, order, 2)
    assert reread(order).promised_at == chicken


def test_what_is_cooked_again_between_courses_may_be_late(waiter: APIClient, dinner: Order) -> None:
    bring_to_pass(dinner, 1)
    serve(waiter, dinner, tray=1)
    assert reread(dinner).between_courses
    services.refire_line(dinner, dinner.lines.get(item="tom-yum").pk, "cold", "somchai")
    assert not reread(dinner).between_courses


def test_more_of_a_called_course_between_courses_may_be_late(
    waiter: APIClient, dinner: Order
) -> None:
    bring_to_pass(dinner, 1)
    serve(waiter, dinner, tray=1)
    add(dinner, NewLine("water", 1, 3, course=3))
    assert reread(dinner).between_courses
    add(dinner, NewLine("water", 1, 4))
    assert not reread(dinner).between_courses


def add(order: Order, line: NewLine) -> None:
    services.change_order(order.ref, lambda now, progress: True, services.Change(add=[line]))


def hear_of_void() -> None:
    for event in EventRecord.objects.filter(name="tray.voided").order_by("pk"):
        follow_kitchen(event_id=event.pk, **event.data)


def test_the_next_course_is_fired_when_nothing_is_left_of_the_one_before_it(
    dinner: Order,
) -> None:
    KitchenSettings.objects.update(auto_fire_courses=True)
    services.cancel_line(dinner, dinner.lines.get(item="tom-yum").pk)
    hear_of_void()
    assert fired() == {"gai-yang"}


def test_nobody_is_late_when_nothing_is_left_of_what_was_called_for(dinner: Order) -> None:
    services.cancel_line(dinner, dinner.lines.get(item="tom-yum").pk)
    hear_of_void()
    assert reread(dinner).between_courses


def test_a_cancelled_order_fires_no_course(dinner: Order) -> None:
    KitchenSettings.objects.update(auto_fire_courses=True)
    services.cancel_order(dinner, "gone")
    hear_of_void()
    assert fired() == set()


def test_a_course_that_the_kitchen_has_not_opened_can_not_be_called_for(
    waiter: APIClient, app: APIClient
) -> None:
    order = Order.objects.get(ref=post(app, in_courses("water", "gai-yang")).json()["id"])
    add(order, NewLine("thai-tea", 1, 2, course=2))
    assert_problem(call_for(waiter, order, 2), 409, "illegal_transition")
    open_trays(order)
    assert call_for(waiter, order, 2).status_code == 200
    assert fired() == {"water", "gai-yang", "thai-tea"}


def test_a_course_of_which_nothing_can_be_cooked_now_is_called_for(
    waiter: APIClient, dinner: Order
) -> None:
    (ticket,) = Ticket.objects.filter(item="gai-yang")
    moves.move_tickets("quarantine", having={"pk": ticket.pk})
    assert call_for(waiter, dinner, 2).status_code == 200
    kitchen.retry(ticket.pk)
    kitchen.drive(ticket.tray_id, call_out)
    assert fired() == {"tom-yum", "gai-yang"}


def test_more_for_a_course_that_was_passed_over_does_not_fire_it(
    waiter: APIClient, dinner: Order
) -> None:
    call_for(waiter, dinner, 3)
    add(dinner, NewLine("thai-tea", 1, 2, course=2))
    kitchen.drive(Tray.objects.get(number=2).pk, call_out)
    assert fired() == {"tom-yum", "water"}
    assert Tray.objects.get(number=2).held_back


def test_what_waits_for_its_course_stands_last_at_the_pass(dinner: Order) -> None:
    Tray.objects.filter(number=1).update(number=9)
    assert [one.tray.number for one in kitchen.pass_screen().coming] == [9, 2, 3]
