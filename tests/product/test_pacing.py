"""Beat, the pacer and a zone: what was held back is fired while nobody asks for it."""

from conftest import order_body
from tests.product.product import Product


def test_what_is_held_back_is_fired_by_itself_when_its_time_has_come(product: Product) -> None:
    product.change("settings/", pacing=True)
    order = product.place(order_body("gai-yang", "thai-tea"))
    chicken = product.fired("gai-yang", "grill")
    assert [ticket["item"] for ticket in product.tickets("held")] == ["thai-tea"]
    product.press(chicken, "start", "done")
    product.press(product.fired("thai-tea", "drinks"), "start", "done")
    product.cook_until_ready(order)
