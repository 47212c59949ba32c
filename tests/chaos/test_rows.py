"""The database is read by plain SQL, as it stands."""

import json
import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from tests.chaos import rows
from tests.chaos.rows import Event, Line, Order, Payment, Ticket, Tray

TABLES = """
CREATE TABLE orders_order (ref, number, state, note, cancel_reason, total);
CREATE TABLE orders_orderline (id, order_id, item, quantity, note, unit_price, cancelled_at);
CREATE TABLE orders_payment (order_id, amount, reference);
CREATE TABLE orders_refund (order_id, amount);
CREATE TABLE kitchen_tray (id, order_ref, state, opened_at);
CREATE TABLE kitchen_ticket (
    id, tray_id, line_ref, state, track, position, started_at, parked, refire, wasted
);
CREATE TABLE events_eventrecord (id, name, subject, data, happened_at, position, due_at, tellings);
CREATE TABLE events_heard (event_id, subscriber);
CREATE TABLE kitchen_menuitem (code, portions_left);
CREATE TABLE kitchen_recipestep (item_id);
"""


@pytest.fixture
def database(tmp_path: Path) -> Callable[..., str]:
    """`database((table, value, …), …)`: a SQLite file with these rows; its URL."""

    def make(*inserts: tuple[object, ...]) -> str:
        path = tmp_path / "db.sqlite3"
        with sqlite3.connect(path) as lite:
            lite.executescript(TABLES)
            for table, *values in inserts:
                marks = ", ".join("?" * len(values))
                lite.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608
        lite.close()
        return f"sqlite:///{path}"

    return make


def test_rows_are_read_as_they_stand(database: Callable[..., str]) -> None:
    order, tray, line, ticket = (UUID(int=number) for number in range(1, 5))
    url = database(
        ("orders_order", order.hex, 7, "ready", "wants soup", "", 59.5),
        ("orders_orderline", line.hex, 7, "soup", 2, "adds soup", 29.75, None),
        ("orders_payment", 7, 0.1, "pays a part"),
        ("orders_refund", 7, 0.1),
        ("orders_refund", 7, 0.2),
        (
            *("kitchen_ticket", ticket.hex, tray.hex, line.hex, "void", 1, 2),
            *("2030", None, 1, 1),
        ),
        ("kitchen_tray", tray.hex, order.hex, "ready", "1970-01-01 00:01:00.500"),
        (
            *("events_eventrecord", 1, "tray.ready", order.hex, json.dumps({"canvas": 2})),
            *("1970-01-01 00:02:00", 5, None, 1),
        ),
        ("events_heard", 1, "somebody"),
        ("kitchen_menuitem", "soup", 4),
        ("kitchen_recipestep", "soup"),
        ("kitchen_recipestep", "soup"),
    )
    found = rows.read(url)
    assert found.orders == [Order(str(order), 7, "ready", "wants soup", "", Decimal("59.50"))]
    price = Decimal("29.75")
    assert found.lines == [Line(str(line), 7, "soup", 2, "adds soup", price, cancelled=False)]
    assert found.payments == [Payment(7, Decimal("0.10"), "pays a part")]
    assert found.refunds == {7: Decimal("0.30")}
    ids = str(ticket), str(tray), str(line)
    assert found.tickets == [
        Ticket(*ids, "void", 1, 2, begun=True, parked=False, refire=1, wasted=True)
    ]
    assert found.trays == [Tray(str(tray), str(order), "ready", 60.5)]
    assert found.events == [
        Event(1, "tray.ready", str(order), {"canvas": 2}, 120.0, sent=True, settled=True)
    ]
    assert found.heard == {(1, "somebody")}
    assert found.portions == {"soup": 4}
    assert found.steps == {"soup": 2}


def test_what_is_left_to_do_is_counted(database: Callable[..., str]) -> None:
    url = database(
        ("orders_order", "a", 1, "preparing", "wants soup", "", 0),
        ("orders_order", "b", 2, "served", "wants tea", "", 0),
        ("orders_order", "c", 3, "placed", "poison that raises", "", 0),
        ("kitchen_ticket", "t", "r", "l", "fired", 1, 1, None, None, 0, 0),
        ("events_eventrecord", 1, "x", "a", "{}", "", 1, "2030", 1),
        ("events_eventrecord", 2, "x", "b", "{}", "", None, None, 0),
        ("events_eventrecord", 3, "x", "c", "{}", "", 3, "2030", 1),
    )
    assert rows.unsettled(url) == {
        "orders on their way": 1,
        "open tickets": 1,
        "events to be told": 2,
    }


def test_nothing_is_left_of_a_house_at_rest(database: Callable[..., str]) -> None:
    assert rows.unsettled(database()) == {}
