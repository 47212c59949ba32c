"""Orders that the house could not take are counted: each intention once, and no half order."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import assert_problem, failing, new_key, order_body
from kitchen.models import KitchenSettings, MenuItem, Zone
from orders.models import Order
from orders.reports import services as reports
from orders.reports.models import Refusal
from restaurant.events.models import EventRecord
from restaurant.idempotency.models import StoredAnswer

pytestmark = pytest.mark.django_db

URL = "/api/v1/orders/"


@pytest.fixture
def app(menu: dict[str, MenuItem], client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def post(app: APIClient, *items: str, key: dict[str, str] | None = None, **more: Any) -> Any:
    body = order_body(*items, **more)
    return app.post(URL, body, format="json", headers=key or new_key())


def refused() -> Any:
    return reports.lateness(reports.ever()).total["refused"]


def sell_out() -> None:
    MenuItem.objects.filter(pk="crab").update(portions_left=0)


def test_each_kind_is_counted_by_its_code(app: APIClient) -> None:
    sell_out()
    assert_problem(post(app, "crab"), 409, "sold_out")
    Zone.objects.filter(pk="drinks").update(is_open=False)
    for _ in range(2):
        assert_problem(post(app, "water"), 409, "zone_closed")
    KitchenSettings.objects.filter(pk=1).update(quote_limit_minutes=1)
    assert_problem(post(app, "tom-yum"), 503, "kitchen_full")
    assert refused() == {"sold_out": 1, "zone_closed": 2, "kitchen_full": 1}
    (row,) = reports.lateness(reports.ever(), "channel").rows
    assert (row["key"], row["orders"]) == ("dine_in", 0)
    for rows in (Order, EventRecord):
        assert not rows.objects.exists()


def test_a_replay_is_no_second_refusal(app: APIClient) -> None:
    sell_out()
    key, body = new_key(), order_body("crab")
    first, again = (app.post(URL, body, format="json", headers=key) for _ in range(2))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    assert refused()["sold_out"] == 1


def test_who_asks_a_full_kitchen_again_with_the_same_key_is_refused_once(app: APIClient) -> None:
    KitchenSettings.objects.filter(pk=1).update(quote_limit_minutes=1)
    key, body = new_key(), order_body("tom-yum")
    for _ in range(3):
        assert_problem(app.post(URL, body, format="json", headers=key), 503, "kitchen_full")
    assert refused()["kitchen_full"] == 1
    assert not StoredAnswer.objects.exists()


def test_the_same_key_of_somebody_else_is_another_refusal(
    app: APIClient, client_of: Callable[..., APIClient]
) -> None:
    sell_out()
    key = new_key()
    for client in (app, client_of("app")):
        assert_problem(post(client, "crab", key=key), 409, "sold_out")
    assert refused()["sold_out"] == 2


def test_what_is_the_callers_own_fault_is_not_counted(app: APIClient) -> None:
    body = order_body("water", client_ref="1")
    assert app.post(URL, body, format="json", headers=new_key()).status_code == 201
    answer = app.post(URL, body, format="json", headers=new_key())
    assert_problem(answer, 409, "duplicate_client_ref")
    assert_problem(post(app, "unicorn"), 400, "unknown_item")
    assert not Refusal.objects.exists()


def test_a_refusal_that_can_not_be_stored_is_not_counted_either(
    app: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer and the count commit together."""
    sell_out()
    app.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("restaurant.idempotency.views.store", failing(ZeroDivisionError()))
        assert post(app, "crab").status_code == 500
    assert not Refusal.objects.exists()
