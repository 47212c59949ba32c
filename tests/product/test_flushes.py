"""FLUSHALL at the worst moments: Redis forgets every message, and the orders come ready."""

from contextlib import ExitStack

from conftest import order_body
from tests.conftest import eventually
from tests.product.conftest import assert_cooked_once, repairs
from tests.product.product import PATIENCE, WORKERS, Json, Product


def told(product: Product, order: Json, name: str) -> list[Json]:
    """To whom the events of this name are to be told; empty before one has happened."""
    history = product.pages(f"orders/{order['id']}/events/")
    return [told for event in history if event["name"] == name for told in event["told"]]


def sent(product: Product, order: Json, name: str) -> bool:
    """Whether the relay has sent it to everybody."""
    hearers = told(product, order, name)
    return bool(hearers) and all(hearer["sent_at"] for hearer in hearers)


def test_an_order_that_was_sent_but_not_heard(product: Product) -> None:
    with product.frozen(*WORKERS):
        order = product.place(order_body("tom-yum", ("thai-tea", 2)))
        eventually(lambda: sent(product, order, "order.placed"))
        eventually(lambda: product.queued("pass"))
        product.redis.flushall()
    product.cook_until_ready(order)
    assert_cooked_once(product, order)


def test_a_tray_half_of_which_is_done(product: Product) -> None:
    order = product.place(order_body("tom-yum", "gai-yang", "thai-tea"))
    product.press(product.fired("thai-tea", "drinks"), "start", "done")
    product.press(product.fired("gai-yang", "grill"), "start")
    product.press(product.fired("tom-yum", "boil"), "start", "done")
    product.fired("tom-yum", "fry")
    product.redis.flushall()
    product.cook_until_ready(order)
    assert_cooked_once(product, order)
    # No message was under way: what waits for a cook, and what is counted, is not in Redis.
    assert repairs(product, order) == 0


def test_the_next_zone_hears_of_a_dish_without_redis(product: Product) -> None:
    order = product.place(order_body("tom-yum", "thai-tea"))
    soup = product.fired("tom-yum", "boil")
    with product.frozen(*WORKERS):
        product.press(soup, "start", "done")
        product.press(product.fired("tom-yum", "fry"), "start", "done")
        product.redis.flushall()
    # The drink is the last: what the soup's two parts would have told, the rows tell.
    product.cook_until_ready(order)
    assert_cooked_once(product, order)
    assert repairs(product, order) == 0


def test_the_last_dish_on_its_way_to_the_pass(product: Product) -> None:
    order = product.place(order_body("thai-tea", "gai-yang"))
    product.press(product.fired("thai-tea", "drinks"), "start", "done")
    with product.frozen(*WORKERS):
        product.press(product.fired("gai-yang", "grill"), "start", "done")
        eventually(lambda: product.queued("zone.grill"))
        product.redis.flushall()
    product.cook_until_ready(order)
    assert_cooked_once(product, order)
    assert repairs(product, order) > 0


def test_a_ready_tray_that_orders_have_not_heard_of(product: Product) -> None:
    order = product.place(order_body("thai-tea"))
    drink = product.fired("thai-tea", "drinks")
    with ExitStack() as relay:
        with product.frozen(*WORKERS):
            product.press(drink, "start", "done")
            eventually(lambda: product.queued("zone.drinks"))
            relay.enter_context(product.frozen("relay"))
        eventually(lambda: told(product, order, "trays.ready"), PATIENCE)
        with product.frozen(*WORKERS):
            relay.close()
            eventually(lambda: sent(product, order, "trays.ready"))
            eventually(lambda: product.queued("orders"))
            product.redis.flushall()
            assert product.state(order) != "ready"
    product.cook_until_ready(order)
    assert_cooked_once(product, order)
    assert repairs(product, order) == 0
