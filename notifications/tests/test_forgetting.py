"""What is given up because its receiver was away for too long, and what is forgotten."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from notifications import services
from notifications.models import Delivery, Endpoint
from notifications.tasks import forget_deliveries


@pytest.fixture
def endpoint(guest: User) -> Endpoint:
    return services.add_endpoint(guest, "https://shop.example/hook", ["order.placed"])


def letter(endpoint: Endpoint, **more: Any) -> Delivery:
    return Delivery.objects.create(
        endpoint=endpoint,
        event=uuid4(),
        name="order.placed",
        order_ref=uuid4(),
        sequence=1,
        **more,
    )


def test_what_was_finished_long_ago_is_forgotten(endpoint: Endpoint, settings: Any) -> None:
    long_ago = timezone.now() - settings.WEBHOOK_DELIVERIES_KEPT - timedelta(hours=1)
    for state in ("delivered", "dead"):
        letter(endpoint, state=state, finished_at=long_ago)
    kept = letter(endpoint, state="dead", finished_at=timezone.now() - timedelta(days=29))
    waiting = letter(endpoint, made_at=long_ago)
    forget_deliveries()
    assert {delivery.pk for delivery in Delivery.objects.all()} == {kept.pk, waiting.pk}


def test_what_could_not_be_tried_for_days_is_a_dead_letter(endpoint: Endpoint) -> None:
    now = timezone.now()
    overdue = letter(endpoint, next_try_at=now - timedelta(hours=97))
    due = letter(endpoint, next_try_at=now - timedelta(hours=95))
    forget_deliveries()
    assert list(Delivery.objects.dead()) == [overdue]
    assert Delivery.objects.get(state="waiting") == due
    assert "in time" in Delivery.objects.dead().get().last_error
