"""Two of them on one machine."""

from pathlib import Path

import pytest

from conftest import order_body
from tests.product.conftest import assert_cooked_once
from tests.product.product import Product


@pytest.mark.once
def test_two_run_side_by_side_and_know_nothing_of_each_other(
    product: Product, tmp_path: Path
) -> None:
    with Product(tmp_path, None) as other:
        mine, theirs = (house.place(order_body("thai-tea")) for house in (product, other))
        for house, order in ((product, mine), (other, theirs)):
            house.cook_until_ready(order)
            assert_cooked_once(house, order)
        assert [order["id"] for order in other.pages("orders/")] == [theirs["id"]]
        assert theirs["id"] not in [order["id"] for order in product.pages("orders/")]
        assert len({house.demo["redis_url"] for house in (product, other)}) == 2
    assert product.answers()
