"""Presses, plating, opening and cancelling at one moment, from separate processes."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conftest import bring_to_pass, cook, times_told
from kitchen import moves
from kitchen import services as kitchen
from kitchen.events import TrayWaited
from kitchen.lifecycle import TICKET_MOVES, Move, TicketState
from kitchen.models import MenuItem, Ticket, Tray
from kitchen.services import patience, trays
from kitchen.tasks import open_order
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord
from restaurant.events.publish import publish
from tests.at_once import Meeting, at_once, slowly

pytestmark = pytest.mark.django_db(transaction=True)

Place = Callable[..., Order]
COOKS = 20


def start_at_once(ticket: Ticket) -> list[str]:
    return at_once([partial(slowly, partial(kitchen.start, ticket.pk))] * COOKS)


def test_of_many_equal_presses_one_is_told(opened: Place) -> None:
    opened("water")
    ticket = Ticket.objects.get()
    assert start_at_once(ticket) == ["done"] * COOKS
    assert Ticket.objects.get().state == TicketState.COOKING
    assert times_told("ticket.started") == 1


def test_control_without_the_guard_equal_presses_are_told_again(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened("water")
    ticket = Ticket.objects.get()
    from_anywhere = Move((TicketState.FIRED, TicketState.COOKING), TicketState.COOKING)
    monkeypatch.setitem(TICKET_MOVES, "start", from_anywhere)
    start_at_once(ticket)
    # On SQLite nobody looks before another has moved: one writer at a time.
    assert times_told("ticket.started") > 1 or connection.vendor == "sqlite"


def press_mixed(ticket: Ticket) -> list[str]:
    start, finish = partial(kitchen.start, ticket.pk), partial(kitchen.finish, ticket.pk)
    return at_once([partial(slowly, start), partial(slowly, finish)] * (COOKS // 2))


def test_of_many_presses_of_two_kinds_each_is_told_once_or_refused(opened: Place) -> None:
    opened("water")
    answers = press_mixed(Ticket.objects.get())
    refused = [answer for answer in answers if answer != "done"]
    assert all("IllegalTransition" in answer for answer in refused)
    state = Ticket.objects.get().state
    assert state in (TicketState.COOKING, TicketState.DONE)
    assert times_told("ticket.started") == 1
    assert times_told("ticket.done") == (state == TicketState.DONE)


def look_then_move(verb: str, meeting: Meeting) -> Callable[[Any, int | None], Any]:
    """The protection switched off: the ticket is looked at, and moved from wherever it is then."""

    def move(ticket_id: Any, seen: int | None) -> Ticket | None:
        ticket = Ticket.objects.select_related("tray").get(pk=ticket_id)
        meeting.look()
        if ticket.state not in TICKET_MOVES[verb].sources or ticket.cancel_requested:
            return None
        Ticket.objects.filter(pk=ticket_id).update(state=TICKET_MOVES[verb].to)
        return ticket

    return move


def gone(order: Order) -> None:
    orders.cancel_order(Order.objects.get(pk=order.pk), "They have left.")


def press_and_cancel(
    press: Callable[[Any], Any], order: Order, meeting: Meeting | None = None
) -> tuple[str, Ticket]:
    """What the press was answered, and the ticket afterwards."""
    ticket = Ticket.objects.get(tray__order_ref=order.ref)
    cancel = partial(gone, order)
    answer, _ = at_once(
        [
            partial(slowly, partial(press, ticket.pk)),
            partial(meeting.move, cancel) if meeting else cancel,
        ]
    )
    assert Order.objects.get().state == "cancelled"
    ticket.refresh_from_db()
    return answer, ticket


def begun_or_given_back(answer: str, ticket: Ticket) -> bool:
    """Started, the cook is asked to stop and the portion is gone; else it is as if never begun."""
    left = MenuItem.objects.get(pk="crab").portions_left
    if answer == "done":
        return (ticket.state, ticket.cancel_requested, left) == ("cooking", True, 0)
    return "IllegalTransition" in answer and (ticket.state, left) == ("void", 1)


@pytest.mark.parametrize("turn", range(3))
def test_what_is_started_while_it_is_cancelled_is_stopped_or_never_begun(
    opened: Place, turn: int
) -> None:
    assert begun_or_given_back(*press_and_cancel(kitchen.start, opened("crab")))


def test_control_a_start_that_looks_first_cooks_what_was_given_back(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Meeting()
    monkeypatch.setattr(moves, "start", look_then_move("start", meeting))
    answer, ticket = press_and_cancel(kitchen.start, opened("crab"), meeting)
    assert answer == "done"
    assert not begun_or_given_back(answer, ticket)


def done_or_to_be_stopped(answer: str, ticket: Ticket) -> bool:
    if answer == "done":
        return (ticket.state, ticket.cancel_requested) == ("done", False)
    stopping = (ticket.state, ticket.cancel_requested) == ("cooking", True)
    return "IllegalTransition" in answer and stopping


@pytest.mark.parametrize("turn", range(3))
def test_what_is_done_while_it_is_cancelled_is_done_or_stopped(opened: Place, turn: int) -> None:
    order = opened("crab")
    kitchen.start(Ticket.objects.get().pk)
    assert done_or_to_be_stopped(*press_and_cancel(kitchen.finish, order))


def test_control_a_done_that_looks_first_finishes_what_was_cancelled(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = opened("crab")
    kitchen.start(Ticket.objects.get().pk)
    meeting = Meeting()
    monkeypatch.setattr(moves, "done", look_then_move("done", meeting))
    answer, ticket = press_and_cancel(kitchen.finish, order, meeting)
    assert answer == "done"
    assert not done_or_to_be_stopped(answer, ticket)


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
    assert times_told("tray.ready") == times_told("tray.reopened") <= 1
    assert times_told("ticket.recalled") == 1


def test_control_a_pass_that_looks_first_plates_what_is_cooked_again(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_then_plate(tray: Tray, canvas: int) -> bool:
        complete = Ticket.objects.all_finished(tray.pk)
        meeting.look()
        return bool(complete and Tray.objects.filter(pk=tray.pk).update(state="ready"))

    opened("water")
    meeting, ticket = Meeting(), cook(Ticket.objects.get())
    monkeypatch.setattr(moves, "plate", look_then_plate)
    plate = partial(kitchen.plate, ticket.tray_id, Tray.objects.get().canvas)
    at_once([plate, partial(meeting.move, partial(kitchen.recall, ticket.pk))])
    assert (Ticket.objects.get().state, Tray.objects.get().state) == ("cooking", "ready")


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


def test_control_a_cancellation_that_sees_no_tray_lets_it_be_cooked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def void_what_is_there(order_ref: Any, label: str, lines: Any, reason: str) -> list[Any]:
        for tray in Tray.objects.of_order(order_ref):
            trays.void_tray(tray, reason)
        return []

    order = place("crab")
    placed = EventRecord.objects.get(name="order.placed")
    monkeypatch.setattr("orders.services.following.kitchen.void", void_what_is_there)
    meeting = Meeting()
    cancel_it = partial(meeting.move, partial(cancel, order.pk))
    at_once([partial(hear_and_meet, placed, meeting), cancel_it])
    assert Order.objects.get().state == "cancelled"
    # On SQLite one of them has ended before the other begins.
    was_cooked = Ticket.objects.filter(state=TicketState.FIRED).exists()
    assert was_cooked or connection.vendor == "sqlite"


def hear_and_meet(placed: EventRecord, meeting: Meeting) -> None:
    """The other one moves when all is made, and not committed yet."""

    def meet(execute: Any, sql: str, *more: Any) -> Any:
        result = execute(sql, *more)
        if sql.startswith("INSERT") and "kitchen_ticket" in sql:
            meeting.look()
        return result

    with connection.execute_wrapper(meet):
        hear(placed)


def watch_at_once(order: Order) -> int:
    bring_to_pass(order)
    Tray.objects.update(ready_at=timezone.now() - timedelta(hours=1))
    at_once([partial(slowly, kitchen.watch_pass)] * 4)
    return times_told("tray.waited")


def test_of_several_who_watch_the_pass_one_tells(opened: Place) -> None:
    assert watch_at_once(opened("water")) == 1


def test_control_without_the_mark_several_tell_of_one_tray(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell_then_mark(tray: Tray, limit: int) -> None:
        sleep(0.3)
        with transaction.atomic():
            publish(TrayWaited(order_ref=tray.order_ref, tray_ref=tray.pk, tray=1, limit_seconds=9))
            Tray.objects.update(over_limit_at=timezone.now())

    monkeypatch.setattr(patience, "tell_of_tray", tell_then_mark)
    assert watch_at_once(opened("water")) > 1
