"""The whole life of an order, with a real worker and a real Redis."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import new_key, order_body
from kitchen.models import Ticket, Tray
from orders.models import Order
from restaurant.events.models import EventRecord
from tests.conftest import eventually

pytestmark = pytest.mark.usefixtures("relay", "worker")


def test_the_life_of_an_order(
    client_of: Callable[..., APIClient], guest: User, make_user: Callable[..., User]
) -> None:
    app, cook, waiter = client_of(guest), client_of("cook"), client_of("waiter")

    def ticket(item: str, zone: str) -> Ticket:
        """The ticket once its zone has been told to begin."""
        fired = Ticket.objects.filter(item=item, zone=zone, state="fired")
        found: Ticket = eventually(fired.first)
        return found

    def press(verb: str, pressed: Ticket) -> None:
        assert cook.post(f"/api/v1/tickets/{pressed.pk}/{verb}/").status_code == 200

    def cooked(item: str, zone: str) -> None:
        pressed = ticket(item, zone)
        press("start", pressed)
        press("done", pressed)

    def trays() -> dict[int, str]:
        return dict(Tray.objects.values_list("number", "state"))

    body = order_body("tom-yum", "gai-yang", ("thai-tea", 1), ("water", 2))
    placed = app.post("/api/v1/orders/", body, format="json", headers=new_key())
    assert placed.status_code == 201, placed.content
    assert placed.json()["state"] == "placed"
    assert [tray["state"] for tray in placed.json()["trays"]] == ["waiting", "waiting"]
    url = placed.headers["Location"]

    # Tray 2 is only a drink: it is ready when the drink is.
    cooked("water", "drinks")
    eventually(lambda: trays() == {1: "waiting", 2: "ready"})
    eventually(lambda: app.get(url).json()["state"] == "preparing")

    # Tray 1 waits for all three: the soup is boiled, then fried.
    assert not Ticket.objects.filter(item="tom-yum", zone="fry").exclude(state="held").exists()
    cooked("tom-yum", "boil")
    cooked("gai-yang", "grill")
    cooked("thai-tea", "drinks")
    ticket("tom-yum", "fry")
    assert trays() == {1: "waiting", 2: "ready"}
    assert app.get(url).json()["state"] == "preparing"
    cooked("tom-yum", "fry")
    eventually(lambda: trays() == {1: "ready", 2: "ready"})

    # The order is ready with the last tray.
    eventually(lambda: app.get(url).json()["state"] == "ready")
    order = Order.objects.get()
    history = EventRecord.objects.filter(subject=order.ref)
    assert history.filter(name="tray.ready").count() == 2
    assert history.filter(name="order.ready").count() == 1
    assert not history.filter(name="tray.repaired").exists()

    served = waiter.post(f"{url}serve/", {}, format="json")
    assert served.status_code == 200, served.content
    assert served.json()["state"] == "served"
    assert {t["state"] for t in served.json()["trays"]} == {"served"}
    assert [event["name"] for event in app.get(f"{url}events/").json()["results"]][-1] == (
        "order.served"
    )

    # The guests pay, two of them in two parts; the table is clear for the next.
    assert app.get(f"{url}bill/").json()["due"] == "265.00"
    for method, amount in (("card", "165.00"), ("cash", "500.00")):
        paid = waiter.post(
            f"{url}pay/", {"method": method, "amount": amount}, format="json", headers=new_key()
        )
        assert paid.status_code == 200, paid.content
    assert (paid.json()["due"], paid.json()["change"]) == ("0.00", "400.00")
    assert waiter.post(f"{url}close/", {}, format="json").json()["state"] == "closed"
    assert [event["name"] for event in app.get(f"{url}events/").json()["results"]][-3:] == [
        "order.payment_taken",
        "order.paid",
        "order.closed",
    ]


def test_what_is_taken_back_comes_to_the_pass_once_more(
    client_of: Callable[..., APIClient], place: Callable[..., Order]
) -> None:
    cook, order = client_of("cook"), place("tom-yum", "water")

    def press(verb: str, item: str, zone: str, state: str) -> None:
        found = Ticket.objects.filter(item=item, zone=zone, state=state)
        ticket: Ticket = eventually(found.first)
        assert cook.post(f"/api/v1/tickets/{ticket.pk}/{verb}/").status_code == 200

    def told(name: str) -> int:
        return EventRecord.objects.filter(subject=order.ref, name=name).count()

    for item, zone in (("water", "drinks"), ("tom-yum", "boil"), ("tom-yum", "fry")):
        press("start", item, zone, "fired")
        press("done", item, zone, "cooking")
    eventually(lambda: told("order.ready") == 1)

    press("recall", "water", "drinks", "done")
    eventually(lambda: told("order.reopened") == 1)
    press("done", "water", "drinks", "cooking")
    eventually(lambda: told("order.ready") == 2)
    assert Tray.objects.get().state == "ready"
    assert told("tray.ready") == 2
    assert told("tray.repaired") == 0
