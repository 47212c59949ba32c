"""Parking: how Celery's messages are kept and sent again. These pin what we rely on in Celery."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from celery import chord
from celery.contrib.testing.worker import start_worker
from kombu.messaging import Producer
from rest_framework.test import APIClient

from kitchen import services as kitchen
from kitchen.channels import zone_queues
from kitchen.models import Ticket, Tray
from kitchen.parking import parked
from kitchen.tasks import cook, plate
from orders.models import Order
from restaurant.celery import app
from restaurant.events.models import EventRecord
from restaurant.events.relay import send_finished
from tests.conftest import eventually

Place = Callable[..., Order]


def fired() -> int:
    return Ticket.objects.filter(state="fired").count()


def parked_on(item: str) -> dict[str, Any]:
    message = Ticket.objects.get(item=item).parked
    assert message is not None
    return dict(message)


def send(message: dict[str, Any]) -> None:
    """As the relay sends what was parked."""
    with app.producer_or_acquire() as producer:
        send_finished(app, producer, message)


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


def test_what_is_parked_is_what_the_chord_would_send(monkeypatch: pytest.MonkeyPatch) -> None:
    """Held against Celery itself: but for the ids, which are new each time."""

    def canvas() -> chord:
        zones = [("t1", "zone.boil"), ("t2", "zone.fry"), ("t3", "zone.drinks")]
        parts = [cook.si(ticket=ticket, canvas=7).set(queue=zone) for ticket, zone in zones]
        return chord(parts, plate.si(tray="x", canvas=7))

    def sent_by(send_all: Callable[[], Any]) -> list[Any]:
        published: list[Any] = []
        with monkeypatch.context() as patch:
            patch.setattr(
                Producer, "publish", lambda self, body, **more: published.append((body, more))
            )
            send_all()
        return [message for message in published if message[1].get("exchange") == ""]

    def nameless(message: Any) -> Any:
        """The message, with each id replaced by the place where it was first seen."""
        text, seen = json.dumps(message, default=str, sort_keys=True), list[str]()
        for found in re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", text):
            if found not in seen:
                seen.append(found)
                text = text.replace(found, f"id {len(seen)}")
        return json.loads(text)

    def send_parked() -> None:
        for message in parked(canvas()):
            send(message)

    celerys = sent_by(lambda: canvas().apply_async())
    ours = sent_by(send_parked)
    assert len(ours) == len(celerys) == 3
    for one, other in zip(ours, celerys, strict=True):
        # Nobody waits for a result, and a pool of threads has no time limits.
        for (_, _, embedded), more in (one, other):
            more.pop("reply_to", None)
            more["headers"].pop("timelimit")
            embedded["chord"]["options"].pop("reply_to", None)
        assert nameless(one) == nameless(other)
    groups = {message[1]["headers"]["group"] for message in ours}
    assert len(groups) == 1
    assert len({message[1]["headers"]["id"] for message in ours}) == 3


@pytest.mark.django_db
def test_each_ticket_has_the_message_of_its_own_part(opened: Place) -> None:
    opened("tom-yum", "water")
    for ticket in Ticket.objects.all():
        message: dict[str, Any] = ticket.parked or {}
        assert message["queue"] == f"zone.{ticket.zone_id}"
        assert message["headers"]["task"] == "kitchen.tasks.cook"
        assert message["body"][1] == {"ticket": str(ticket.pk), "canvas": 1}
        assert message["body"][2]["chord"]["kwargs"] == {"tray": str(ticket.tray_id), "canvas": 1}
        assert ticket.parked_canvas == 1


@pytest.mark.usefixtures("relay", "worker")
def test_a_released_message_that_comes_again_changes_nothing(place: Place) -> None:
    place("water", "thai-tea")
    eventually(lambda: fired() == 2)
    water = Ticket.objects.get(item="water")
    message = parked_on("water")
    kitchen.start(water.pk)
    kitchen.finish(water.pk)
    for _ in range(3):
        send(message)
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
    old = parked_on("water")
    kitchen.start(water.pk)
    kitchen.finish(water.pk)
    kitchen.recall(water.pk)
    eventually(lambda: Ticket.objects.get(pk=water.pk).parked_canvas == Tray.objects.get().canvas)
    send(old)
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
