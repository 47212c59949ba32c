"""Flower shows the work to who has its password."""

from time import time
from typing import Any

import httpx2
import pytest

from tests.conftest import eventually
from tests.product.product import PATIENCE, Product


def shown(product: Product, task: str) -> list[dict[str, Any]]:
    """What Flower tells of all tasks of this name."""
    user = product.demo["flower"]
    answer = httpx2.get(
        f"{product.demo['flower_url']}/api/tasks",
        params={"taskname": task},
        auth=(user["username"], user["password"]),
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    return list(answer.json().values())


def wait_until_it_hears(product: Product) -> None:
    """After a test that killed Redis it needs a moment; the reconciler's tick tells."""
    since = time()

    def ticked() -> bool:
        return any(
            (task["started"] or 0) > since for task in shown(product, "kitchen.tasks.reconcile")
        )

    eventually(ticked, PATIENCE)


def test_flower_shows_the_zones_work_and_every_plated_tray(product: Product) -> None:
    wait_until_it_hears(product)
    code, _, orders = product.rush(orders=4, speed=600)
    assert code == 0
    ids = {order["id"] for order in orders}
    trays = [tray for tray in product.pages("trays/", state="ready") if tray["order_ref"] in ids]
    assert len(trays) == sum(len(order["trays"]) for order in orders)

    def plated() -> bool:
        tasks = shown(product, "kitchen.tasks.plate")
        done = [task["kwargs"] for task in tasks if task["state"] == "SUCCESS"]
        return all(any(tray["id"] in kwargs for kwargs in done) for tray in trays)

    def cooked() -> bool:
        queues = {}
        for task in shown(product, "kitchen.tasks.cook"):
            for ticket in tickets:
                if ticket["id"] in task["kwargs"] and task["state"] == "SUCCESS":
                    queues[ticket["id"]] = task["routing_key"]
        return queues == {ticket["id"]: f"zone.{ticket['zone']}" for ticket in tickets}

    tickets = [ticket for tray in trays for ticket in tray["tickets"]]
    eventually(plated, PATIENCE)
    eventually(cooked, PATIENCE)


@pytest.mark.parametrize("path", ["/", "/tasks", "/api/tasks", "/api/workers"])
@pytest.mark.parametrize("auth", [None, ("flower", "guess")])
def test_flower_shows_nothing_to_who_has_not(
    product: Product, path: str, auth: tuple[str, str] | None
) -> None:
    answer = httpx2.get(product.demo["flower_url"] + path, auth=auth, trust_env=False)
    assert answer.status_code == 401
    assert "kitchen" not in answer.text
