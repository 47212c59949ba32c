"""The manager's page: charts with their tables, in both languages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kitchen.models import Shop, Zone
from orders.models import Order
from orders.reports import services as reports
from orders.reports.tests.conftest import House, hear

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]
URL = "/admin/reports/projection/"


@pytest.fixture
def page(client: Client, make_user: Callable[..., User]) -> Client:
    user = make_user("manager")
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


def test_the_page_shows_what_was_sold_today_and_how_far_it_has_heard(
    page: Client, opened: Place
) -> None:
    opened("tom-yum", "water")
    hear()
    shown = page.get(URL).content.decode()
    for words in ("฿130.00", "2 portions", "Tom Yum", "Boil", "Takeaway", "As of"):
        assert words in shown
    assert "/api/v1/reports/sales/?from=" in shown


def test_sales_by_shop_are_shown_where_there_are_shops(
    page: Client, opened: Place, food_court: dict[str, Shop]
) -> None:
    opened("tom-yum", "gai-yang")
    hear()
    shown = page.get(URL).content.decode()
    for words in ("Sales by shop", "Krua", "The house&#x27;s kitchen"):
        assert words in shown
    Zone.objects.update(shop=None)
    Shop.objects.all().delete()
    assert "Sales by shop" not in page.get(URL).content.decode()


def test_other_days_can_be_chosen_and_nonsense_is_said_to_be_so(
    page: Client, opened: Place
) -> None:
    opened("tom-yum")
    hear()
    yesterday = reports.today() - timedelta(days=1)
    shown = page.get(f"{URL}?first={yesterday}&last={yesterday}").content.decode()
    assert "฿120.00" not in shown
    assert "Nothing on these days." in shown
    wrong: list[dict[str, Any]] = [
        {"first": "x"},
        {"first": reports.today(), "last": yesterday},
        {"first": "2020-01-01"},
    ]
    for asked in wrong:
        answer = page.get(URL, asked)
        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode()


def test_the_page_speaks_thai(page: Client, opened: Place) -> None:
    opened("tom-yum")
    hear()
    shown = page.get(URL, headers={"accept-language": "th"}).content.decode()
    for words in ("รายงาน", "ยอดขายรายวัน", "ของเสีย"):
        assert words in shown
    assert "Sales by" not in shown


def test_the_page_is_for_managers(client: Client, make_user: Callable[..., User]) -> None:
    waiter = make_user("waiter")
    waiter.is_staff = True
    waiter.save()
    client.force_login(waiter)
    assert client.get(URL).status_code == 403


def test_the_page_takes_as_many_queries_however_much_has_happened(
    page: Client, house: Callable[[int], House]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert page.get(URL).status_code == 200
        return len(asked)

    lived = house(10)
    lived.live_through(3)
    few = queries()
    for number in range(100, 103):
        lived.happen(lived.place(number))
    hear()
    assert queries() == few < 60
