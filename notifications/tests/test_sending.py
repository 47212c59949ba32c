"""What receivers are told, and what becomes of it: with real receivers, as processes."""

from collections.abc import Callable

import pytest

from notifications.models import Delivery, Endpoint
from notifications.tests.conftest import Receiver, number
from orders import services as orders
from orders.models import Order
from tests.conftest import eventually

Place = Callable[..., Order]
Told = Callable[..., tuple[Endpoint, Receiver]]

pytestmark = pytest.mark.usefixtures("sender")


def the_delivery() -> Delivery:
    return Delivery.objects.get()


def test_a_receiver_is_told_what_it_has_chosen(place: Place, told: Told) -> None:
    _, receiver = told("order.placed", "order.cancelled")
    order = place("tom-yum")
    orders.cancel_order(order, "no time")
    number()
    eventually(lambda: Delivery.objects.filter(state="delivered").count() == 2)
    first, second = receiver.calls()
    assert (first["verified"], second["verified"]) == (True, True)
    assert first["told"]["type"] == "order.placed"
    assert first["told"]["data"] == {"order": str(order.ref), "version": 1, "sequence": 1}
    assert second["told"]["type"] == "order.cancelled"
    assert second["told"]["data"] == {"order": str(order.ref), "version": 2, "sequence": 2}
