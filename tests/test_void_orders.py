"""An order that was answered with 201 comes ready or is cancelled with a reason."""

from collections.abc import Callable

import pytest

from conftest import open_trays
from kitchen import services as kitchen
from kitchen.models import RecipeStep, Tray
from orders.models import Order
from orders.tasks import follow_kitchen
from restaurant.events.models import EventRecord

pytestmark = pytest.mark.django_db


def test_an_order_of_which_nothing_can_be_cooked_is_cancelled_with_a_reason(
    place: Callable[..., Order],
) -> None:
    order = place("water")
    RecipeStep.objects.filter(item="water").delete()
    (tray,) = open_trays(order)
    assert kitchen.plate(tray.pk, Tray.objects.get().canvas) is True
    (voided,) = EventRecord.objects.filter(name="tray.voided")
    follow_kitchen(event_id=voided.pk, **voided.data)
    order.refresh_from_db()
    assert (order.state, order.cancel_reason) == (
        "cancelled",
        "The kitchen can make nothing of it.",
    )
    assert EventRecord.objects.filter(name="order.cancelled").count() == 1


def test_an_order_that_the_kitchen_has_not_opened_stays_as_it_is(
    place: Callable[..., Order],
) -> None:
    order = place("water")
    (placed,) = EventRecord.objects.filter(name="order.placed")
    follow_kitchen(event_id=placed.pk, order_ref=str(order.ref))
    order.refresh_from_db()
    assert order.state == "placed"
