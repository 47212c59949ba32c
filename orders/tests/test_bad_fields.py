"""Each field of an order that is wrong is refused and pointed at, and leaves nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from conftest import assert_problem, order_body
from orders.tests.conftest import faults

Post = Callable[..., Any]

MISSING = object()
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
        (["pork"] * 21, "max_length"),
        ([None] * 10_000, "max_length"),
    ],
}


def changed(fields: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    others = {known: kept for known, kept in fields.items() if known != name}
    return others if value is MISSING else {**others, name: value}


def cases(table: dict[str, list[tuple[Any, str]]]) -> list[Any]:
    return [
        pytest.param(name, value, code, id=f"{name}-{number}-{code}")
        for name, bad in table.items()
        for number, (value, code) in enumerate(bad)
    ]


@pytest.mark.parametrize(("name", "value", "code"), cases(BAD_FIELDS))
def test_a_wrong_field_is_refused_and_pointed_at(
    post_in_vain: Post, name: str, value: Any, code: str
) -> None:
    problem = assert_problem(
        post_in_vain(changed(order_body("crab"), name, value)), 400, "invalid_body"
    )
    assert faults(problem) == [(f"/{name}", code)]


@pytest.mark.parametrize(("name", "value", "code"), cases(BAD_LINE_FIELDS))
def test_a_wrong_field_of_a_line_is_refused_and_pointed_at(
    post_in_vain: Post, name: str, value: Any, code: str
) -> None:
    body = order_body("crab", "water")
    body["lines"][1] = changed(body["lines"][1], name, value)
    problem = assert_problem(post_in_vain(body), 400, "invalid_body")
    assert faults(problem) == [(f"/lines/1/{name}", code)]


@pytest.mark.parametrize(
    ("option", "code"), [*BAD_TEXT, ("", "blank"), ("x" * 65, "max_length"), (1.0, "invalid")]
)
def test_an_option_that_is_no_code_is_pointed_at(
    post_in_vain: Post, option: Any, code: str
) -> None:
    body = order_body("crab", "water")
    body["lines"][1]["options"] = ["pork", option]
    problem = assert_problem(post_in_vain(body), 400, "invalid_body")
    assert faults(problem) == [("/lines/1/options/1", code)]


@pytest.mark.parametrize("option", ["pork", "Ⅷ", "../..", "' OR 1=1", "x" * 64])
def test_an_option_that_the_item_does_not_have_is_pointed_at(
    post_in_vain: Post, option: str
) -> None:
    body = order_body("crab", "water")
    body["lines"][1]["options"] = [option]
    problem = assert_problem(post_in_vain(body), 400, "unknown_option")
    assert faults(problem) == [("/lines/1/options/0", "unknown_option")]


@pytest.mark.parametrize(("line", "code"), [(None, "null"), ([], "invalid"), ("water", "invalid")])
def test_a_line_that_is_no_object_is_pointed_at(post_in_vain: Post, line: Any, code: str) -> None:
    body = order_body("crab")
    problem = assert_problem(
        post_in_vain({**body, "lines": [*body["lines"], line]}), 400, "invalid_body"
    )
    assert faults(problem) == [("/lines/1", code)]


def test_every_fault_of_a_body_is_told_at_once(post_in_vain: Post) -> None:
    body = order_body("crab", "water", channel="boat", note=5)
    body["lines"][1].update(quantity=0, tray="1")
    problem = assert_problem(post_in_vain(body), 400, "invalid_body")
    assert sorted(faults(problem)) == [
        ("/channel", "invalid_choice"),
        ("/lines/1/quantity", "min_value"),
        ("/lines/1/tray", "invalid"),
        ("/note", "invalid"),
    ]


@pytest.mark.parametrize("name", ["price", "state", "placed_by", "version", "Channel", "\0"])
def test_an_unknown_field_is_refused(post_in_vain: Post, name: str) -> None:
    problem = assert_problem(post_in_vain({**order_body("crab"), name: 1}), 400, "unknown_field")
    assert faults(problem) == [(f"/{name}", "unknown_field")]


def test_an_unknown_field_of_a_line_is_pointed_at_as_rfc_6901_says(post_in_vain: Post) -> None:
    body = order_body("crab")
    body["lines"][0].update({"unit_price": "1.00", "a/b~c": 1})
    problem = assert_problem(post_in_vain(body), 400, "unknown_field")
    assert sorted(faults(problem)) == [
        ("/lines/0/a~1b~0c", "unknown_field"),
        ("/lines/0/unit_price", "unknown_field"),
    ]
