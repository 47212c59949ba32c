"""What stands in the database, read by plain SQL: the product's own code is not asked."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import psycopg

#: What the house may still have to do, poison orders aside.
LEFT_TO_DO = {
    "orders on their way": "SELECT count(*) FROM orders_order"
    " WHERE state IN ('placed', 'preparing', 'ready') AND note NOT LIKE 'poison%'",
    "open tickets": "SELECT count(*) FROM kitchen_ticket"
    " WHERE state NOT IN ('done', 'void', 'quarantined')",
    "events to be told": "SELECT count(*) FROM events_eventrecord"
    " WHERE (position IS NULL OR due_at IS NOT NULL)"
    " AND subject NOT IN (SELECT ref FROM orders_order WHERE note LIKE 'poison%')",
}
#: A statement in, its rows out.
Ask = Callable[[str], Sequence[Sequence[Any]]]


@dataclass(frozen=True)
class Order:
    """`note` holds the intent of the guest who asked for it."""

    ref: str
    number: int
    state: str
    note: str
    cancel_reason: str


@dataclass(frozen=True)
class Line:
    id: str
    order: int
    item: str
    quantity: int


@dataclass(frozen=True)
class Tray:
    id: str
    order: str
    state: str
    opened: float


@dataclass(frozen=True)
class Ticket:
    id: str
    tray: str
    line: str
    state: str
    track: int
    position: int
    begun: bool
    parked: bool


@dataclass(frozen=True)
class Event:
    id: int
    name: str
    order: str
    data: dict[str, Any]
    at: float
    #: Whether the relay has sent it, and has nobody left to tell it to.
    sent: bool
    settled: bool
    tellings: int = 1


@dataclass(frozen=True)
class Rows:
    """All that the checker looks at, as it stood at one moment."""

    orders: list[Order] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    trays: list[Tray] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    #: Event and who has heard it.
    heard: set[tuple[int, str]] = field(default_factory=set)
    #: Portions left; None: not counted.
    portions: dict[str, int | None] = field(default_factory=dict)
    #: How many steps the recipe of an item has.
    steps: dict[str, int] = field(default_factory=dict)


@contextmanager
def looking_at(url: str) -> Iterator[Ask]:
    """Ask this database, at one moment of it, and write nothing."""
    place = urlsplit(url)
    if place.scheme == "sqlite":
        lite = sqlite3.connect(f"file:{unquote(place.path[1:])}?mode=ro", uri=True, timeout=10)
        try:
            lite.execute("BEGIN")
            yield lambda statement: lite.execute(statement).fetchall()
        finally:
            lite.close()
    else:
        with psycopg.connect(url, connect_timeout=5) as server:
            server.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            server.read_only = True
            yield lambda statement: server.execute(statement.encode()).fetchall()


def read(url: str) -> Rows:
    """Everything."""
    with looking_at(url) as ask:
        return Rows(
            orders=[
                Order(ref(r), number, state, note, reason)
                for r, number, state, note, reason in ask(
                    "SELECT ref, number, state, note, cancel_reason FROM orders_order"
                )
            ],
            lines=[
                Line(ref(line), *more)
                for line, *more in ask("SELECT id, order_id, item, quantity FROM orders_orderline")
            ],
            trays=[
                Tray(ref(tray), ref(order), state, seconds(opened))
                for tray, order, state, opened in ask(
                    "SELECT id, order_ref, state, opened_at FROM kitchen_tray"
                )
            ],
            tickets=[
                Ticket(ref(i), ref(tray), ref(line), state, track, place, bool(begun), bool(parked))
                for i, tray, line, state, track, place, begun, parked in ask(
                    "SELECT id, tray_id, line_ref, state, track, position,"
                    " started_at IS NOT NULL, parked IS NOT NULL FROM kitchen_ticket"
                )
            ],
            events=[
                Event(
                    *(i, name, ref(order), plain(data), seconds(at)),
                    *(bool(sent), bool(settled), tellings),
                )
                for i, name, order, data, at, sent, settled, tellings in ask(
                    "SELECT id, name, subject, data, happened_at, position IS NOT NULL,"
                    " due_at IS NULL, tellings FROM events_eventrecord ORDER BY id"
                )
            ],
            heard={
                (event, who) for event, who in ask("SELECT event_id, subscriber FROM events_heard")
            },
            portions=as_pairs(ask("SELECT code, portions_left FROM kitchen_menuitem")),
            steps=as_pairs(
                ask("SELECT item_id, count(*) FROM kitchen_recipestep GROUP BY item_id")
            ),
        )


def as_pairs(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    return {row[0]: row[1] for row in rows}


def unsettled(url: str) -> dict[str, int]:
    """What the house still has to do, poison orders aside, in numbers above zero."""
    with looking_at(url) as ask:
        found = {name: int(ask(question)[0][0]) for name, question in LEFT_TO_DO.items()}
    return {name: number for name, number in found.items() if number}


def ref(value: Any) -> str:
    """A UUID, which SQLite keeps as text without dashes."""
    return str(value if isinstance(value, UUID) else UUID(str(value)))


def plain(value: Any) -> Any:
    """JSON, which SQLite keeps as text."""
    return json.loads(value) if isinstance(value, str) else value


def seconds(value: Any) -> float:
    """A time as seconds since 1970; SQLite keeps text in UTC."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
    return float(value.timestamp())
