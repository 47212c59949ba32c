"""A house that does not want its guests to wait too long refuses what would take longer."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import override_settings
from rest_framework.test import APIClient

from conftest import assert_problem, new_key, open_trays, order_body
from kitchen.models import KitchenSettings, MenuItem, Ticket
from orders.models import Order
from restaurant.events.models import EventRecord
from restaurant.idempotency.models import StoredAnswer

URL = "/api/v1/orders/"


@pytest.fixture
def app(menu: dict[str, MenuItem], client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def limit_to(minutes: int | None, **more: Any) -> None:
    KitchenSettings.objects.update_or_create(
        pk=1, defaults={"quote_limit_minutes": minutes, **more}
    )


def post(app: APIClient, *items: str) -> Any:
    return app.post(URL, order_body(*items), format="json", headers=new_key())


def test_what_would_take_too_long_is_refused_with_the_time_and_leaves_nothing(
    app: APIClient,
) -> None:
    limit_to(4)
    # Boiled for 240 s, then fried for 60 s.
    problem = assert_problem(post(app, "tom-yum", "crab"), 503, "kitchen_full")
    assert (problem["quote_minutes"], problem["retry_after"]) == (5, 60)
    for rows in (Order, EventRecord, StoredAnswer):
        assert not rows.objects.exists()
    assert MenuItem.objects.get(pk="crab").portions_left == 1


def test_the_log_has_the_faults_of_the_house_and_not_that_it_is_full(
    app: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    limit_to(4)
    assert_problem(post(app, "tom-yum"), 503, "kitchen_full")
    assert not caplog.records
    with patch("orders.views.services.place_order", side_effect=OperationalError):
        assert_problem(post(app, "water"), 503, "database_unavailable")
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_what_is_quick_enough_is_taken(app: APIClient) -> None:
    limit_to(5)
    assert post(app, "tom-yum").status_code == 201
    limit_to(1)
    assert post(app, "water").status_code == 201


def test_the_last_tray_counts(app: APIClient) -> None:
    limit_to(4)
    body = order_body("water", ("tom-yum", 2))
    assert_problem(app.post(URL, body, format="json", headers=new_key()), 503, "kitchen_full")


def test_without_a_limit_nothing_takes_too_long(app: APIClient) -> None:
    for _ in range(3):
        assert post(app, *["tom-yum"] * 20).status_code == 201


def test_the_work_that_waits_counts(app: APIClient, opened: Callable[..., Order]) -> None:
    for _ in range(4):
        opened("tom-yum")
    limit_to(6)
    assert_problem(post(app, "tom-yum"), 503, "kitchen_full")
    Ticket.objects.all().delete()
    assert post(app, "tom-yum").status_code == 201


def test_promises_grow_until_the_zone_is_full_and_others_still_take_orders(app: APIClient) -> None:
    limit_to(10)
    quoted = []
    while (answer := post(app, "gai-yang")).status_code == 201:
        order = Order.objects.get(ref=answer.json()["id"])
        open_trays(order)
        quoted.append(round((order.promised_at - order.placed_at).total_seconds(), -1))
    # Two cooks, five minutes each.
    assert quoted == [300, 300, 600, 600]
    assert assert_problem(answer, 503, "kitchen_full")["quote_minutes"] == 15
    assert_problem(post(app, "water", "gai-yang"), 503, "kitchen_full")
    assert post(app, "water", "pad-krapow").status_code == 201


def test_the_limit_is_of_minutes_on_the_wall(app: APIClient) -> None:
    limit_to(1, time_scale=10)
    assert post(app, "tom-yum").status_code == 201


def test_the_same_key_may_be_tried_again(app: APIClient) -> None:
    """A refusal that passes is not stored under the key."""
    limit_to(4)
    key, body = new_key(), order_body("tom-yum")
    assert_problem(app.post(URL, body, format="json", headers=key), 503, "kitchen_full")
    limit_to(None)
    answer = app.post(URL, body, format="json", headers=key)
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers


@override_settings(DEMO=False)
def test_a_manager_sets_the_limit_and_lifts_it(client_of: Callable[..., APIClient]) -> None:
    manager = client_of("manager")
    for minutes in (1, 1440, None):
        change = {"quote_limit_minutes": minutes}
        answer = manager.patch("/api/v1/settings/", change, format="json")
        assert answer.json()["quote_limit_minutes"] == minutes
        assert KitchenSettings.current().quote_limit_minutes == minutes
