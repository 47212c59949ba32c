"""An order's history: what happened to it, and who was told."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import bring_to_pass
from orders.models import Order
from orders.views import EventsInOrder
from restaurant.events.models import EventRecord, Heard

Place = Callable[..., Order]

URL = "/api/v1/orders/"


@pytest.fixture
def app(client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def of(order: Order) -> str:
    return f"{URL}{order.ref}/"


def test_the_history_is_told_oldest_first_and_keeps_messages_to_itself(
    app: APIClient, opened: Place
) -> None:
    order = opened("water")
    opened("tom-yum")
    bring_to_pass(order)
    EventRecord.objects.update(release={"secret": "message"})
    answer = app.get(f"{of(order)}events/")
    assert [event["name"] for event in answer.json()["results"]] == [
        "order.placed",
        "ticket.fired",
        "ticket.started",
        "trays.started",
        "ticket.done",
        "tray.ready",
        "trays.ready",
    ]
    assert b"secret" not in answer.content
    first = EventRecord.objects.about(order.ref)[0]
    assert answer.json()["results"][0] == {
        "id": str(first.uuid),
        "position": None,
        "name": "order.placed",
        "subject": str(order.ref),
        "happened_at": first.happened_at.isoformat().replace("+00:00", "Z"),
        "data": first.data,
        "told": [
            {
                "to": "kitchen.tasks.open_order",
                "style": "request/async response",
                "sent_at": None,
                "heard_at": None,
            }
        ],
    }


def test_a_long_history_comes_in_pages(
    app: APIClient, opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventsInOrder, "page_size", 2)
    order = opened("water")
    bring_to_pass(order)
    url, seen = f"{of(order)}events/", []
    while url:
        page = app.get(url).json()
        seen += [event["id"] for event in page["results"]]
        url = page["next"]
    assert seen == [str(event.uuid) for event in EventRecord.objects.about(order.ref)]
    assert len(seen) == 7


def test_it_shows_when_each_hearer_was_told_and_has_heard(app: APIClient, opened: Place) -> None:
    order = opened("water")
    event = EventRecord.objects.get(name="order.placed")
    event.sent_at = event.happened_at
    event.position = 7
    event.save()
    Heard.objects.first_time(event.pk, "kitchen.tasks.open_order")
    heard_at = Heard.objects.get().heard_at
    shown = app.get(f"{of(order)}events/").json()["results"][0]
    assert shown["position"] == 7
    assert shown["told"] == [
        {
            "to": "kitchen.tasks.open_order",
            "style": "request/async response",
            "sent_at": event.happened_at.isoformat().replace("+00:00", "Z"),
            "heard_at": heard_at.isoformat().replace("+00:00", "Z"),
        }
    ]
