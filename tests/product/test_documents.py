"""What the documents show is what the product answers."""

import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx2
import pytest

from conftest import order_body
from restaurant.run.place import ROOT
from tests.product.examples import Call, Example, call_of, examples, is_like, messages_in
from tests.product.product import Json, Product

#: Seconds in which the house comes to where the document is.
SOON = 20.0
#: The house's bills as they are at first.
BILLS: Json = {
    "service_percent": "0",
    "vat_percent": "7",
    "prices_include_vat": True,
    "promptpay_id": None,
    "receipt_head": "",
}


class Reader:
    """Types each example as somebody would who reads from top to bottom."""

    def __init__(self, product: Product) -> None:
        self.product = product
        tokens = {name.upper(): token for name, token in product.demo["tokens"].items()}
        url = product.demo["url"]
        self.variables = {"URL": f"{url}/api/v1", "TOKEN": tokens["APP"], **tokens}
        self.meanwhile: dict[str, Callable[[], None]] = {
            "the tea is made": self.make_tea,
            "somebody else orders a tea": self.order_tea,
            "a tea is to be made": self.choose_tea,
            "the tea is sent back": self.send_tea_back,
        }

    def read(self, document: Path) -> int:
        """Try its examples; answer how many there were."""
        read = list(examples(document))
        for example in read:
            for happening in example.meanwhile:
                self.meanwhile[happening]()
            self.try_out(example)
        return len(read)

    def try_out(self, example: Example) -> None:
        command = example.command.replace("http://127.0.0.1:8000", self.product.demo["url"])
        call = call_of(command, self.variables)
        if example.stream:
            self.listen(example, call)
            return
        answer = self.ask(call)
        until = monotonic() + SOON
        # The kitchen may need a moment; what changes something is asked once.
        while call.method == "GET" and not fits(example, answer) and monotonic() < until:
            sleep(0.1)
            answer = self.ask(call)
        assert fits(example, answer), told(example, answer)
        if answer.status_code == 201:
            made = "WEBHOOK" if call.url.endswith("/webhooks/") else "ORDER"
            self.variables[made] = answer.json()["id"]
        if call.method == "PATCH" and "trays" in answer.json():
            self.variables["LINE"] = answer.json()["trays"][-1]["lines"][-1]["id"]

    def listen(self, example: Example, call: Call) -> None:
        """What is shown is said, in its order."""
        to_come, said = list(example.stream), []
        until = monotonic() + SOON
        with self.product.http.stream(call.method, call.url, headers=call.headers) as answer:
            for message in messages_in(answer.iter_lines()):
                said.append(message)
                if is_like(to_come[0], message):
                    to_come.pop(0)
                if not to_come or monotonic() > until:
                    break
        assert not to_come, f"{example.command}\nshows {to_come[0]}\nbut said {said}"

    def ask(self, call: Call) -> httpx2.Response:
        return self.product.http.request(
            call.method, call.url, headers=call.headers, content=call.body
        )

    def make_tea(self) -> None:
        self.product.press(self.product.fired("thai-tea", "drinks"), "start", "done")

    def order_tea(self) -> None:
        self.product.place(order_body("thai-tea", table="B1"))

    def send_tea_back(self) -> None:
        order = self.product.get(f"orders/{self.variables['ORDER']}/")
        lines = [line for tray in order["trays"] for line in tray["lines"]]
        self.variables["LINE"] = next(one["id"] for one in lines if one["item"] == "thai-tea")

    def choose_tea(self) -> None:
        self.variables["TICKET"] = self.product.fired("thai-tea", "drinks")["id"]


def fits(example: Example, answer: httpx2.Response) -> bool:
    if example.status is None:
        status_is_right = answer.is_success
    else:
        status_is_right = answer.status_code == example.status
    headers = {name: answer.headers.get(name) for name in example.headers}
    body_is_right = example.body is None or is_like(example.body, answer.json())
    return status_is_right and is_like(example.headers, headers) and body_is_right


def told(example: Example, answer: httpx2.Response) -> str:
    shown: Json = {"status": example.status, "headers": example.headers, "body": example.body}
    real = f"{answer.status_code} {dict(answer.headers)}\n{answer.text}"
    return f"{example.command}\nshows {json.dumps(shown, indent=1)}\nbut is\n{real}"


@pytest.fixture
def reader(product: Product) -> Any:
    """What the documents change is as it was afterwards."""
    zones = {zone["code"]: zone["cooks"] for zone in product.get("zones/")}
    product.change("settings/", time_scale=1, quote_limit_minutes=None)
    product.change("settings/bill/", **BILLS)
    # What other tests have left at the pass would fill the pages that the documents show.
    for tray in product.pages("trays/", state="ready"):
        serve = {"tray": tray["number"]}
        answer = product.ask("waiter", "POST", f"orders/{tray['order_ref']}/serve/", json=serve)
        assert answer.status_code == 200, answer.text
    yield Reader(product)
    product.change("menu/pad-krapow/options/crispy-pork/", available=True)
    product.change("settings/", quote_limit_minutes=None)
    for code, cooks in zones.items():
        product.change(f"zones/{code}/", cooks=cooks)
    for state in ("placed", "preparing"):
        for order in product.pages("orders/", state=state):
            product.ask("manager", "POST", f"orders/{order['id']}/cancel/", json={"reason": "x"})


def test_the_first_order_of_the_readme_is_taken_as_it_says(reader: Reader) -> None:
    assert reader.read(ROOT / "README.md") == 1


def test_every_example_of_two_shops_is_answered_as_it_says(reader: Reader) -> None:
    assert reader.read(ROOT / "docs" / "shops.md") > 5


def test_every_example_of_the_api_is_answered_as_it_says(reader: Reader) -> None:
    assert reader.read(ROOT / "docs" / "api.md") > 15


def test_the_order_of_the_patterns_can_be_followed_in_both_languages(reader: Reader) -> None:
    assert reader.read(ROOT / "docs" / "patterns.md") == 2
    assert reader.read(ROOT / "docs" / "patterns.th.md") == 2
