"""The life of an order as its people live it, over HTTP: from the first look to the bill."""

from conftest import order_body
from tests.conftest import eventually
from tests.product.product import PATIENCE, Json, Product


def tell_the_story(product: Product) -> Json:
    """Everybody does his part; answers the order as its guest sees it at the end."""
    order = product.place(order_body("tom-yum", "gai-yang", ("thai-tea", 2)))
    url = f"orders/{order['id']}/"

    # Tray 2 is a drink. It comes back, and is made again.
    tea = product.fired("thai-tea", "drinks")
    product.press(tea, "start", "done")
    eventually(lambda: trays(product, order) == ["waiting", "ready"], PATIENCE)
    product.press(tea, "recall")
    eventually(lambda: trays(product, order) == ["waiting", "waiting"], PATIENCE)
    product.press(tea, "done")

    # Tray 1 waits for both: the soup is boiled, then fried.
    product.press(product.fired("tom-yum", "boil"), "start", "done")
    product.press(product.fired("gai-yang", "grill"), "start", "done")
    soup = product.fired("tom-yum", "fry")
    assert trays(product, order)[0] == "waiting"
    product.press(soup, "start", "done")
    # A long poll, for whoever waits at the table.
    waited = product.ask("app", "GET", url, params={"wait": "5"}).json()
    while waited["state"] != "ready":
        waited = product.ask("app", "GET", url, params={"wait": "5"}).json()

    ask(product, "waiter", f"{url}serve/", {})
    ask(product, "waiter", f"{url}pay/", {"method": "cash", "amount": order["total"]})
    ask(product, "waiter", f"{url}close/", {})
    told: Json = product.ask("app", "GET", url).json()
    return told


def trays(product: Product, order: Json) -> list[str]:
    return [tray["state"] for tray in product.get(f"orders/{order['id']}/")["trays"]]


def ask(product: Product, who: str, path: str, body: Json) -> None:
    answer = product.ask(who, "POST", path, json=body)
    assert answer.status_code == 200, answer.text


def assert_told(product: Product, order: Json) -> None:
    """What happened is what its history tells, and nobody had to repair anything."""
    assert (order["state"], trays(product, order)) == ("closed", ["served", "served"])
    told = [event["name"] for event in product.pages(f"orders/{order['id']}/events/")]
    times = {name: told.count(name) for name in set(told)}
    assert (times["ticket.done"], times["ticket.recalled"], times["tray.ready"]) == (5, 1, 3)
    assert "tray.repaired" not in times
    assert told[-3:] == ["order.payment_taken", "order.paid", "order.closed"]
