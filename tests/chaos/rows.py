"""What stands in the database, read by plain SQL: the product's own code is not asked."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import psycopg

NOTHING, CENT = Decimal(0), Decimal("0.01")
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
    total: Decimal = NOTHING


@dataclass(frozen=True)
class Line:
    """`note` holds the intent of the guest who added it later."""

    id: str
    order: int
    item: str
    quantity: int
    note: str = ""
    price: Decimal = NOTHING
    cancelled: bool = False


@dataclass(frozen=True)
class Payment:
    """`reference` holds the intent of whoever paid."""

    order: int
    amount: Decimal
    reference: str


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
    #: How often its line was cooked before, and whether what was begun of it was thrown away.
    refire: int = 0
    wasted: bool = False


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
    payments: list[Payment] = field(default_factory=list)
    #: What was promised to be given back, by order.
    refunds: dict[int, Decimal] = field(default_factory=dict)
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
            orders=list(orders_of(ask)),
            lines=list(lines_of(ask)),
            payments=[
                Payment(order, money(amount), reference)
                for order, amount, reference in ask(
                    "SELECT order_id, amount, reference FROM orders_payment"
                )
            ],
            refunds=refunds_of(ask),
            trays=[
                Tray(ref(tray), ref(order), state, seconds(opened))
                for tray, order, state, opened in ask(
                    "SELECT id, order_ref, state, opened_at FROM kitchen_tray"
                )
            ],
            tickets=list(tickets_of(ask)),
            events=list(events_of(ask)),
            heard={
                (event, who) for event, who in ask("SELECT event_id, subscriber FROM events_heard")
            },
            portions=as_pairs(ask("SELECT code, portions_left FROM kitchen_menuitem")),
            steps=as_pairs(
                ask("SELECT item_id, count(*) FROM kitchen_recipestep GROUP BY item_id")
            ),
        )


def orders_of(ask: Ask) -> Iterator[Order]:
    for order, number, state, note, reason, total in ask(
        "SELECT ref, number, state, note, cancel_reason, total FROM orders_order"
    ):
        yield Order(ref(order), number, state, note, reason, money(total))


def lines_of(ask: Ask) -> Iterator[Line]:
    for line, order, item, quantity, note, price, cancelled in ask(
        "SELECT id, order_id, item, quantity, note, unit_price, cancelled_at IS NOT NULL"
        " FROM orders_orderline"
    ):
        yield Line(ref(line), order, item, quantity, note, money(price), bool(cancelled))


def refunds_of(ask: Ask) -> dict[int, Decimal]:
    refunds: dict[int, Decimal] = {}
    for order, amount in ask("SELECT order_id, amount FROM orders_refund"):
        refunds[order] = refunds.get(order, NOTHING) + money(amount)
    return refunds


def tickets_of(ask: Ask) -> Iterator[Ticket]:
    for ticket, tray, line, state, track, place, begun, parked, refire, wasted in ask(
        "SELECT id, tray_id, line_ref, state, track, position,"
        " started_at IS NOT NULL, parked IS NOT NULL, refire, wasted FROM kitchen_ticket"
    ):
        ids, flags = (ref(ticket), ref(tray), ref(line)), (bool(begun), bool(parked))
        yield Ticket(*ids, state, track, place, *flags, refire, bool(wasted))


def events_of(ask: Ask) -> Iterator[Event]:
    for number, name, order, data, at, sent, settled, tellings in ask(
        "SELECT id, name, subject, data, happened_at, position IS NOT NULL,"
        " due_at IS NULL, tellings FROM events_eventrecord ORDER BY id"
    ):
        known = number, name, ref(order), plain(data), seconds(at)
        yield Event(*known, bool(sent), bool(settled), tellings)


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


def money(value: Any) -> Decimal:
    """An amount, which SQLite keeps as a number with binary digits."""
    return Decimal(str(value)).quantize(CENT)


def plain(value: Any) -> Any:
    """JSON, which SQLite keeps as text."""
    return json.loads(value) if isinstance(value, str) else value


def seconds(value: Any) -> float:
    """A time as seconds since 1970; SQLite keeps text in UTC."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
    return float(value.timestamp())
