"""PATCH orders/{id}/: the notes of an order that is on its way, for who has seen it as it is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, cook, open_trays
from kitchen import services as kitchen
from kitchen.exceptions import NotOpenedYet
from kitchen.models import Ticket
from kitchen.tasks import change_notes
from orders.models import Order
from restaurant.events.models import EventRecord, Heard

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


@pytest.fixture
def app(client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def of(order: Order) -> str:
    return f"/api/v1/orders/{order.ref}/"


def seen(app: APIClient, order: Order) -> str:
    return str(app.get(of(order)).headers["ETag"])


def patch(app: APIClient, order: Order, body: Any, if_match: str | None = None) -> Any:
    headers = {} if if_match is None else {"If-Match": if_match}
    return app.patch(of(order), body, format="json", headers=headers)


def hear(event: EventRecord) -> None:
    change_notes(event_id=event.pk, **event.data)


def changes() -> list[EventRecord]:
    return list(EventRecord.objects.filter(name="order.changed").order_by("pk"))


def test_the_notes_are_changed_and_whoever_cooks_reads_them(app: APIClient, opened: Place) -> None:
    order = opened("tom-yum", "water", note="no rush")
    cook(Ticket.objects.get(zone="drinks"))
    kitchen.start(Ticket.objects.get(zone="boil").pk)
    before = seen(app, order)
    changed = patch(app, order, {"allergies": "prawns"}, before)
    assert changed.status_code == 200, changed.content
    assert (changed.json()["note"], changed.json()["allergies"]) == ("no rush", "prawns")
    assert changed.json()["version"] == order.version + 1
    assert changed.headers["ETag"] == seen(app, order) != before
    (event,) = changes()
    hear(event)
    tickets = Ticket.objects.values_list("zone", "note", "allergies").order_by("zone")
    assert list(tickets) == [
        ("boil", "no rush", "prawns"),
        # It stands at the pass: nobody cooks it any more.
        ("drinks", "no rush", ""),
        ("fry", "no rush", "prawns"),
    ]


def test_who_has_not_seen_the_order_as_it_is_changes_nothing(app: APIClient, opened: Place) -> None:
    order = opened("water")
    old = seen(app, order)
    kitchen.start(Ticket.objects.get().pk)
    row = Order.objects.values().get()
    assert_problem(patch(app, order, {"note": "x"}, old), 412, "version_mismatch")
    assert_problem(patch(app, order, {"note": "x"}), 428, "version_required")
    assert (Order.objects.values().get(), changes()) == (row, [])
    assert patch(app, order, {"note": "x"}, "*").status_code == 200


@pytest.mark.parametrize("state", ["ready", "served", "closed", "cancelled"])
def test_what_nobody_cooks_any_more_has_its_notes(app: APIClient, place: Place, state: str) -> None:
    order = place("water")
    Order.objects.update(state=state)
    answer = patch(app, order, {"note": "late"}, seen(app, order))
    assert assert_problem(answer, 409, "illegal_transition")["state"] == state
    assert (Order.objects.get().note, changes()) == ("", [])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"note": None}, "invalid_body"),
        ({"note": 1}, "invalid_body"),
        ({"note": "x" * 501}, "invalid_body"),
        ({"allergies": ["nuts"]}, "invalid_body"),
        ({"table": "A1"}, "unknown_field"),
        ([], "invalid_body"),
    ],
)
def test_a_wrong_change_is_refused(app: APIClient, place: Place, body: Any, code: str) -> None:
    order = place("water")
    assert_problem(patch(app, order, body, seen(app, order)), 400, code)
    assert changes() == []


def test_a_change_that_is_heard_before_the_order_is_told_again(
    app: APIClient, place: Place
) -> None:
    order = place("water")
    patch(app, order, {"note": "ice"}, "*")
    (event,) = changes()
    with pytest.raises(NotOpenedYet):
        hear(event)
    assert not Heard.objects.exists()
    open_trays(order)
    hear(event)
    assert Ticket.objects.get().note == "ice"


def test_an_older_change_that_is_heard_later_changes_nothing(app: APIClient, opened: Place) -> None:
    order = opened("water")
    for note in ("no ice", "much ice"):
        patch(app, order, {"note": note}, "*")
    older, newer = changes()
    hear(newer)
    hear(older)
    assert Ticket.objects.get().note == "much ice"


def test_the_notes_of_a_ready_tray_stay(app: APIClient, opened: Place) -> None:
    order = opened("water", ("thai-tea", 2))
    bring_to_pass(order, tray=1)
    patch(app, order, {"note": "straw"}, "*")
    hear(changes()[0])
    assert dict(Ticket.objects.values_list("item", "note")) == {"water": "", "thai-tea": "straw"}
