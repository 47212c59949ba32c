"""The life of an order that is changed on its way, with a real worker and a real Redis."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import cook, times_told
from kitchen import services as kitchen
from kitchen.models import Ticket, Tray
from kitchen.tasks import watch_pass
from orders.models import Order, OrderLine
from tests.conftest import eventually

Place = Callable[..., Order]


def fired(item: str, **more: Any) -> Ticket:
    """The item's ticket, once its zone may begin."""
    found = Ticket.objects.filter(item=item, state="fired", **more)
    ticket: Ticket = eventually(found.first)
    return ticket


@pytest.mark.usefixtures("relay", "worker")
def test_an_order_is_changed_sent_back_and_served(
    client_of: Callable[..., APIClient], guest: User, place: Place
) -> None:
    app, waiter = client_of(guest), client_of("waiter")
    order = place("tom-yum", "crab")
    url = f"/api/v1/orders/{order.ref}/"

    # The crab is cancelled and a tea added before anybody in the kitchen has looked.
    crab = OrderLine.objects.get(item="crab").pk
    change = {"cancel": [str(crab)], "add": [{"item": "thai-tea", "quantity": 1}]}
    changed = app.patch(url, change, format="json", headers={"If-Match": "*"})
    assert (changed.status_code, changed.json()["total"]) == (200, "165.00")
    cook(fired("thai-tea"))
    cook(fired("tom-yum", zone="boil"))
    fry = kitchen.start(fired("tom-yum", zone="fry").pk)
    eventually(lambda: Order.objects.get().state == "preparing")

    # The pan is hot and slow; the tea waits at the pass.
    Ticket.objects.filter(item="thai-tea").update(done_at=timezone.now() - timedelta(hours=1))
    watch_pass.delay()
    eventually(lambda: times_told("part.waited") == 1)
    kitchen.finish(fry.pk)
    eventually(lambda: Order.objects.get().state == "ready")
    assert waiter.post(f"{url}serve/", {}, format="json").json()["state"] == "served"

    # The soup is too salty.
    soup = OrderLine.objects.get(item="tom-yum").pk
    body = {"line": str(soup), "reason": "too salty"}
    assert waiter.post(f"{url}refire/", body, format="json").json()["state"] == "preparing"
    cook(fired("tom-yum", zone="boil"))
    cook(fired("tom-yum", zone="fry"))
    eventually(lambda: Order.objects.get().state == "ready")
    answer = waiter.post(f"{url}serve/", {}, format="json").json()
    assert answer["state"] == "served"
    states = {line["item"]: line["state"] for line in answer["trays"][0]["lines"]}
    assert states == {"tom-yum": "served", "crab": "cancelled", "thai-tea": "served"}
    assert (times_told("tray.ready"), times_told("order.served"), times_told("line.refired")) == (
        2,
        2,
        1,
    )
    assert times_told("tray.repaired") == 0
    assert not Ticket.objects.filter(item="crab").exclude(state="void").exists()
    assert Tray.objects.get().state == "served"
