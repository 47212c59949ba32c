"""What the kitchen or an earlier order forbids; and that a refusal leaves nothing behind."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import assert_problem, new_key, order_body
from kitchen.models import MenuItem, Zone
from orders.models import Order, OrderLine
from restaurant.events.models import EventRecord

URL = "/api/v1/orders/"


@pytest.fixture
def app(menu: dict[str, MenuItem], client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def post(client: APIClient, body: Any) -> Any:
    return client.post(URL, body, format="json", headers=new_key())


def portions(code: str) -> int | None:
    return MenuItem.objects.get(pk=code).portions_left


def assert_nothing_placed() -> None:
    assert not Order.objects.exists()
    assert not OrderLine.objects.exists()
    assert not EventRecord.objects.exists()


def test_what_is_sold_out_is_refused_and_nothing_is_taken(app: APIClient) -> None:
    body = order_body("tom-yum", "lobster", "crab")
    body["lines"][1]["quantity"] = 2
    problem = assert_problem(post(app, body), 409, "sold_out")
    assert (problem["item"], problem["left"]) == ("lobster", 1)
    # Taken before the lobster was asked for, and given back with the refusal.
    assert (portions("crab"), portions("lobster")) == (1, 1)
    assert_nothing_placed()


def test_two_lines_of_one_item_are_counted_together(app: APIClient) -> None:
    problem = assert_problem(post(app, order_body("crab", ("crab", 2))), 409, "sold_out")
    assert (problem["item"], problem["left"]) == ("crab", 1)
    assert portions("crab") == 1
    assert_nothing_placed()


def test_the_last_portion_is_sold_once(app: APIClient) -> None:
    assert post(app, order_body("crab")).status_code == 201
    assert portions("crab") == 0
    problem = assert_problem(post(app, order_body("crab")), 409, "sold_out")
    assert (problem["item"], problem["left"]) == ("crab", 0)
    assert portions("crab") == 0
    assert Order.objects.count() == EventRecord.objects.count() == 1


def test_of_an_unavailable_item_nothing_is_left(app: APIClient) -> None:
    MenuItem.objects.filter(pk__in=["water", "crab"]).update(available=False)
    for code in ("water", "crab"):
        problem = assert_problem(post(app, order_body(code)), 409, "sold_out")
        assert (problem["item"], problem["left"]) == (code, 0)
    assert portions("crab") == 1
    assert_nothing_placed()


def test_an_item_without_a_recipe_cannot_be_sold(app: APIClient) -> None:
    MenuItem.objects.create(code="idea", kind="dish", name="Idea", name_th="", price=1)
    problem = assert_problem(post(app, order_body("idea")), 409, "sold_out")
    assert (problem["item"], problem["left"]) == ("idea", 0)
    assert_nothing_placed()


def test_a_closed_zone_refuses_what_needs_it_and_no_more(app: APIClient) -> None:
    Zone.objects.filter(pk="fry").update(is_open=False)
    problem = assert_problem(post(app, order_body("water", "crab")), 409, "zone_closed")
    assert (problem["item"], problem["zone"]) == ("crab", "fry")
    assert portions("crab") == 1
    assert_nothing_placed()
    assert post(app, order_body("water", "gai-yang")).status_code == 201


def test_an_unknown_item_is_pointed_at(app: APIClient) -> None:
    body = order_body("crab", "no/such~dish", "water")
    problem = assert_problem(post(app, body), 400, "unknown_item")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [
        ("/lines/1/item", "unknown_item")
    ]
    assert problem["item"] == "no/such~dish"
    assert portions("crab") == 1
    assert_nothing_placed()


def test_a_client_ref_is_used_once_and_leads_to_its_order(
    app: APIClient, client_of: Callable[..., APIClient]
) -> None:
    first = post(app, order_body("water", client_ref="mine"))
    again = post(app, order_body("crab", client_ref="mine"))
    problem = assert_problem(again, 409, "duplicate_client_ref")
    assert problem["order"] == first.headers["Location"]
    assert app.get(problem["order"]).json()["client_ref"] == "mine"
    assert Order.objects.count() == EventRecord.objects.count() == 1
    assert portions("crab") == 1
    # Somebody else's names are their own.
    assert post(client_of("app"), order_body("water", client_ref="mine")).status_code == 201


def test_a_client_ref_stays_used_after_a_cancellation(app: APIClient) -> None:
    first = post(app, order_body("crab", client_ref="mine"))
    app.post(f"{first.headers['Location']}cancel/", {"reason": "no"}, format="json")
    assert_problem(post(app, order_body("crab", client_ref="mine")), 409, "duplicate_client_ref")
    assert portions("crab") == 1
