"""Presses, plating, opening and cancelling at one moment, from separate processes."""

from collections.abc import Callable
from functools import partial
from time import sleep
from typing import Any

import pytest
from django.db import connection

from conftest import cook
from kitchen import services as kitchen
from kitchen.lifecycle import TICKET_MOVES, Move, TicketState
from kitchen.models import MenuItem, Ticket, Tray
from kitchen.tasks import open_order
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)

Place = Callable[..., Order]
COOKS = 10


def look_slowly(execute: Any, sql: str, *more: Any) -> Any:
    """So that all have looked before one of them moves."""
    result = execute(sql, *more)
    if sql.startswith("SELECT") and "kitchen_ticket" in sql:
        sleep(0.1)
    return result


def slowly(call: Callable[[], Any]) -> str:
    with connection.execute_wrapper(look_slowly):
        call()
    return "done"


def told(name: str) -> int:
    return EventRecord.objects.filter(name=name).count()


def start_at_once(ticket: Ticket) -> list[str]:
    return at_once([partial(slowly, partial(kitchen.start, ticket.pk))] * COOKS)


def test_of_many_equal_presses_one_is_told(opened: Place) -> None:
    opened("water")
    ticket = Ticket.objects.get()
    assert start_at_once(ticket) == ["done"] * COOKS
    assert Ticket.objects.get().state == TicketState.COOKING
    assert told("ticket.started") == 1


def test_control_without_the_guard_equal_presses_are_told_again(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened("water")
    ticket = Ticket.objects.get()
    from_anywhere = Move((TicketState.FIRED, TicketState.COOKING), TicketState.COOKING)
    monkeypatch.setitem(TICKET_MOVES, "start", from_anywhere)
    start_at_once(ticket)
    # On SQLite nobody looks before another has moved: one writer at a time.
    assert told("ticket.started") > 1 or connection.vendor == "sqlite"


def test_a_tray_is_never_ready_while_a_part_of_it_is_cooked_again(opened: Place) -> None:
    opened("water")
    ticket = cook(Ticket.objects.get())
    canvas = Tray.objects.get().canvas
    plate = partial(kitchen.plate, ticket.tray_id, canvas)
    recall = partial(kitchen.recall, ticket.pk)
    answers = at_once([partial(slowly, plate), partial(slowly, recall)] * 3)
    assert answers == ["done"] * 6
    # Whoever came first: the part cooks, and the tray waits for it.
    assert Ticket.objects.get().state == TicketState.COOKING
    assert Tray.objects.get().state == "waiting"
    assert told("tray.ready") == told("tray.reopened") <= 1
    assert told("ticket.recalled") == 1


def hear(placed: EventRecord) -> None:
    open_order(event_id=placed.pk, **placed.data)


def cancel(number: int) -> None:
    orders.cancel_order(Order.objects.get(pk=number), "They have left.")


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.usefixtures("clean_redis")
def test_an_order_cancelled_while_the_kitchen_opens_it_is_not_cooked(
    place: Place, turn: int
) -> None:
    MenuItem.objects.filter(pk="crab").update(portions_left=5)
    order = place("crab", ("water", 2))
    placed = EventRecord.objects.get(name="order.placed")
    opened, cancelled = at_once([partial(hear, placed), partial(cancel, order.pk)])
    assert cancelled is None
    if opened is not None:
        # The void tray came between; the relay tells again what was not heard.
        assert "IntegrityError" in opened
        hear(placed)
    assert Order.objects.get().state == "cancelled"
    assert set(Tray.objects.values_list("state", flat=True)) == {"void"}
    assert not Ticket.objects.exclude(state=TicketState.VOID).exists()
    assert MenuItem.objects.get(pk="crab").portions_left == 5
