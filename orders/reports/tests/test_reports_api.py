"""The reports over HTTP: as JSON and as tables, for the days that are asked for."""

import csv
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass
from orders import services as orders
from orders.models import Order
from orders.reports import services as reports
from orders.reports.models import Projection
from orders.reports.tests.conftest import hear
from restaurant.spreadsheets import harmless

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]
URL = "/api/v1/reports"
REPORTS = ["sales", "kitchen", "lateness", "waste"]


@pytest.fixture
def manager(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("manager")


def table(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.content.decode(), newline="")))


def a_day(opened: Place) -> Order:
    """One order served, with a part that was cooked again; heard."""
    order = opened("tom-yum", ("thai-tea", 2))
    bring_to_pass(order)
    orders.follow_kitchen(order.ref)
    orders.serve_order(order)
    orders.refire_line(order, order.lines.get(item="thai-tea").pk, "=1+1", by="somchai")
    hear()
    return order


def test_sales_of_today_by_day_are_what_is_answered_if_nothing_is_asked(
    manager: APIClient, opened: Place
) -> None:
    a_day(opened)
    read, today = Projection.objects.get(), reports.today().isoformat()
    answer = manager.get(f"{URL}/sales/").json()
    assert answer == {
        "from": today,
        "to": today,
        "by": "day",
        "as_of": read.as_of and read.as_of.isoformat().replace("+00:00", "Z"),
        "position": read.position,
        "currency": "THB",
        "total": {"orders": 1, "quantity": 2, "amount": "165.00"},
        "rows": [{"key": today, "orders": 1, "quantity": 2, "amount": "165.00"}],
    }


@pytest.mark.parametrize("by", ["hour", "item", "zone", "channel", "shop"])
def test_sales_by_anything_sum_up_to_the_same(manager: APIClient, opened: Place, by: str) -> None:
    a_day(opened)
    answer = manager.get(f"{URL}/sales/?by={by}").json()
    assert answer["by"] == by
    assert sum(float(row["amount"]) for row in answer["rows"]) == 165.0
    assert answer["total"] == {"orders": 1, "quantity": 2, "amount": "165.00"}


def test_other_days_are_not_in_it(manager: APIClient, opened: Place) -> None:
    a_day(opened)
    today = reports.today()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    answer = manager.get(f"{URL}/sales/?from={yesterday}&to={yesterday}").json()
    assert (answer["rows"], answer["total"]["amount"]) == ([], "0.00")
    answer = manager.get(f"{URL}/sales/?from={yesterday}&to={tomorrow}").json()
    assert [row["key"] for row in answer["rows"]] == [today.isoformat()]


def test_the_kitchens_times_lateness_and_waste(manager: APIClient, opened: Place) -> None:
    a_day(opened)
    times = manager.get(f"{URL}/kitchen/?by=item").json()
    assert [(row["key"], row["tickets"]) for row in times["rows"]] == [
        ("thai-tea", 1),
        ("tom-yum", 2),
    ]
    for row in times["rows"]:
        for measure in ("waited", "cooked", "at_pass"):
            assert 0 <= row[measure]["p50"] <= row[measure]["p95"] < 60
    late = manager.get(f"{URL}/lateness/").json()
    assert late["total"] == {
        "orders": 1,
        "ready": 0,
        "late": 0,
        "cancelled": 0,
        "refused": {"sold_out": 0, "zone_closed": 0, "kitchen_full": 0},
    }
    waste = manager.get(f"{URL}/waste/").json()
    assert waste["rows"] == [
        {
            "key": "thai-tea",
            "kind": "refired",
            "reason": "=1+1",
            "times": 1,
            "quantity": 1,
            "amount": "45.00",
        }
    ]


@pytest.mark.parametrize("name", REPORTS)
def test_each_says_the_same_as_a_table(manager: APIClient, opened: Place, name: str) -> None:
    a_day(opened)
    report = manager.get(f"{URL}/{name}/").json()
    asked = manager.get(f"{URL}/{name}/?format=csv")
    accepted = manager.get(f"{URL}/{name}/", headers={"accept": "text/csv"})
    assert accepted.content == asked.content
    today = reports.today()
    assert asked.headers["Content-Disposition"] == f'attachment; filename="{name}-{today}.csv"'
    rows = table(asked)
    assert len(rows) == len(report["rows"]) > 0
    for row, told in zip(rows, report["rows"], strict=True):
        assert row[report["by"]] == told["key"]
        assert row["as_of"].replace("+00:00", "Z") == report["as_of"]
        for column, value in told.items():
            if isinstance(value, dict):
                assert {row[f"{column}_{part}"] for part in value} == {
                    "" if one is None else str(one) for one in value.values()
                }
            elif column not in ("key", "reason"):
                assert row[column] == str(value)


@pytest.mark.parametrize("name", REPORTS)
def test_a_table_without_rows_has_its_names_all_the_same(manager: APIClient, name: str) -> None:
    (head,) = manager.get(f"{URL}/{name}/?format=csv").content.decode().splitlines()
    assert head.endswith("as_of")


def test_what_looks_like_a_formula_is_text(manager: APIClient, opened: Place) -> None:
    a_day(opened)
    (row,) = table(manager.get(f"{URL}/waste/?format=csv"))
    assert row["reason"] == "'=1+1"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_whatever_begins_a_formula_is_guarded(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", ["tea", "1+1", "'", "", -1, 2.5, None])
def test_all_else_stays_as_it_is(value: Any) -> None:
    assert harmless(value) == value


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "from=2026-11-22&to=2026-11-21",
        "from=2024-01-01&to=2026-01-01",
        "by=weather",
        "format=xml",
        "form=2026-11-21",
        "to=2026-02-30",
    ],
)
@pytest.mark.parametrize("name", REPORTS)
def test_what_can_not_be_understood_is_refused(manager: APIClient, name: str, query: str) -> None:
    assert_problem(manager.get(f"{URL}/{name}/?{query}"), 400, "invalid_query")


def test_a_refusal_is_a_problem_also_for_who_wants_a_table(
    manager: APIClient, client_of: Callable[..., APIClient]
) -> None:
    assert_problem(manager.get(f"{URL}/sales/?format=csv&by=weather"), 400, "invalid_query")
    waiter = client_of("waiter").get(f"{URL}/sales/", headers={"accept": "text/csv"})
    assert_problem(waiter, 403, "forbidden")
    assert_problem(APIClient().get(f"{URL}/sales/?format=csv"), 401, "not_authenticated")


def test_other_addresses_have_no_tables(manager: APIClient) -> None:
    answer = manager.get("/api/v1/orders/", headers={"accept": "text/csv"})
    assert_problem(answer, 406, "not_acceptable")


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_takes_as_many_queries_however_much_was_sold(
    manager: APIClient, opened: Place, name: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert manager.get(f"{URL}/{name}/").status_code == 200
        return len(asked)

    a_day(opened)
    few = queries()
    for _ in range(5):
        a_day(opened)
    assert queries() == few <= 10


def test_hearing_takes_as_many_queries_however_many_events_there_are(opened: Place) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            hear()
        return len(asked)

    def say(times: int) -> None:
        for _ in range(times):
            bring_to_pass(opened("water"))

    say(1)
    hear()
    say(1)
    few = queries()
    say(5)
    assert queries() == few
