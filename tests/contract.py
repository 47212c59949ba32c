"""Holds an answer of the API against the schema, which must say all of it and nothing else."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker

from restaurant.openapi.parts import CSV
from restaurant.openapi.views import whole_schema
from restaurant.shapes import EVENT_STREAM

Json = dict[str, Any]

JSON, PROBLEM = "application/json", "application/problem+json"
PROBLEM_REF = "#/components/schemas/Problem"
FORMATS = FormatChecker(())


@FORMATS.checks("uuid", ValueError)  # type: ignore[untyped-decorator]
def is_uuid(value: Any) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


@FORMATS.checks("date-time", ValueError)  # type: ignore[untyped-decorator]
def is_moment(value: Any) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@dataclass(frozen=True)
class Answer:
    """What somebody was told over HTTP; `route` is the address as the address map has it."""

    route: str
    method: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def path(self) -> str:
        """The route in the words of OpenAPI."""
        return re.sub(r"<\w+:(\w+)>", r"{\1}", self.route)


@cache
def schema() -> Json:
    """The schema of the house."""
    plain: Json = json.loads(json.dumps(whole_schema()))
    return plain


@cache
def exact_components() -> Json:
    """The components, where an object has no other fields than those that are said."""
    exact: Json = json.loads(json.dumps(schema()["components"]))
    for name, component in exact["schemas"].items():
        if "properties" in component and name != "Problem":
            component.setdefault("additionalProperties", False)
    return exact


@cache
def validator(of: str) -> Draft202012Validator:
    """For one answer: the JSON of its schema."""
    said = {**json.loads(of), "components": exact_components(), "unevaluatedProperties": False}
    return Draft202012Validator(said, format_checker=FORMATS)


def assert_is_said(answer: Answer) -> None:
    """The schema has this status for this operation, its headers, and the shape of its body."""
    operation = schema()["paths"].get(answer.path, {}).get(answer.method.lower())
    if operation is None:
        assert_is_from_outside(answer)
        return
    said = operation["responses"].get(str(answer.status))
    where = f"{answer.method} {answer.path} {answer.status}"
    assert said is not None, f"{where} is not in the schema: {answer.content[:500]!r}"
    for name, header in said.get("headers", {}).items():
        value = answer.headers.get(name)
        assert value is not None or not header["required"], f"{where} without {name}"
    if "content" not in said:
        assert answer.content == b"", f"{where} with a body"
        return
    media_type = answer.headers["Content-Type"].removesuffix("; charset=utf-8")
    assert media_type in said["content"], where
    content = said["content"][media_type]
    if media_type == EVENT_STREAM:
        assert_stream_fits(content["x-data"], answer, where)
    elif media_type == CSV:
        answer.content.decode()
    elif answer.method != "HEAD":
        assert_fits(content["schema"], json.loads(answer.content), where)


def assert_stream_fits(said: Json, answer: Answer, where: str) -> None:
    """Events without a name are news of this shape."""
    for message in answer.content.decode().strip("\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in message.split("\n"))
        if "data" in fields and "event" not in fields:
            assert_fits(said, json.loads(fields["data"]), where)


def assert_is_from_outside(answer: Answer) -> None:
    """There is no such operation; then it is a problem that says so."""
    if answer.status >= 400:
        assert answer.headers.get("Content-Type") == PROBLEM
        assert_fits({"$ref": PROBLEM_REF}, json.loads(answer.content), answer.path)


def assert_fits(said: Json, body: Any, where: str) -> None:
    faults = list(validator(json.dumps(said)).iter_errors(body))
    assert faults == [], f"{where}: {faults[0].json_path} {faults[0].message}"
