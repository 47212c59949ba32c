"""Webhooks of the running product: everything arrives, whoever is killed meanwhile."""

from collections import defaultdict
from pathlib import Path

from conftest import order_body
from notifications.tests.conftest import Receiver, receiving
from tests.conftest import eventually
from tests.product.product import PATIENCE, Json, Product

#: Chosen by the receiver: all that an order of a rush goes through.
CHOSEN = ["order.placed", "order.preparing", "order.ready", "tray.ready"]


def listen(product: Product, url: str) -> tuple[str, str]:
    """The address of the app's new webhook, and its secret."""
    answer = product.ask("app", "POST", "webhooks/", json={"url": url, "events": CHOSEN})
    assert answer.status_code == 201, answer.text
    return f"webhooks/{answer.json()['id']}/", answer.json()["secret"]


def expected(product: Product, orders: list[Json]) -> set[str]:
    """The ids of the events that the receiver must have heard."""
    histories = [product.pages(f"orders/{order['id']}/events/") for order in orders]
    return {event["id"] for history in histories for event in history if event["name"] in CHOSEN}


def assert_told(receiver: Receiver, product: Product, orders: list[Json]) -> None:
    """Everything, verified; who looks at the ids has it once, and without a gap for each order."""
    ids = expected(product, orders)
    eventually(lambda: ids <= {call["id"] for call in receiver.calls()}, PATIENCE)
    calls = receiver.calls()
    assert all(call["verified"] for call in calls)
    once = {call["id"]: call["told"]["data"] for call in calls}
    sequences = defaultdict(set)
    for told in once.values():
        sequences[told["order"]].add(told["sequence"])
    for order in orders:
        found = sequences[order["id"]]
        assert found == set(range(1, len(found) + 1))
    for call in calls:
        assert call["told"]["data"] == once[call["id"]]


def hears_more(receiver: Receiver) -> None:
    before = len(receiver.calls())
    eventually(lambda: len(receiver.calls()) > before, PATIENCE)


def test_a_killed_sender_loses_nothing(product: Product, tmp_path: Path) -> None:
    webhook, secret = listen(product, "http://127.0.0.1:9/")

    def kill_often() -> None:
        for _ in range(3):
            product.kill("webhooks")
            hears_more(receiver)

    with receiving(tmp_path / "receiver", secret) as receiver:
        answer = product.ask("app", "PATCH", webhook, json={"url": receiver.url()})
        assert answer.status_code == 200
        code, figures, orders = product.rush(orders=15, speed=300, meanwhile=kill_often)
        assert code == 0, figures
        assert_told(receiver, product, orders)
    assert product.ask("app", "DELETE", webhook).status_code == 204


def test_a_callback_says_that_the_order_is_ready(product: Product, tmp_path: Path) -> None:
    webhook, secret = listen(product, "http://127.0.0.1:9/")
    with receiving(tmp_path / "receiver", secret) as receiver:
        product.ask("app", "PATCH", webhook, json={"url": receiver.url()})
        order = product.place(order_body("thai-tea", callback_url=receiver.url("my/17/good")))
        product.cook_until_ready(order)
        back = "/my/17/good"
        eventually(lambda: back in [call["path"] for call in receiver.calls()], PATIENCE)
        [call] = [call for call in receiver.calls() if call["path"] == back]
    assert call["verified"] is True
    assert call["told"]["type"] == "order.ready"
    assert call["told"]["data"]["order"] == order["id"]
    assert product.ask("app", "DELETE", webhook).status_code == 204
