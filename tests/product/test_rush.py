"""A rush of guests and cooks on the running product, and who does the work in it."""

import pytest

from conftest import order_body
from tests.conftest import eventually
from tests.product.conftest import assert_cooked_once
from tests.product.product import WORKERS, Product


def test_every_order_of_a_rush_comes_ready_and_nothing_was_repaired(product: Product) -> None:
    code, figures, orders = product.rush(orders=20, speed=120)
    assert code == 0
    assert (figures["placed"], figures["ready"], figures["repairs"]) == (20, 20, 0)
    assert len(orders) == 20
    assert_cooked_once(product, *orders)


def test_a_rush_needs_nobody_who_looks_for_what_was_lost(product: Product) -> None:
    with product.frozen("beat"):
        code, figures, orders = product.rush(orders=8, speed=400)
    assert code == 0
    assert (figures["placed"], figures["ready"], figures["repairs"]) == (8, 8, 0)
    assert_cooked_once(product, *orders)


def test_without_workers_no_zone_is_told_to_begin(product: Product) -> None:
    with product.frozen(*WORKERS):
        order = product.place(order_body("tom-yum", ("thai-tea", 2)))
        with pytest.raises(AssertionError):
            eventually(lambda: product.tickets("fired"), within=3)
        assert product.state(order) == "placed"
    product.cook_until_ready(order)
    assert_cooked_once(product, order)
