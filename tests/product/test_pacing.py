"""Beat, the pacer and the zones: what was held back is fired while nobody asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import sleep
from typing import Any

from conftest import order_body
from tests.conftest import eventually
from tests.product.product import PATIENCE, Json, Product

#: How many times as long as by the recipe the grill takes.
SLOW = 10
#: How many times as fast as in a kitchen time runs.
SPEED = 200


@contextmanager
def settings(product: Product, **values: Any) -> Iterator[None]:
    found = product.get("settings/")
    product.change("settings/", **values)
    try:
        yield
    finally:
        product.change("settings/", **{name: found[name] for name in values})


def held_until(product: Product, item: str, zone: str) -> datetime:
    held = [t for t in product.tickets("held") if (t["item"], t["zone"]) == (item, zone)]
    (ticket,) = held  # it has not been fired
    return datetime.fromisoformat(ticket["fire_at"])


def told(product: Product, order: Json, name: str) -> list[Json]:
    events = product.pages(f"orders/{order['id']}/events/")
    return [event["data"] for event in events if event["name"] == name]


def test_what_is_held_back_is_fired_by_itself_when_its_time_has_come(product: Product) -> None:
    product.change("settings/", pacing=True)
    order = product.place(order_body("gai-yang", "thai-tea"))
    chicken = product.fired("gai-yang", "grill")
    assert [ticket["item"] for ticket in product.tickets("held")] == ["thai-tea"]
    product.press(chicken, "start", "done")
    product.press(product.fired("thai-tea", "drinks"), "start", "done")
    product.cook_until_ready(order)


def test_a_grill_that_is_ten_times_slower_holds_the_wok_back_and_what_waits_is_told(
    product: Product,
) -> None:
    with settings(product, pacing=True, time_scale=SPEED, pass_limit_seconds=60):
        before = product.place(order_body("gai-yang", ("gai-yang", 2)))
        both_cooks = eventually(lambda: two_on_the_grill(product), PATIENCE)
        for chicken in both_cooks:
            product.press(chicken, "start")
        order = product.place(order_body("nam-tok-moo", "pad-krapow"))
        product.fired("nam-tok-moo", "grill")
        planned = held_until(product, "pad-krapow", "fry")
        sleep(SLOW * both_cooks[0]["prep_seconds"] / SPEED)
        assert datetime.now(UTC) > planned
        assert held_until(product, "pad-krapow", "fry") > planned
        assert told(product, order, "tray.paced")
        for chicken in both_cooks:
            product.press(chicken, "done")
        # The wok is fired in its time; the grill is no faster than before.
        product.press(product.fired("nam-tok-moo", "grill"), "start")
        product.press(product.fired("pad-krapow", "fry"), "start", "done")
        eventually(lambda: ("pad-krapow", "fry") in waiting_parts(product, order), PATIENCE)
        product.cook_until_ready(before, order)


def two_on_the_grill(product: Product) -> list[Json]:
    fired = [ticket for ticket in product.tickets("fired") if ticket["zone"] == "grill"]
    return fired if len(fired) == 2 else []


def waiting_parts(product: Product, order: Json) -> list[tuple[str, str]]:
    """Of which it was told that they wait at the pass for too long."""
    return [(part["item"], part["zone"]) for part in told(product, order, "part.waited")]
