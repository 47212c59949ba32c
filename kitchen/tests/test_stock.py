"""What is short: at once not to be ordered, marked before, and back the next morning."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from time import sleep
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from conftest import assert_problem, new_key, order_body
from kitchen import services
from kitchen.models import KitchenSettings, MenuItem
from kitchen.services import house
from orders.models import Order
from tests.at_once import at_once

pytestmark = pytest.mark.usefixtures("menu")

MONDAY = date(2026, 11, 16)
#: In Bangkok, seven hours ahead.
SIX = datetime(2026, 11, 16, 6, tzinfo=UTC) - timedelta(hours=7)
A_DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)


def crab() -> MenuItem:
    return MenuItem.objects.get(pk="crab")


def crab_is(**fields: Any) -> None:
    MenuItem.objects.filter(pk="crab").update(**fields)


def there_is() -> tuple[bool, int | None]:
    return crab().available, crab().portions_left


def on_the_menu() -> Any:
    return APIClient().get("/api/v1/menu/crab/").json()


@pytest.fixture
def sold_out_yesterday() -> None:
    """To be back with eight portions."""
    crab_is(
        available=False,
        portions_left=0,
        back_each_morning=True,
        portions_each_day=8,
        stock_said_at=SIX - timedelta(hours=9),
    )


def test_what_is_taken_off_is_at_once_not_to_be_ordered(
    client_of: Callable[..., APIClient],
) -> None:
    cook, app = client_of("cook"), client_of("app")
    for available, status in [(False, 409), (True, 201)]:
        cook.patch("/api/v1/menu/crab/", {"available": available}, format="json")
        answer = app.post("/api/v1/orders/", order_body("crab"), format="json", headers=new_key())
        assert answer.status_code == status
        if not available:
            assert assert_problem(answer, 409, "sold_out")["item"] == "crab"
            assert on_the_menu()["available"] is False


@pytest.mark.parametrize(
    ("left", "low_at", "is_low"),
    [(4, 3, False), (3, 3, True), (1, 3, True), (0, 3, False), (None, 3, False), (1, None, False)],
)
def test_an_item_is_low_when_few_are_left(
    left: int | None, low_at: int | None, is_low: bool
) -> None:
    crab_is(portions_left=left, low_at=low_at)
    assert on_the_menu()["low"] is is_low
    board = services.stock_board()
    assert [item.pk for item in board.low] == ["crab"] * is_low
    assert [item.pk for item in board.sold_out] == ["crab"] * (left == 0)


def test_orders_make_an_item_low(place: Callable[..., Order]) -> None:
    crab_is(portions_left=4, low_at=3)
    assert on_the_menu()["low"] is False
    place("crab")
    assert (on_the_menu()["low"], on_the_menu()["portions_left"]) == (True, 3)


def test_the_manager_sees_what_is_low(client: Client, admin_user: User) -> None:
    crab_is(portions_left=2, low_at=3)
    client.force_login(admin_user)
    assert 'id="low-crab"' in client.get("/admin/").content.decode()
    listed = client.get("/admin/kitchen/menuitem/?shown=short").content.decode()
    assert 'data-state="low"' in listed
    assert "Lobster" not in listed


def test_what_is_sold_out_is_back_in_the_morning(sold_out_yesterday: None) -> None:
    assert services.begin_day(SIX)
    assert there_is() == (True, 8)


def test_before_the_morning_nothing_comes_back(sold_out_yesterday: None) -> None:
    KitchenSettings.objects.update(restocked_on=MONDAY - A_DAY)
    assert not services.begin_day(SIX - A_MINUTE)
    assert there_is() == (False, 0)


def test_it_comes_back_once_a_day(sold_out_yesterday: None) -> None:
    assert services.begin_day(SIX)
    crab_is(available=False, portions_left=2)
    assert not services.begin_day(SIX + A_MINUTE)
    assert not services.begin_day(SIX + A_DAY - A_MINUTE)
    assert there_is() == (False, 2)
    assert services.begin_day(SIX + A_DAY)
    assert there_is() == (True, 8)


def test_after_a_morning_without_beat_it_comes_back_late(sold_out_yesterday: None) -> None:
    services.begin_day(SIX - A_DAY)
    crab_is(available=False)
    assert services.begin_day(SIX + timedelta(hours=4))
    assert there_is() == (True, 8)


def test_what_somebody_has_said_since_the_morning_holds(sold_out_yesterday: None) -> None:
    crab_is(available=False, portions_left=3, stock_said_at=SIX + A_MINUTE)
    assert services.begin_day(SIX + timedelta(hours=4))
    assert there_is() == (False, 3)


def test_what_is_not_to_come_back_stays_as_it_is() -> None:
    crab_is(available=False, portions_left=0, portions_each_day=8)
    assert services.begin_day(SIX)
    assert there_is() == (False, 0)


def test_what_has_no_portions_each_day_comes_back_unlimited() -> None:
    crab_is(available=True, portions_left=0, back_each_morning=True)
    services.begin_day(SIX)
    assert there_is() == (True, None)


def test_the_day_starts_when_the_house_says(sold_out_yesterday: None) -> None:
    KitchenSettings.objects.update(day_starts_at=time(10, 30), restocked_on=MONDAY)
    crab_is(stock_said_at=None)
    assert not services.begin_day(SIX + A_DAY + timedelta(hours=4, minutes=29))
    assert services.begin_day(SIX + A_DAY + timedelta(hours=4, minutes=30))
    assert there_is() == (True, 8)


def test_a_change_of_the_settings_does_not_begin_the_day_again(sold_out_yesterday: None) -> None:
    services.begin_day(SIX)
    services.change_settings(quote_limit_minutes=30)
    assert not services.begin_day(SIX + A_MINUTE)


def test_who_takes_an_item_off_says_when(client: Client, admin_user: User) -> None:
    assert crab().stock_said_at is None
    services.change_item(crab(), price="360.00")
    assert crab().stock_said_at is None
    services.change_item(crab(), portions_left=3)
    said = crab().stock_said_at
    client.force_login(admin_user)
    client.post("/admin/kitchen/menuitem/crab/do/eighty_six/")
    assert said is not None
    assert crab().stock_said_at != said


@pytest.mark.django_db(transaction=True)
def test_two_beats_begin_the_day_once(sold_out_yesterday: None) -> None:
    began = at_once([partial(services.begin_day, SIX)] * 4)
    assert sorted(began) == [False, False, False, True]
    assert there_is() == (True, 8)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_guard_several_begin_it(
    sold_out_yesterday: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_and_then_claim(today: date) -> bool:
        is_new = not KitchenSettings.objects.filter(restocked_on=today).exists()
        sleep(0.5)
        KitchenSettings.objects.update(restocked_on=today)
        return is_new

    monkeypatch.setattr(house, "claim_day", look_and_then_claim)
    began = at_once([partial(services.begin_day, SIX)] * 4)
    # SQLite has one writer at a time: nobody looks before another has begun.
    assert (began.count(True) > 1) == (connection.vendor == "postgresql")
