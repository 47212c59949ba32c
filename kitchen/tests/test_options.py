"""What can be chosen about an item: on the menu, on a cook's ticket, and 86ed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from rest_framework.test import APIClient

from conftest import assert_problem, open_trays
from kitchen.models import MenuItem, Option, OptionGroup, OptionStep, Ticket
from orders.services import NewLine, NewOrder, place_order

URL = "/api/v1/menu/"


@pytest.fixture
def screen(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("cook")


def options_of(item: str) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = APIClient().get(f"{URL}{item}/").json()["options"]
    return groups


def snapshot() -> list[Any]:
    rows = (OptionGroup, Option, OptionStep, OptionGroup.items.through)
    return [list(table.objects.order_by("pk").values()) for table in rows]


@pytest.mark.usefixtures("choices")
def test_the_menu_tells_the_groups_of_an_item_and_their_options() -> None:
    assert options_of("water") == []
    meat, extras = options_of("pad-krapow")
    assert meat == {
        "code": "meat",
        "name": "Meat",
        "name_th": "meat",
        "choose": "one",
        "required": False,
        "options": [
            {
                "code": code,
                "name": code.capitalize(),
                "name_th": code,
                "price": price,
                "available": True,
                "zones": [],
            }
            for code, price in [("pork", "0.00"), ("tofu", "-5.00"), ("prawns", "20.00")]
        ],
    }
    assert (extras["code"], extras["choose"]) == ("extras", "any")
    assert [(o["code"], o["zones"]) for o in extras["options"]] == [
        ("fried-egg", ["fry"]),
        ("sticky-rice", ["rice"]),
    ]
    assert options_of("lobster")[0]["required"] is True
    listed = {item["code"]: item["options"] for item in APIClient().get(URL).json()}
    assert listed["pad-krapow"] == [meat, extras]
    # The same group, of another dish.
    assert listed["gai-yang"] == [extras]


@pytest.mark.usefixtures("choices")
def test_the_steps_of_options_are_not_zones_of_the_item() -> None:
    assert APIClient().get(f"{URL}gai-yang/").json()["zones"] == ["grill"]


@pytest.mark.usefixtures("choices")
def test_a_cook_takes_an_option_off_every_item_that_has_it_and_puts_it_back(
    screen: APIClient,
) -> None:
    for available in (False, True):
        body = {"available": available}
        answer = screen.patch(f"{URL}gai-yang/options/fried-egg/", body, format="json")
        assert answer.status_code == 200
        (extras,) = options_of("gai-yang")
        assert answer.json() == extras["options"][0]
        assert options_of("pad-krapow")[1] == extras
        assert [o["available"] for o in extras["options"]] == [available, True]


@pytest.mark.usefixtures("choices")
@pytest.mark.parametrize(
    "path", ["water/options/pork/", "pad-krapow/options/beef/", "x/options/x/"]
)
def test_an_option_that_the_item_does_not_have_is_not_found(screen: APIClient, path: str) -> None:
    before = snapshot()
    assert_problem(
        screen.patch(f"{URL}{path}", {"available": False}, format="json"), 404, "not_found"
    )
    assert snapshot() == before


@pytest.mark.usefixtures("choices")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"available": 1}, "invalid_body"),
        ({"available": None}, "invalid_body"),
        ({"price": "1.00"}, "unknown_field"),
        ([], "invalid_body"),
    ],
)
def test_a_wrong_change_of_an_option_is_not_made(screen: APIClient, body: Any, code: str) -> None:
    before = snapshot()
    assert_problem(screen.patch(f"{URL}pad-krapow/options/pork/", body, format="json"), 400, code)
    assert snapshot() == before


@pytest.mark.usefixtures("choices")
def test_a_cook_reads_the_options_wherever_a_ticket_is_shown(
    screen: APIClient, guest: User
) -> None:
    line = NewLine("pad-krapow", 1, 1, options=["tofu", "sticky-rice"])
    order, _ = place_order(NewOrder("takeaway", "a-client", [line]), principal=guest)
    open_trays(order)
    chosen = [
        {"code": "tofu", "name": "Tofu", "name_th": "tofu"},
        {"code": "sticky-rice", "name": "Sticky rice", "name_th": "sticky-rice"},
    ]
    (wok,) = screen.get("/api/v1/zones/fry/tickets/").json()["results"]
    assert (wok["name"], wok["options"]) == ("Pad Krapow", chosen)
    named = screen.get("/api/v1/zones/rice/tickets/").json()["results"]
    assert [(t["name"], t["options"]) for t in named] == [
        ("Pad Krapow", chosen),
        # What it is stands in its name already.
        ("Sticky rice (Pad Krapow)", []),
    ]
    for verb in ("start", "done", "recall"):
        pressed = screen.post(f"/api/v1/tickets/{wok['id']}/{verb}/")
        assert pressed.json()["options"] == chosen
    (tray,) = screen.get("/api/v1/trays/").json()["results"]
    assert [ticket["options"] for ticket in tray["tickets"]] == [chosen, chosen, []]
    assert Ticket.objects.get(pk=wok["id"]).options == chosen


def test_the_demo_menu_offers_options_and_none_of_them_must_be_chosen(db: None) -> None:
    call_command("load_menu", verbosity=0)
    assert not OptionGroup.objects.filter(required=True).exists()
    groups = options_of("pad-krapow")
    assert [group["code"] for group in groups] == ["meat", "spiciness", "egg", "rice"]
    # The example of the contract.
    named = {option["code"] for group in groups for option in group["options"]}
    assert {"pork", "fried-egg"} <= named
    egg = Option.objects.get(code="fried-egg")
    assert (str(egg.price), [step.zone_id for step in egg.steps.all()]) == ("10.00", ["fry"])
    assert MenuItem.objects.filter(option_groups="spiciness").count() > 5


def test_the_demo_menu_loaded_again_changes_nothing(db: None) -> None:
    call_command("load_menu", verbosity=0)
    Option.objects.filter(code="prawns").update(available=False, price=30)
    OptionGroup.objects.get(pk="egg").items.remove(MenuItem.objects.get(pk="khao-pad-pu"))
    before = snapshot()
    call_command("load_menu", verbosity=0)
    assert snapshot() == before


def test_the_menu_is_read_with_few_queries(db: None, django_assert_num_queries: Any) -> None:
    call_command("load_menu", verbosity=0)
    # Items, their steps, groups, options, steps of options.
    with django_assert_num_queries(5):
        assert len(APIClient().get(URL).json()) > 50
