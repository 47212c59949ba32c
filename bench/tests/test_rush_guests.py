"""What the guests order, and when they come."""

import random
from typing import Any

import pytest

from bench.rush.demo import Stopped
from bench.rush.guests import arrivals, plan_orders, rate_for, read_recipes, sensible_rate
from bench.rush.rush import MENU as MENU_FILE


def item(code: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "kind": "dish",
        "available": True,
        "portions_left": None,
        "zones": ["boil"],
        "options": [],
        **more,
    }


MENU = [
    *(item(f"dish-{number}", zones=["boil", "fry"]) for number in range(8)),
    *(item(f"drink-{number}", kind="drink", zones=["drinks"]) for number in range(4)),
    item("crab", portions_left=3),
    item("eaten-up", portions_left=0),
    item("eighty-six", available=False),
]


def orders_of(seed: int, count: int = 300) -> list[dict[str, Any]]:
    return plan_orders(MENU, count, random.Random(seed))


def test_the_same_seed_makes_the_same_orders() -> None:
    assert orders_of(7) == orders_of(7)
    assert orders_of(7) != orders_of(8)


def test_the_order_of_the_menu_does_not_matter() -> None:
    turned = plan_orders(MENU[::-1], 300, random.Random(7))
    assert turned == orders_of(7)


def test_every_order_has_a_few_dishes_and_drinks() -> None:
    for order in orders_of(1):
        codes = [line["item"] for line in order["lines"]]
        drinks = [code for code in codes if code.startswith("drink")]
        assert 1 <= len(drinks) <= 2
        assert 1 <= len(codes) - len(drinks) <= 3
        assert len(set(codes)) == len(codes)
        assert {line["quantity"] for line in order["lines"]} <= {1, 2}


def test_no_tray_stays_empty() -> None:
    used = {tuple(sorted({line["tray"] for line in order["lines"]})) for order in orders_of(1)}
    assert used == {(1,), (1, 2)}


def test_only_who_sits_has_a_table() -> None:
    orders = orders_of(1)
    assert {order["channel"] for order in orders} == {"dine_in", "takeaway", "delivery"}
    assert all(("table" in order) == (order["channel"] == "dine_in") for order in orders)


def test_what_is_scarce_is_ordered_now_and_then_and_what_is_out_never() -> None:
    codes = [line["item"] for order in orders_of(1) for line in order["lines"]]
    assert 10 <= codes.count("crab") <= 60
    assert "eaten-up" not in codes
    assert "eighty-six" not in codes


def test_a_menu_that_offers_nothing_stops_the_rush() -> None:
    with pytest.raises(Stopped, match="make something available"):
        plan_orders([item("crab", portions_left=3)], 5, random.Random(1))


def test_a_menu_of_drinks_alone_is_enough() -> None:
    menu = [item("water", kind="drink")]
    assert all(len(order["lines"]) == 1 for order in plan_orders(menu, 20, random.Random(1)))


def test_the_rate_follows_the_cooks_of_the_busiest_zone() -> None:
    menu = [item("soup")]
    orders = [{"lines": [{"item": "soup", "options": []}]}] * 2
    # One step of 150 s an order: a cook could make 0.4 a minute.
    assert sensible_rate(menu, orders, cooks=1) == pytest.approx(0.3)
    assert sensible_rate(menu, orders, cooks=2) == pytest.approx(0.6)


def group(code: str, *options: str, **more: Any) -> dict[str, Any]:
    """Options of which those in capitals are sold out."""
    listed = [
        {"code": option.lower(), "available": option.islower(), "zones": ["fry"]}
        for option in options
    ]
    return {"code": code, "choose": "one", "required": False, "options": listed, **more}


def choices_of(*groups: dict[str, Any]) -> list[list[str]]:
    orders = plan_orders([item("krapow", options=[*groups])], 200, random.Random(1))
    return [line["options"] for order in orders for line in order["lines"]]


def test_guests_choose_what_the_menu_leaves_them() -> None:
    some = choices_of(group("meat", "pork", "tofu", "PRAWNS"), group("egg", "fried", choose="any"))
    assert {tuple(chosen) for chosen in some} == {
        (),
        ("pork",),
        ("tofu",),
        ("fried",),
        ("pork", "fried"),
        ("tofu", "fried"),
    }


@pytest.mark.parametrize("choose", ["one", "any"])
def test_guests_always_choose_where_they_must(choose: str) -> None:
    chosen = choices_of(group("meat", "pork", "tofu", choose=choose, required=True))
    assert all(chosen)
    assert ["tofu"] in chosen


def test_nobody_orders_what_lacks_something_that_must_be_chosen() -> None:
    with pytest.raises(Stopped, match="make something available"):
        choices_of(group("meat", "PORK", required=True))


def test_the_steps_of_options_count_for_the_rate() -> None:
    menu = [item("soup", options=[group("egg", "fried", choose="any")])]
    menu[0]["options"][0]["options"][0]["zones"] = ["boil"]
    orders = [{"lines": [{"item": "soup", "options": ["fried"]}]}]
    assert sensible_rate(menu, orders, cooks=1) == pytest.approx(0.15)


def test_the_rate_for_a_load_follows_the_recipes() -> None:
    recipes = {"soup": [("boil", 240), ("fry", 60)], "egg": [("fry", 60)], "fried-egg": []}
    soup, egg = {"item": "soup", "options": []}, {"item": "egg", "options": []}
    orders = [{"lines": [soup]}, {"lines": [{**soup, "options": ["fried-egg"]}, egg]}]
    # 240 s an order at the pot: a cook can do one each four minutes.
    assert rate_for(1.0, recipes, orders, cooks=1) == pytest.approx(0.25)
    assert rate_for(0.8, recipes, orders, cooks=2) == pytest.approx(0.4)
    with pytest.raises(Stopped, match="Of tea no recipe is known"):
        rate_for(1.0, recipes, [{"lines": [{"item": "tea", "options": []}]}], cooks=1)


def test_the_demos_recipes_are_read_of_its_menu() -> None:
    recipes = read_recipes(MENU_FILE)
    assert recipes["tom-yum"] == [("boil", 240), ("fry", 60)]
    assert recipes["fried-egg"] == [("fry", 45)]
    assert recipes["tofu"] == []


def test_guests_come_at_random_at_the_rate() -> None:
    guests = arrivals(orders_of(1, 2000), 2.0, random.Random(1))
    times = [guest.arrives for guest in guests]
    assert times[0] == 0
    assert times == sorted(times)
    assert times[-1] / 2000 == pytest.approx(30, rel=0.1)
