"""Leads Schemathesis to what is really there: made-up ids only ever find 404.

Loaded by `schemathesis.toml`; `$VAR/demo.json` says where the product is.
"""

import json
import os
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import schemathesis

Json = dict[str, Any]

#: Calls after which what is there is looked up anew.
LOOK_AGAIN = 150
#: What a body may be refused for although it has the shape that the schema asks for.
NOT_OF_SHAPE = {
    *("unknown_item", "unknown_option", "unknown_line", "unknown_event"),
    *("mixed_courses", "refused_address", "check_digit", "card_number", "days_out_of_range"),
}
calls = count()


@cache
def house() -> tuple[httpx2.Client, dict[str, str]]:
    """A client of the running product, and the tokens of its demo's users."""
    demo = json.loads((Path(os.environ["VAR"]) / "demo.json").read_text())
    return httpx2.Client(base_url=f"{demo['url']}/api/v1/", trust_env=False), demo["tokens"]


def ask(method: str, path: str, who: str = "manager", **more: Any) -> Any:
    client, tokens = house()
    headers = {"Authorization": f"Bearer {tokens[who]}", "Idempotency-Key": uuid4().hex}
    return client.request(method, path, headers=headers, **more)


def put_in_order() -> None:
    """Everything can be ordered, as far as a manager can see to it."""
    ask("PATCH", "settings/", json={"time_scale": 1000, "quote_limit_minutes": None})
    for zone in ask("GET", "zones/").json():
        if not zone["is_open"]:
            ask("PATCH", f"zones/{zone['code']}/", json={"is_open": True})
    for item in ask("GET", "menu/").json():
        if not item["available"] or item["portions_left"] is not None:
            free = {"available": True, "portions_left": None}
            ask("PATCH", f"menu/{item['code']}/", json=free)


def place_order() -> None:
    """One order of the demo's app, so that there is always something to cook."""
    lines = [{"item": "tom-yum", "quantity": 1}, {"item": "thai-tea", "quantity": 1, "tray": 2}]
    body = {"channel": "takeaway", "client_ref": uuid4().hex, "lines": lines}
    ask("POST", "orders/", "app", json=body)


@cache
def there(look: int) -> dict[str, list[str]]:
    """The ids of what is there at this look."""
    put_in_order()
    place_order()
    trays = ask("GET", "trays/", params={"state": "waiting"}).json()["results"]
    orders = ask("GET", "orders/").json()["results"]
    return {
        "tickets": [ticket["id"] for tray in trays for ticket in tray["tickets"]],
        "orders": [order["id"] for order in orders],
        "menu": [item["code"] for item in ask("GET", "menu/").json()],
        "zones": [zone["code"] for zone in ask("GET", "zones/").json()],
    }


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Json) -> None:
    """Three of four valid calls are about what is there."""
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    number = next(calls)
    lead_to_what_is_there(case, there(number // LOOK_AGAIN), number)


def lead_to_what_is_there(case: Any, known: dict[str, list[str]], number: int) -> None:
    things = known.get(case.path.split("/")[3], [])
    if number % 4 and things:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = things[number % len(things)]
    if "Idempotency-Key" in case.headers and number % 4:
        case.headers["Idempotency-Key"] = uuid4().hex
    if case.query:
        case.query.pop("cursor", None)
        if "wait" in case.query:
            case.query["wait"] = 0
    if isinstance(case.body, dict):
        case.body = without_fractions(case.body)
    if isinstance(case.body, dict) and "lines" in case.body and number % 4:
        case.body["lines"] = case.body["lines"][:2]
        case.body["client_ref"] = uuid4().hex
        for place, line in enumerate(case.body["lines"]):
            line["item"] = known["menu"][(number + place) % len(known["menu"])]


def without_fractions(value: Any) -> Any:
    """To JSON Schema 10.0 is an integer; the house wants it written as one."""
    if isinstance(value, dict):
        return {name: without_fractions(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_fractions(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@schemathesis.check
def what_the_schema_allows_is_not_refused_for_its_shape(
    context: Any, response: Any, case: Any
) -> None:
    """The schema is as strict as the house, and no stricter is the house."""
    if case.meta and case.meta.generation.mode.is_positive and response.status_code in (400, 415):
        problem = response.json()
        codes = {problem["code"], *(fault["code"] for fault in problem.get("errors", []))}
        assert codes - {"invalid_body", "invalid_query"} <= NOT_OF_SHAPE, response.text


@schemathesis.check
def only_a_full_kitchen_is_unavailable(context: Any, response: Any, case: Any) -> None:
    """Whoever asks one thing after the other is never too much for the database."""
    if response.status_code == 503:
        assert response.json()["code"] == "kitchen_full", response.text
