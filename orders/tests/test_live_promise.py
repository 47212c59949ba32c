"""What an order says of its promise while the kitchen is at it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import bring_to_pass
from kitchen.models import Tray
from orders.models import Order

Opened = Callable[..., Order]


@pytest.fixture
def app(client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def shown(app: APIClient, order: Order) -> Any:
    return app.get(f"/api/v1/orders/{order.ref}/").json()


def as_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_what_waits_is_promised_for_when_it_is_expected_now(app: APIClient, opened: Opened) -> None:
    order = opened("tom-yum", ("water", 2))
    later = timezone.now() + timedelta(minutes=20)
    Tray.objects.filter(number=1).update(expected_at=later)
    found = shown(app, order)
    assert as_time(found["promised_at"]) == later
    assert as_time(found["trays"][0]["promised_at"]) == later
    assert as_time(found["trays"][1]["promised_at"]) < later


def test_what_is_ready_shows_what_was_promised_first(app: APIClient, opened: Opened) -> None:
    order = opened("tom-yum", ("water", 2))
    later = timezone.now() + timedelta(minutes=20)
    Tray.objects.update(expected_at=later)
    bring_to_pass(order, 2)
    trays = shown(app, order)["trays"]
    assert as_time(trays[0]["promised_at"]) == later
    assert trays[1]["promised_at"] == order.tray_promises["2"]
    bring_to_pass(order, 1)
    assert as_time(shown(app, order)["promised_at"]) == order.promised_at


def test_lateness_is_judged_by_the_first_promise(app: APIClient, opened: Opened) -> None:
    order = opened("tom-yum")
    past, later = timezone.now() - timedelta(seconds=1), timezone.now() + timedelta(minutes=20)
    Tray.objects.update(promised_at=past, expected_at=later)
    Order.objects.update(promised_at=past)
    assert list(Tray.objects.late()) == list(Tray.objects.all())
    assert list(Order.objects.late()) == [order]
    assert as_time(shown(app, order)["promised_at"]) == later
