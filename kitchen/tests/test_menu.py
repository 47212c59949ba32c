"""The menu: what anyone may read, and what a cook may change."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import MENU, assert_problem
from kitchen.models import MenuItem

URL = "/api/v1/menu/"
TOM_YUM = {
    "code": "tom-yum",
    "name": "Tom Yum",
    "name_th": "tom-yum",
    "kind": "dish",
    "price": "120.00",
    "available": True,
    "portions_left": None,
    "low": False,
    "zones": ["boil", "fry"],
    "shop": None,
    "options": [],
}

pytestmark = pytest.mark.usefixtures("menu")


@pytest.fixture
def cook(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("cook")


def change(client: APIClient, body: Any, code: str = "crab") -> Any:
    return client.patch(f"{URL}{code}/", body, format="json")


def test_the_menu_is_a_plain_list_for_anyone() -> None:
    answer = APIClient().get(URL)
    assert answer.status_code == 200
    assert [item["code"] for item in answer.json()] == sorted(MENU)
    assert next(item for item in answer.json() if item["code"] == "tom-yum") == TOM_YUM


def test_it_follows_the_places_of_its_items() -> None:
    MenuItem.objects.exclude(pk="water").update(place=1)
    assert APIClient().get(URL).json()[0]["code"] == "water"


def test_an_item_is_read_alone() -> None:
    assert APIClient().get(f"{URL}tom-yum/").json() == TOM_YUM
    assert_problem(APIClient().get(f"{URL}pizza/"), 404, "not_found")


def test_an_item_with_side_by_side_tracks_names_the_zones_of_its_steps() -> None:
    assert APIClient().get(f"{URL}pad-krapow/").json()["zones"] == ["fry", "rice"]


def test_the_menu_has_no_filters() -> None:
    assert_problem(APIClient().get(f"{URL}?kind=drink"), 400, "invalid_query")


def test_a_cook_takes_an_item_off_and_puts_it_back(cook: APIClient) -> None:
    for available in (False, True):
        answer = change(cook, {"available": available})
        assert answer.status_code == 200
        assert answer.json()["available"] is available
        assert APIClient().get(f"{URL}crab/").json() == answer.json()
    assert MenuItem.objects.get(pk="crab").portions_left == 1


def test_a_cook_counts_portions_or_stops_counting(cook: APIClient) -> None:
    for left in (0, 7, 100_000, None):
        assert change(cook, {"portions_left": left}).json()["portions_left"] == left
        assert MenuItem.objects.get(pk="crab").portions_left == left
    assert MenuItem.objects.get(pk="lobster").portions_left == 1


def test_a_change_of_nothing_changes_nothing(cook: APIClient) -> None:
    before = MenuItem.objects.filter(pk="crab").values().get()
    assert change(cook, {}).status_code == 200
    assert MenuItem.objects.filter(pk="crab").values().get() == before


@pytest.mark.parametrize(
    ("body", "code", "faults"),
    [
        ({"available": 1}, "invalid_body", [("/available", "invalid")]),
        ({"available": "true"}, "invalid_body", [("/available", "invalid")]),
        ({"available": None}, "invalid_body", [("/available", "null")]),
        ({"available": []}, "invalid_body", [("/available", "invalid")]),
        ({"portions_left": -1}, "invalid_body", [("/portions_left", "min_value")]),
        ({"portions_left": 100_001}, "invalid_body", [("/portions_left", "max_value")]),
        ({"portions_left": "3"}, "invalid_body", [("/portions_left", "invalid")]),
        ({"portions_left": True}, "invalid_body", [("/portions_left", "invalid")]),
        ({"portions_left": 1.0}, "invalid_body", [("/portions_left", "invalid")]),
        ({"price": "1.00"}, "unknown_field", [("/price", "unknown_field")]),
        ({"available": False, "code": "x"}, "unknown_field", [("/code", "unknown_field")]),
        ([], "invalid_body", [("", "invalid")]),
    ],
)
def test_a_wrong_change_is_pointed_at_and_not_made(
    cook: APIClient, body: Any, code: str, faults: list[tuple[str, str]]
) -> None:
    before = MenuItem.objects.filter(pk="crab").values().get()
    problem = assert_problem(change(cook, body), 400, code)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == faults
    assert MenuItem.objects.filter(pk="crab").values().get() == before


def test_an_item_that_is_not_there_is_not_changed(cook: APIClient) -> None:
    assert_problem(change(cook, {"available": False}, "pizza"), 404, "not_found")
