"""The running product that these tests share, and what must be true of every order."""

import os
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.product.product import Json, Product

HERE = Path(__file__).parent
#: Portions that no test uses up.
ENOUGH = 500


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These come last: the product starts once and takes no time from the other tests."""
    items.sort(key=lambda item: item.path.is_relative_to(HERE))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    product = getattr(item, "funcargs", {}).get("product")
    if report.failed and product:
        report.sections.append(("The product said", product.last_lines()))
    return report


#: How often is no matter of what was cooked.
SAID_AS_OFTEN_AS_IT_HAPPENS = {
    *("tray.repaired", "tray.paced"),
    *("order.preparing", "trays.started"),
    # How long a part stands at the pass is the machine's time as well.
    *("part.waited", "tray.waited"),
}


@contextmanager
def new_database() -> Iterator[str | None]:
    """On PostgreSQL a database of one's own on the lane's server; else the product makes one."""
    lane = urlsplit(os.environ["DATABASE_URL"])
    if lane.scheme == "sqlite":
        yield None
        return
    name = f"tamsang_product_{token_hex(4)}"
    with psycopg.connect(lane.geturl(), autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield lane._replace(path=f"/{name}").geturl()
        finally:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    # Receivers of webhooks are processes of the tests, and so is the proxy.
    inside = {"WEBHOOK_ALLOW": "127.0.0.0/8", "BEHIND_PROXY": "1"}
    folder = tmp_path_factory.mktemp("product")
    with new_database() as url, Product(folder, url, **inside) as product:
        yield product


@pytest.fixture
def product(started: Product) -> Iterator[Product]:
    """The product at work, with an empty kitchen and enough of everything; nothing is held back."""
    started.wait_until_open()
    started.change("settings/", pacing=False)
    for order in open_orders(started):  # of a test that has failed
        started.ask("manager", "POST", f"orders/{order['id']}/cancel/", json={"reason": "test"})
    for item in started.get("menu/"):
        if item["portions_left"] is not None and item["portions_left"] < ENOUGH:
            started.change(f"menu/{item['code']}/", portions_left=2 * ENOUGH)
    yield started
    started.wait_until_open()
    assert open_orders(started) == []
    assert started.tickets("held", "fired", "cooking") == []


def open_orders(product: Product) -> list[Json]:
    return [*product.pages("orders/", state="placed"), *product.pages("orders/", state="preparing")]


def assert_cooked_once(product: Product, *orders: Json) -> None:
    """Every order is ready, and its history tells of each step once."""
    menu = product.get("menu/")
    options = [option for item in menu for group in item["options"] for option in group["options"]]
    steps = {thing["code"]: len(thing["zones"]) for thing in [*menu, *options]}
    for order in orders:
        assert product.state(order) == "ready"
        lines = [line for tray in order["trays"] for line in tray["lines"]]
        tickets = sum(steps[code] for line in lines for code in (line["item"], *line["options"]))
        told: Counter[str] = Counter()
        once: Counter[tuple[str, str]] = Counter()
        for event in product.pages(f"orders/{order['id']}/events/"):
            if event["name"] in SAID_AS_OFTEN_AS_IT_HAPPENS:
                continue
            told[event["name"]] += 1
            subject = event["data"].get("ticket_ref") or event["data"].get("tray_ref")
            once[event["name"], subject or order["id"]] += 1
        assert told == {
            "order.placed": 1,
            **dict.fromkeys(["ticket.fired", "ticket.started", "ticket.done"], tickets),
            "tray.ready": len(order["trays"]),
            "trays.ready": 1,
            "order.ready": 1,
        }
        assert not [event for event, times in once.items() if times > 1]


def repairs(product: Product, *orders: Json) -> int:
    """How often the reconciler had to help."""
    histories = [product.pages(f"orders/{order['id']}/events/") for order in orders]
    return sum(event["name"] == "tray.repaired" for history in histories for event in history)
