"""The shapes of answers: typed dicts, checked by mypy where they are made and told by the schema.

`Annotated` says what a Python type can't: `Annotated[str, OrderState]` is one of the words of these
choices, `Annotated[str, Format("uri")]` an address.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)
from uuid import UUID

JsonSchema = dict[str, Any]

#: The media type of an answer that goes on: one message after the other.
EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True)
class Pattern:
    """A string of this form."""

    pattern: str


@dataclass(frozen=True)
class Format:
    """A string with this meaning, as JSON Schema calls it."""

    format: str


#: Two places, as a string: a float would round.
Money = Annotated[str, Pattern(r"^\d+\.\d{2}$")]
#: Money that may be taken off.
Difference = Annotated[str, Pattern(r"^-?\d+\.\d{2}$")]
Uri = Annotated[str, Format("uri")]
Moment = Annotated[str, Format("date-time")]

BASIC: dict[Any, JsonSchema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    NoneType: {"type": "null"},
    Any: {},
}


class Page(TypedDict):
    """What every list that comes in pages has; follow the addresses as they are."""

    next: Uri | None
    previous: Uri | None


def schema_of(hint: Any, refer: Callable[[Any], JsonSchema]) -> JsonSchema:
    """The JSON Schema of a type; `refer` names the typed dicts in it."""
    if is_typeddict(hint):
        return refer(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        schema = schema_of(arguments[0], refer)
        for more in arguments[1:]:
            schema = {**schema, **narrowed(more)}
        return schema
    if origin in (Union, UnionType):
        return any_of([schema_of(argument, refer) for argument in arguments])
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0], refer)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1], refer)}
    return dict(BASIC[hint])


def narrowed(by: Any) -> JsonSchema:
    if isinstance(by, type) and issubclass(by, Enum):
        return {"enum": [str(choice.value) for choice in by]}
    if isinstance(by, tuple):
        return {"enum": list(by)}
    return asdict(by)


def any_of(schemas: list[JsonSchema]) -> JsonSchema:
    """One of them; a plain type that may be null as well is written as such."""
    plain, null = schemas[0], BASIC[NoneType]
    if len(schemas) == 2 and schemas[1] == null and "enum" not in plain and "type" in plain:
        return {**plain, "type": [plain["type"], "null"]}
    return {"anyOf": schemas}


def object_of(shape: Any, refer: Callable[[Any], JsonSchema]) -> JsonSchema:
    """The JSON Schema of a typed dict itself."""
    hints = get_type_hints(shape, include_extras=True)
    schema: JsonSchema = {
        "type": "object",
        "properties": {name: schema_of(hint, refer) for name, hint in hints.items()},
        "required": sorted(shape.__required_keys__),
    }
    if shape.__doc__:
        schema["description"] = shape.__doc__.strip().splitlines()[0]
    return schema
