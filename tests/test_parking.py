"""Parking: how Celery's messages are kept and sent again. These pin what we rely on in Celery."""

from collections.abc import Callable
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from rest_framework.test import APIClient

from kitchen import services as kitchen
from kitchen.channels import zone_queues
from kitchen.models import Ticket, Tray
from orders.models import Order
from restaurant.celery import app
from restaurant.events.models import EventRecord
from tests.conftest import eventually

Place = Callable[..., Order]


def fired() -> int:
    return Ticket.objects.filter(state="fired").count()


@pytest.mark.usefixtures("relay")
def test_no_slot_of_a_worker_is_held_while_a_cook_cooks(place: Place) -> None:
    place("gai-yang", "thai-tea", "water", "pad-krapow")
    queues = ["pass", "orders", *zone_queues()]
    with start_worker(app, pool="solo", perform_ping_check=False, queues=queues):
        # One slot, five tickets: all are called out, and none of them keeps it.
        eventually(lambda: fired() == 5)
        for ticket in Ticket.objects.filter(state="fired"):
            kitchen.start(ticket.pk)
        place("water")
        eventually(lambda: fired() == 1)


@pytest.mark.usefixtures("relay", "worker")
def test_the_parked_message_is_what_retry_would_send(place: Place) -> None:
    place("tom-yum", "water")
    eventually(lambda: fired() == 2)
    boil = Ticket.objects.get(zone="boil")
    message: dict[str, Any] = boil.parked or {}
    assert message["task"] == "kitchen.tasks.cook"
    assert message["kwargs"] == {"ticket": str(boil.pk), "canvas": 1}
    assert message["options"]["queue"] == "zone.boil"
    (fry,) = message["options"]["chain"]
    assert fry["kwargs"]["ticket"] == str(Ticket.objects.get(zone="fry").pk)
    assert fry["options"]["chord"]["task"] == "kitchen.tasks.plate"
    assert not {"expires", "reply_to"} & set(message["options"])


@pytest.mark.usefixtures("relay", "worker")
def test_a_released_message_that_comes_again_changes_nothing(place: Place) -> None:
    place("water", "thai-tea")
    eventually(lambda: fired() == 2)
    water = Ticket.objects.get(item="water")
    message = water.parked
    kitchen.start(water.pk)
    kitchen.finish(water.pk)
    for _ in range(3):
        app.signature(message).apply_async()
    tea = Ticket.objects.get(item="thai-tea")
    kitchen.start(tea.pk)
    kitchen.finish(tea.pk)
    eventually(lambda: Tray.objects.get().state == "ready")
    eventually(lambda: Order.objects.get().state == "ready")
    assert EventRecord.objects.filter(name="tray.ready").count() == 1
    assert EventRecord.objects.filter(name="ticket.done").count() == 2


@pytest.mark.usefixtures("relay", "worker")
def test_a_task_of_an_older_canvas_neither_parks_nor_releases(place: Place) -> None:
    place("water", "thai-tea")
    eventually(lambda: fired() == 2)
    water = Ticket.objects.get(item="water")
    old = water.parked
    kitchen.start(water.pk)
    kitchen.finish(water.pk)
    kitchen.recall(water.pk)
    eventually(lambda: Ticket.objects.get(pk=water.pk).parked_canvas == Tray.objects.get().canvas)
    app.signature(old).apply_async()
    tea = Ticket.objects.get(item="thai-tea")
    eventually(lambda: Ticket.objects.get(pk=tea.pk).parked_canvas == Tray.objects.get().canvas)
    for ticket in (water, tea):
        kitchen.start(ticket.pk)
        kitchen.finish(ticket.pk)
    eventually(lambda: Order.objects.get().state == "ready")
    assert EventRecord.objects.filter(name="tray.ready").count() == 1
    assert EventRecord.objects.filter(name="ticket.started").count() == 2


@pytest.mark.usefixtures("relay", "worker")
def test_nothing_of_a_parked_message_is_ever_shown(
    place: Place, client_of: Callable[..., APIClient]
) -> None:
    order = place("water")
    eventually(lambda: fired() == 1)
    ticket = Ticket.objects.get()
    cook = client_of("cook")
    answers = [
        cook.get("/api/v1/zones/drinks/tickets/"),
        cook.post(f"/api/v1/tickets/{ticket.pk}/start/"),
        cook.post(f"/api/v1/tickets/{ticket.pk}/done/"),
        cook.get("/api/v1/trays/"),
        cook.get(f"/api/v1/orders/{order.ref}/events/"),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert b"kitchen.tasks.cook" not in answer.content
        assert b"release" not in answer.content
        assert b"parked" not in answer.content
