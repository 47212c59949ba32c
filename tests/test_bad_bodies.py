"""Each field of each operation with what it can't be: from the schema, so none is left out."""

import gzip
import json
from collections.abc import Callable, Iterator
from time import thread_time
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from conftest import a_dead_letter, assert_problem, new_key, order_body
from kitchen.models import KitchenSettings, MenuItem, Option, Ticket, Tray, Zone
from notifications.models import Delivery, Endpoint
from orders.models import BillSettings, Order, OrderLine, Payment
from restaurant.events.models import EventRecord
from restaurant.idempotency.models import StoredAnswer
from tests.contract import schema

Json = dict[str, Any]

#: One of each type of JSON, and what Python or a database would take for something else.
OF_TYPE: dict[str, list[Any]] = {
    "null": [None],
    "boolean": [True],
    "integer": [7],
    "number": [1.5],
    "string": ["x"],
    "array": [["x"]],
    "object": [{"x": 1}],
}
#: A body that each operation takes, apart from what is tried.
FINE = {
    "/api/v1/orders/": order_body("water"),
    "/api/v1/orders/{ref}/cancel/": {"reason": "no time"},
    "/api/v1/orders/{ref}/fire/": {"course": 2},
    "/api/v1/webhooks/": {"url": "https://93.184.215.14/", "events": ["order.ready"]},
    "/api/v1/orders/{ref}/refire/": {"line": str(uuid4()), "reason": "cold"},
    "/api/v1/orders/{ref}/pay/": {"method": "cash", "amount": "10.00"},
}
TABLES = (
    Order,
    OrderLine,
    Tray,
    Ticket,
    EventRecord,
    StoredAnswer,
    MenuItem,
    Option,
    Zone,
    Endpoint,
    Delivery,
    Payment,
    BillSettings,
)


def operations() -> Iterator[tuple[str, str, Json]]:
    """Method, path and the schema of the body of each operation that reads one."""
    for path, methods in schema()["paths"].items():
        for method, said in methods.items():
            for body in said.get("requestBody", {}).get("content", {}).values():
                yield method.upper(), path, resolved(body["schema"])


def resolved(said: Json) -> Json:
    if "$ref" not in said:
        return said
    found: Json = schema()["components"]["schemas"][said["$ref"].rsplit("/", 1)[1]]
    return found


def wrong_values(said: Json) -> list[Any]:
    """Of every type that it is not, and one more or less than it may be."""
    types = said["type"] if isinstance(said["type"], list) else [said["type"]]
    fits = {*types, *(["integer"] if "number" in types else [])}
    wrong = [value for name, values in OF_TYPE.items() if name not in fits for value in values]
    if "minimum" in said:
        wrong += [said["minimum"] - 1, said["maximum"] + 1, 10**400]
    if "maxLength" in said:
        wrong.append("x" * (said["maxLength"] + 1))
    if "string" in types:
        wrong += ["a\0b", "x" * 200_000]
    if said.get("minLength"):
        wrong.append("")
    if "enum" in said:
        wrong += ["", said["enum"][0].upper(), said["enum"][0] + " "]
    if "array" in types:
        wrong += [[None] * 10_000, [["deep"]]]
    return wrong


def fields(said: Json) -> Iterator[tuple[str, Json]]:
    for name, field in said.get("properties", {}).items():
        yield name, resolved(field)


FIELDS = [
    pytest.param(method, path, name, said, id=f"{method} {path.removeprefix('/api/v1/')} {name}")
    for method, path, body in operations()
    for name, said in fields(body)
]
OPERATIONS = [
    pytest.param(method, path, id=f"{method} {path.removeprefix('/api/v1/')}")
    for method, path, _ in operations()
]


@pytest.fixture
def send(
    opened: Callable[..., Order], client_of: Callable[..., APIClient], choices: dict[str, Option]
) -> Callable[..., Any]:
    """`send(method, path, body)` as a manager; it is answered at once, and nothing comes of it."""
    order, manager = opened("water"), client_of("manager")
    letter = a_dead_letter(order)
    there = {
        "orders": order.ref,
        "tickets": Ticket.objects.get().pk,
        "menu": "pad-krapow",
        "zones": "fry",
        "webhooks": letter.endpoint_id,
    }
    parts = {"{option}": "tofu", "{delivery}": str(letter.ref)}

    def rows() -> list[Any]:
        settings = KitchenSettings.objects.values()
        return [list(settings), *(list(table.objects.order_by("pk").values()) for table in TABLES)]

    def make(
        method: str, path: str, body: Any, content_type: str = "application/json", **headers: str
    ) -> Any:
        before, thing = rows(), str(there.get(path.split("/")[3], ""))
        url = path.replace("{ref}", thing).replace("{code}", thing)
        for part, named in parts.items():
            url = url.replace(part, named)
        raw: Any = body if isinstance(body, str | bytes) else json.dumps(body)
        # Of the processor: a machine that is busy with something else makes nothing slow.
        begun = thread_time()
        answer = manager.generic(
            method, url, raw, content_type=content_type, headers={**new_key(), **headers}
        )
        assert thread_time() - begun < 1
        assert rows() == before
        return answer

    return make


@pytest.mark.parametrize(("method", "path", "name", "said"), FIELDS)
def test_a_field_is_never_what_it_can_not_be(
    send: Callable[..., Any], method: str, path: str, name: str, said: Json
) -> None:
    wrong = wrong_values(said)
    assert len(wrong) >= 3
    for value in wrong:
        problem = assert_problem(
            send(method, path, {**FINE.get(path, {}), name: value}), 400, "invalid_body"
        )
        assert {fault["pointer"].split("/")[1] for fault in problem["errors"]} == {name}, value


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_field_that_is_not_there_is_not_made_up(
    send: Callable[..., Any], method: str, path: str
) -> None:
    problem = assert_problem(send(method, path, {"a~b/c": 1}), 400, "unknown_field")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/a~0b~1c"]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_is_no_object_of_json_is_refused_by_each(
    send: Callable[..., Any], method: str, path: str
) -> None:
    for raw in (
        *("null", "[]", '"text"', "5", "{", "{'a': 1}", '{"a": NaN}', '{"a": 1, "a": 1}'),
        "[" * 100_000,
        '{"a":' * 20_000 + "1" + "}" * 20_000,
        json.dumps({"\ud800": 1}),
        b'{"reason": "\xff"}',
        '{"reason": "x"}'.encode("utf-16"),
    ):
        assert_problem(send(method, path, raw), 400, "invalid_body")


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_is_too_large_or_of_another_kind_is_refused_by_each(
    send: Callable[..., Any], method: str, path: str
) -> None:
    fine = json.dumps(FINE.get(path, {}))
    assert_problem(send(method, path, " " * 1_000_000 + fine), 413, "too_large")
    for kind in ("text/plain", "application/json; charset=latin-1", "multipart/form-data"):
        assert_problem(send(method, path, fine, kind), 415, "bad_media_type")
    packed = {"Content-Encoding": "gzip"}
    answer = send(method, path, gzip.compress(fine.encode()), **packed)
    assert_problem(answer, 415, "bad_media_type")


def test_what_a_body_needs_is_asked_for_by_name(send: Callable[..., Any]) -> None:
    for method, path, body in operations():
        for name in body.get("required", []):
            missing = {known: value for known, value in FINE[path].items() if known != name}
            problem = assert_problem(send(method, path, missing), 400, "invalid_body")
            faults = [(fault["pointer"], fault["code"]) for fault in problem["errors"]]
            assert faults == [(f"/{name}", "required")]
