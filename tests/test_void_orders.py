"""An order that was answered with 201 comes ready or is cancelled with a reason."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import bring_to_pass, open_trays
from kitchen.models import MenuItem, RecipeStep, Tray
from orders.models import Order
from orders.tasks import drop_line, follow_kitchen
from restaurant.events.models import EventRecord

pytestmark = pytest.mark.django_db


def test_an_order_of_which_nothing_can_be_cooked_is_cancelled_with_a_reason(
    place: Callable[..., Order],
) -> None:
    order = place("crab")
    RecipeStep.objects.filter(item="crab").delete()
    (tray,) = open_trays(order)
    assert tray.state == "void"
    heard = [hear(follow_kitchen, "tray.voided"), hear(drop_line, "line.refused")]
    assert heard == [1, 1]
    order.refresh_from_db()
    assert (order.state, order.cancel_reason) == (
        "cancelled",
        "The kitchen can make nothing of it.",
    )
    assert order.total == 0
    assert EventRecord.objects.filter(name="order.cancelled").count() == 1
    assert MenuItem.objects.get(pk="crab").portions_left == 1


def test_a_line_that_nobody_can_cook_is_cancelled_and_not_paid(
    place: Callable[..., Order], client_of: Callable[..., APIClient], guest: User
) -> None:
    order = place("crab", "water", ("water", 2))
    RecipeStep.objects.filter(item="crab").delete()
    open_trays(order)
    assert hear(drop_line, "line.refused") == 1
    assert hear(drop_line, "line.refused") == 1
    answer = client_of(guest).get(f"/api/v1/orders/{order.ref}/").json()
    assert answer["total"] == "20.00"
    states = {line["item"]: line["state"] for line in answer["trays"][0]["lines"]}
    assert states == {"crab": "cancelled", "water": "waiting"}
    assert MenuItem.objects.get(pk="crab").portions_left == 1
    bring_to_pass(order, tray=1)
    assert list(Tray.objects.order_by("number").values_list("state", flat=True)) == [
        "ready",
        "waiting",
    ]


def hear(task: Callable[..., None], name: str) -> int:
    """The task hears all events of this name; their number."""
    events = EventRecord.objects.filter(name=name)
    for event in events:
        task(event_id=event.pk, **event.data)
    return len(events)


def test_an_order_that_the_kitchen_has_not_opened_stays_as_it_is(
    place: Callable[..., Order],
) -> None:
    order = place("water")
    (placed,) = EventRecord.objects.filter(name="order.placed")
    follow_kitchen(event_id=placed.pk, order_ref=str(order.ref))
    order.refresh_from_db()
    assert order.state == "placed"
