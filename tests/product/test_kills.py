"""kill -9 of any process in the middle of a rush loses no order and cooks nothing twice."""

import pytest

from tests.product.conftest import assert_cooked_once
from tests.product.product import Product


@pytest.mark.parametrize(
    "names",
    [("relay",), ("worker1", "worker2"), ("beat",), ("printers",), ("web",), ("redis",)],
    ids="+".join,
)
def test_a_rush_comes_through_a_kill(product: Product, names: tuple[str, ...]) -> None:
    code, figures, orders = product.rush(
        orders=5, speed=600, meanwhile=lambda: product.kill(*names)
    )
    assert code == 0, figures
    assert (figures["placed"], figures["ready"], figures["refused"]) == (5, 5, {})
    assert len(orders) == 5
    assert_cooked_once(product, *orders)
