"""Bodies that nobody should send: each is refused, says where it is wrong, and leaves nothing."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import assert_problem, new_key, order_body
from kitchen.models import MenuItem
from orders.models import Order, OrderLine
from restaurant.events.models import EventRecord
from restaurant.idempotency.models import StoredAnswer

Post = Callable[..., Any]

URL = "/api/v1/orders/"
MISSING = object()
#: Legal in JSON, but no text.
LONE_SURROGATE = "\ud800"
#: A field's name: what it can't be, and the code of each fault.
BAD_TEXT: list[tuple[Any, str]] = [
    (None, "null"),
    (5, "invalid"),
    (True, "invalid"),
    (["x"], "invalid"),
    ({}, "invalid"),
    ("a\0b", "null_characters_not_allowed"),
]
BAD_FIELDS: dict[str, list[tuple[Any, str]]] = {
    "channel": [
        (MISSING, "required"),
        (None, "null"),
        ("", "invalid_choice"),
        ("dine-in", "invalid_choice"),
        (5, "invalid_choice"),
        (True, "invalid_choice"),
        (["dine_in"], "invalid_choice"),
    ],
    "table": [*BAD_TEXT, ("x" * 21, "max_length")],
    "client_ref": [
        (MISSING, "required"),
        (None, "null"),
        (5, "invalid"),
        (1.5, "invalid"),
        (True, "invalid"),
        ([], "invalid"),
        ("", "blank"),
        ("x" * 65, "invalid"),
        ("ก", "invalid"),
        ("line\nbreak", "invalid"),
        ("end\n", "invalid"),
        ("\x7f", "invalid"),
    ],
    "note": [*BAD_TEXT, ("x" * 501, "max_length")],
    "allergies": [*BAD_TEXT, ("x" * 501, "max_length")],
    "lines": [
        (MISSING, "required"),
        (None, "null"),
        ("x", "not_a_list"),
        ({}, "not_a_list"),
        (1, "not_a_list"),
        ([], "min_length"),
        ([{"item": "water", "quantity": 1}] * 101, "max_length"),
        ([{}] * 10_000, "max_length"),
    ],
}
BAD_LINE_FIELDS: dict[str, list[tuple[Any, str]]] = {
    "item": [(MISSING, "required"), *BAD_TEXT, ("", "blank"), ("x" * 65, "max_length")],
    "quantity": [
        (MISSING, "required"),
        (None, "null"),
        ("1", "invalid"),
        (True, "invalid"),
        (1.0, "invalid"),
        ([], "invalid"),
        (0, "min_value"),
        (-1, "min_value"),
        (100, "max_value"),
        (10**4000, "max_value"),
    ],
    "tray": [
        (None, "null"),
        ("1", "invalid"),
        (False, "invalid"),
        (1.5, "invalid"),
        (0, "min_value"),
        (21, "max_value"),
    ],
    "note": [*BAD_TEXT, ("x" * 501, "max_length")],
    "options": [
        (None, "null"),
        ("x", "not_a_list"),
        ({}, "not_a_list"),
        (["pork"], "max_length"),
        ([None], "max_length"),
    ],
}


@pytest.fixture
def post(
    menu: dict[str, MenuItem], client_of: Callable[..., APIClient], guest: User
) -> Callable[..., Any]:
    """Post these bytes, or this as JSON; nothing may come of it."""
    app = client_of(guest)

    def make(body: Any, content_type: str = "application/json", **headers: str) -> Any:
        raw: Any = body if isinstance(body, str | bytes) else json.dumps(body)
        response = app.generic(
            "POST", URL, raw, content_type=content_type, headers={**new_key(), **headers}
        )
        for rows in (Order, OrderLine, EventRecord, StoredAnswer):
            assert not rows.objects.exists()
        assert MenuItem.objects.get(pk="crab").portions_left == 1
        return response

    return make


def changed(fields: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    others = {known: kept for known, kept in fields.items() if known != name}
    return others if value is MISSING else {**others, name: value}


def faults(problem: dict[str, Any]) -> list[tuple[str, str]]:
    assert all(fault.keys() == {"pointer", "code", "detail"} for fault in problem["errors"])
    return [(fault["pointer"], fault["code"]) for fault in problem["errors"]]


def cases(table: dict[str, list[tuple[Any, str]]]) -> list[Any]:
    return [
        pytest.param(name, value, code, id=f"{name}-{number}-{code}")
        for name, bad in table.items()
        for number, (value, code) in enumerate(bad)
    ]


@pytest.mark.parametrize(("name", "value", "code"), cases(BAD_FIELDS))
def test_a_wrong_field_is_refused_and_pointed_at(
    post: Post, name: str, value: Any, code: str
) -> None:
    problem = assert_problem(post(changed(order_body("crab"), name, value)), 400, "invalid_body")
    assert faults(problem) == [(f"/{name}", code)]


@pytest.mark.parametrize(("name", "value", "code"), cases(BAD_LINE_FIELDS))
def test_a_wrong_field_of_a_line_is_refused_and_pointed_at(
    post: Post, name: str, value: Any, code: str
) -> None:
    body = order_body("crab", "water")
    body["lines"][1] = changed(body["lines"][1], name, value)
    problem = assert_problem(post(body), 400, "invalid_body")
    assert faults(problem) == [(f"/lines/1/{name}", code)]


@pytest.mark.parametrize(("line", "code"), [(None, "null"), ([], "invalid"), ("water", "invalid")])
def test_a_line_that_is_no_object_is_pointed_at(post: Post, line: Any, code: str) -> None:
    body = order_body("crab")
    problem = assert_problem(post({**body, "lines": [*body["lines"], line]}), 400, "invalid_body")
    assert faults(problem) == [("/lines/1", code)]


def test_every_fault_of_a_body_is_told_at_once(post: Post) -> None:
    body = order_body("crab", "water", channel="boat", note=5)
    body["lines"][1].update(quantity=0, tray="1")
    problem = assert_problem(post(body), 400, "invalid_body")
    assert sorted(faults(problem)) == [
        ("/channel", "invalid_choice"),
        ("/lines/1/quantity", "min_value"),
        ("/lines/1/tray", "invalid"),
        ("/note", "invalid"),
    ]


@pytest.mark.parametrize("name", ["price", "state", "placed_by", "version", "Channel", "\0"])
def test_an_unknown_field_is_refused(post: Post, name: str) -> None:
    problem = assert_problem(post({**order_body("crab"), name: 1}), 400, "unknown_field")
    assert faults(problem) == [(f"/{name}", "unknown_field")]


def test_an_unknown_field_of_a_line_is_pointed_at_as_rfc_6901_says(post: Post) -> None:
    body = order_body("crab")
    body["lines"][0].update({"unit_price": "1.00", "a/b~c": 1})
    problem = assert_problem(post(body), 400, "unknown_field")
    assert sorted(faults(problem)) == [
        ("/lines/0/a~1b~0c", "unknown_field"),
        ("/lines/0/unit_price", "unknown_field"),
    ]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("null", id="null"),
        pytest.param("[]", id="list"),
        pytest.param('"text"', id="text"),
        pytest.param("5", id="number"),
        pytest.param("true", id="true"),
        pytest.param("", id="nothing"),
        pytest.param("{}", id="empty object"),
        pytest.param(" ", id="blank"),
        pytest.param('{"channel": ', id="cut off"),
        pytest.param("{'channel': 1}", id="Python"),
        pytest.param('{"lines": [{"quantity": NaN}]}', id="NaN"),
        pytest.param('{"lines": [{"quantity": -Infinity}]}', id="Infinity"),
        pytest.param('{"lines": [{"quantity": 1e999}]}', id="too large for a float"),
        pytest.param('{"lines": ' + "1" * 5000 + "}", id="5000 digits"),
        pytest.param(json.dumps({LONE_SURROGATE: 1}), id="lone surrogate in a name"),
        pytest.param("[" * 100_000, id="100,000 deep, open"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="100,000 deep"),
        pytest.param('{"a":' * 20_000 + "1" + "}" * 20_000, id="20,000 objects deep"),
        pytest.param(b'{"note": "\xff"}', id="not UTF-8"),
        pytest.param('{"note": "ก"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param(b"\x00", id="NUL"),
    ],
)
def test_what_is_no_object_of_json_is_refused(post: Post, raw: str | bytes) -> None:
    assert_problem(post(raw), 400, "invalid_body")


@pytest.mark.parametrize(
    ("fine", "wrong"),
    [
        ('"table": "A3"', '"table": "A3", "table": "A3"'),
        ('"tray": 1', '"tray": 1, "tray": 2'),
        ('"A3"', json.dumps(LONE_SURROGATE)),
    ],
)
def test_what_would_be_fine_but_for_its_json_is_refused(post: Post, fine: str, wrong: str) -> None:
    raw = json.dumps(order_body("crab"))
    assert fine in raw
    assert_problem(post(raw.replace(fine, wrong)), 400, "invalid_body")


def test_json_that_the_parser_can_just_bear_is_refused_as_well(post: Post) -> None:
    for depth in (10, 100, *range(800, 1000, 3)):
        body = json.dumps(order_body("crab", channel="@"))
        raw = body.replace('"@"', "[" * depth + "]" * depth)
        assert_problem(post(raw), 400, "invalid_body")


def test_thousands_of_faults_get_a_short_answer(post: Post) -> None:
    for name, items in (("lines", "{}"), ("options", "1")):
        raw = json.dumps({**order_body("crab"), name: "@"}).replace(
            '"@"', "[" + ",".join([items] * 80_000) + "]"
        )
        assert len(post(raw).content) < 2_000


@pytest.mark.parametrize("size", [256 * 1024 + 1, 1_000_000])
def test_a_body_of_more_than_256_kb_is_refused(post: Post, size: int) -> None:
    raw = json.dumps(order_body("crab", note="@"))
    raw = raw.replace("@", "x" * (size - len(raw) + 1))
    assert len(raw) == size
    assert_problem(post(raw), 413, "too_large")


def test_a_body_of_256_kb_is_read(post: Post) -> None:
    problem = assert_problem(
        post(json.dumps(order_body("crab", quantity=1)).ljust(256 * 1024)), 400, "unknown_field"
    )
    assert faults(problem) == [("/quantity", "unknown_field")]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/json",
        "application/xml",
        "application/vnd.api+json",
        "",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "application/json; charset=utf-7",
        "application/json; charset=utf-8-sig",
        "application/json; charset=bz2_codec",
        "application/json; charset=zlib_codec",
        "application/json; charset=rot13",
        "application/json; charset=no-such",
        'application/json; charset=""',
        "application/json; charset=" + "x" * 5000,
    ],
)
def test_anything_but_json_in_utf_8_is_refused(post: Post, content_type: str) -> None:
    assert_problem(post(order_body("crab"), content_type), 415, "bad_media_type")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip", "x"])
def test_a_compressed_body_is_refused(post: Post, encoding: str) -> None:
    raw = gzip.compress(json.dumps(order_body("crab")).encode())
    response = post(raw, **{"Content-Encoding": encoding})
    assert_problem(response, 415, "bad_media_type")
