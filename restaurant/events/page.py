"""The page of all events, written from their contracts and the subscriptions."""

from collections.abc import Iterator
from dataclasses import fields
from inspect import cleandoc
from itertools import groupby
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from restaurant.events.contract import DECLARED, Event
from restaurant.subscriptions import SUBSCRIPTIONS

HEAD = """\
# Events

What happens in this house is said as an event, in the transaction in which it happens. This page
is written from the code: `./run manage document_events > docs/events.md`. A test compares.

They are in the history of each order (`GET orders/{id}/events/`) and in the feed (`GET events/`);
those of orders and trays are told by [webhook](webhooks.md). Each has `order_ref`, the order that
it is about. Who hears an event inside of the house says `restaurant/subscriptions.py`; the live
hub hears all of them.
"""
JSON_OF: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    UUID: "UUID",
    NoneType: "null",
    Any: "any",
}


def events_page() -> str:
    """The whole page."""
    said = [event for event in DECLARED.values() if event.__module__.endswith(".events")]
    by_app = sorted(said, key=lambda event: (event.__module__, event.name))
    parts = [HEAD]
    for module, events in groupby(by_app, key=lambda event: event.__module__):
        parts.append(f"\n## Said by {module.partition('.')[0]}\n")
        parts += ["\n".join(section(event)) + "\n" for event in events]
    return "".join(parts)


def section(event: type[Event]) -> Iterator[str]:
    yield f"\n### `{event.name}`\n"
    yield cleandoc(event.__doc__ or "")
    hints = get_type_hints(event)
    told = [field.name for field in fields(event) if field.name != "order_ref"]
    yield ""
    yield "| field | |\n|---|---|" if told else "No fields of its own."
    for name in told:
        yield f"| `{name}` | {in_json(hints[name])} |"
    yield ""
    yield f"Heard by: {hearers(event.name)}."


def hearers(name: str) -> str:
    heard = [f"`{one.to}` ({one.style})" for one in SUBSCRIPTIONS.get(name, [])]
    return ", ".join(heard) or "nobody inside"


def in_json(hint: Any) -> str:
    """A Python type as the JSON that a hearer gets."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        return f"list of {in_json(arguments[0])}"
    if origin is dict:
        return f"object of {in_json(arguments[1])}"
    if origin is UnionType:
        return " or ".join(in_json(argument) for argument in arguments)
    return JSON_OF.get(hint, "string")
