"""Redis hangs: it takes connections and answers nobody."""

from time import monotonic, sleep

from conftest import order_body
from tests.product.conftest import assert_cooked_once
from tests.product.product import Product

FROZEN_SECONDS = 5


def test_guests_order_as_ever_while_redis_hangs(product: Product) -> None:
    orders = []
    with product.frozen("redis"):
        until = monotonic() + FROZEN_SECONDS
        while monotonic() < until:
            orders.append(product.place(order_body("thai-tea", ("nam-plao", 2))))
            sleep(0.4)
        assert {product.state(order) for order in orders} == {"placed"}
    product.cook_until_ready(*orders)
    assert_cooked_once(product, *orders)
