"""An order is changed at the moment in which the kitchen moves; each promise has its control."""

from collections.abc import Callable
from functools import partial
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.test import APIClient

from conftest import bring_to_pass, cook, times_told
from kitchen import moves
from kitchen import services as kitchen
from kitchen.lifecycle import TRAY_MOVES
from kitchen.models import MenuItem, Ticket, Tray
from kitchen.services import lines, standing
from kitchen.services import refiring as refire_services
from orders import services
from orders.models import Order, OrderLine
from orders.services import Change, NewLine, changing, courses, following, refiring, serving
from restaurant.idempotency import views as idempotency
from restaurant.idempotency.models import StoredAnswer
from tests.at_once import Meeting, at_once, look_slowly, slowly

pytestmark = pytest.mark.django_db(transaction=True)

Place = Callable[..., Order]


def line_of(item: str) -> UUID:
    return OrderLine.objects.get(item=item).pk


def can_race() -> bool:
    """SQLite has one writer at a time: whoever comes second sees what the first one did."""
    return connection.vendor == "postgresql"


@pytest.fixture
def without_trays_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The protection switched off: the trays are looked at, and not held."""
    monkeypatch.setattr(moves, "take_order", lambda ref: list(Tray.objects.of_order(ref)))


@pytest.fixture
def without_orders_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (changing, courses, following, refiring, serving):
        monkeypatch.setattr(module, "take", lambda ref: Order.objects.get(ref=ref))


def done_and_cancel_line(order: Order, when: Callable[..., str] = slowly) -> list[str]:
    ticket = kitchen.start(Ticket.objects.get(item="crab").pk)
    cancel = partial(services.cancel_line, order, line_of("crab"))
    return at_once([partial(when, partial(kitchen.finish, ticket.pk)), partial(slowly, cancel)])


@pytest.mark.parametrize("turn", range(3))
def test_a_line_is_done_or_cancelled(opened: Place, turn: int) -> None:
    finished, cancelled = done_and_cancel_line(opened("crab", "water"))
    crab = Ticket.objects.get(item="crab")
    if finished == "done":
        assert "IllegalTransition" in cancelled
        assert (crab.state, crab.cancel_requested, crab.wasted) == ("done", False, False)
        assert Order.objects.get().total == 360
    else:
        assert ("IllegalTransition" in finished, cancelled) == (True, "done")
        assert (crab.state, crab.cancel_requested, crab.wasted) == ("cooking", True, True)
        assert Order.objects.get().total == 10


@pytest.mark.usefixtures("without_trays_taken")
def test_control_without_its_tray_held_a_line_is_both_done_and_cancelled(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(tray: Tray) -> dict[UUID, str]:
        found = standing.lines_on(tray)
        meeting.look()
        return found

    meeting = Meeting()
    monkeypatch.setattr(lines, "lines_on", look)
    answers = done_and_cancel_line(opened("crab", "water"), meeting.move)
    assert (answers == ["done"] * 2) == can_race()


def test_a_line_cancelled_by_many_gives_its_portion_back_once(opened: Place) -> None:
    order = opened("crab", "water")
    cancel = partial(services.cancel_line, order, line_of("crab"))
    assert at_once([partial(slowly, cancel)] * 5) == ["done"] * 5
    assert MenuItem.objects.get(pk="crab").portions_left == 1
    assert times_told("ticket.voided") == 1


def add_and_plate(order: Order, when: Callable[..., str] = slowly) -> tuple[str, str, int]:
    """What adding was answered; the tray's state, and how many of its tickets are not finished."""
    cook(Ticket.objects.get())
    tray = Tray.objects.get()
    more = Change(add=[NewLine("thai-tea", 1, 1)])
    add = partial(services.change_order, order.ref, lambda now, progress: True, more)
    added, _ = at_once(
        [partial(slowly, add), partial(when, partial(kitchen.plate, tray.pk, tray.canvas))]
    )
    tray.refresh_from_db()
    return added, tray.state, tray.tickets.filter(finished_at=None).count()


@pytest.mark.parametrize("turn", range(3))
def test_a_tray_is_never_ready_without_what_was_added_to_it(opened: Place, turn: int) -> None:
    added, state, unfinished = add_and_plate(opened("water"))
    if added == "done":
        assert (state, unfinished) == ("waiting", 1)
    else:
        assert ("IllegalTransition" in added, state, unfinished) == (True, "ready", 0)


def test_control_without_the_trays_held_something_is_added_to_a_ready_tray(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(ref: UUID) -> list[Tray]:
        found = list(Tray.objects.of_order(ref))
        meeting.look()
        return found

    order, meeting = opened("water"), Meeting()
    monkeypatch.setattr(moves, "take_order", look)
    seen = add_and_plate(order, meeting.move)
    assert (seen == ("done", "ready", 1)) == can_race()


def refire_and_serve(order: Order, when: Callable[..., str] = slowly) -> list[str]:
    refire = partial(services.refire_line, order, line_of("water"), "cold", "somchai")
    return at_once([partial(when, refire), partial(slowly, partial(services.serve_order, order))])


@pytest.mark.parametrize("turn", range(3))
def test_a_tray_does_not_leave_without_what_is_cooked_again(opened: Place, turn: int) -> None:
    order = opened("water")
    bring_to_pass(order)
    services.follow_kitchen(order.ref)
    refired, served = refire_and_serve(order)
    assert refired == "done"
    assert served == "done" or "IllegalTransition" in served
    # Served first and sent back, or never served: it waits for the new water.
    assert (Order.objects.get().state, Tray.objects.get().state) == ("preparing", "waiting")
    assert Ticket.objects.filter(state="fired", refire=1).count() == 1
    assert times_told("tray.served") == (served == "done")


@pytest.mark.usefixtures("without_trays_taken", "without_orders_taken")
def test_control_without_guards_a_tray_leaves_while_a_part_of_it_is_cooked_again(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_then_move(tray_id: UUID, verb: str, **also: Any) -> bool:
        legal = Tray.objects.filter(pk=tray_id, state__in=TRAY_MOVES[verb].sources).exists()
        if verb == "serve":
            meeting.look()
        Tray.objects.filter(pk=tray_id).update(state=TRAY_MOVES[verb].to, **also)
        return legal

    order = opened("water")
    bring_to_pass(order)
    meeting = Meeting()
    monkeypatch.setattr(moves, "move_tray", look_then_move)
    refire_and_serve(order, meeting.move)
    left = (Tray.objects.get().state, Ticket.objects.filter(state="fired").count())
    assert (left == ("served", 1)) == can_race()


@pytest.fixture
def app(client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def patch_at_once(app: APIClient, url: str) -> list[int]:
    seen = app.get(url).headers["ETag"]

    def add() -> int:
        body = {"add": [{"item": "water", "quantity": 1}]}
        with connection.execute_wrapper(look_slowly):
            return app.patch(url, body, format="json", headers={"If-Match": seen}).status_code

    return sorted(at_once([add] * 5))


def test_of_two_who_change_what_both_have_seen_one_does(app: APIClient, opened: Place) -> None:
    order = opened("water")
    assert patch_at_once(app, f"/api/v1/orders/{order.ref}/") == [200, 412, 412, 412, 412]
    assert Order.objects.get().total == 20
    assert OrderLine.objects.count() == 2
    assert times_told("order.changed") == 1


@pytest.mark.usefixtures("without_orders_taken", "without_trays_taken")
def test_control_without_the_order_held_several_change_it(app: APIClient, opened: Place) -> None:
    order = opened("water")
    answers = patch_at_once(app, f"/api/v1/orders/{order.ref}/")
    assert (answers != [200, 412, 412, 412, 412]) == can_race()


def refire_at_once(waiter: APIClient, order: Order) -> int:
    """How often it was cooked again, after several with one key."""
    body, key = {"line": str(line_of("water")), "reason": "cold"}, uuid4().hex

    def refire() -> tuple[int, str]:
        answer = waiter.post(
            f"/api/v1/orders/{order.ref}/refire/",
            body,
            format="json",
            headers={"Idempotency-Key": key},
        )
        return answer.status_code, answer.json().get("code", "")

    answers = at_once([refire] * 5)
    in_progress = (409, "idempotency_in_progress")
    assert set(answers) <= {(200, ""), in_progress}
    return times_told("line.refired")


def test_a_waiter_who_presses_often_has_it_cooked_once(
    client_of: Callable[..., APIClient], opened: Place
) -> None:
    order = opened("water")
    bring_to_pass(order)
    assert refire_at_once(client_of("waiter"), order) == 1
    assert Ticket.objects.filter(refire__gt=0).count() == 1


def test_control_without_the_key_each_press_has_it_cooked(
    client_of: Callable[..., APIClient], opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "take", lambda request, key: StoredAnswer())
    monkeypatch.setattr(idempotency, "store", lambda answer, response: None)
    # As if each new water had been begun at once.
    monkeypatch.setattr(refire_services, "lines_on", lambda tray: {line_of("water"): "ready"})
    order = opened("water")
    bring_to_pass(order)
    assert refire_at_once(client_of("waiter"), order) == 5


def test_two_changes_that_exchange_scarce_items_never_lock_each_other_out(opened: Place) -> None:
    assert exchange_at_once(opened) == ["done"] * 4


def exchange_at_once(opened: Place) -> list[str]:
    """Each cancels one of two scarce items and orders the other, in either direction."""
    MenuItem.objects.filter(pk__in=["crab", "lobster"]).update(portions_left=50)
    changes = []
    for mine, other in [("crab", "lobster"), ("lobster", "crab")] * 2:
        order = opened(mine, "water")
        mine_line = order.lines.get(item=mine).pk
        change = Change(cancel=[mine_line], add=[NewLine(other, 1, 1)])
        changes.append(
            partial(services.change_order, order.ref, lambda now, progress: True, change)
        )
    return at_once([partial(give_back_slowly, change) for change in changes])


def give_back_slowly(call: Callable[[], Any]) -> str:
    def wait(execute: Any, sql: str, *more: Any) -> Any:
        result = execute(sql, *more)
        if sql.startswith('UPDATE "kitchen_menuitem"'):
            sleep(0.2)
        return result

    with connection.execute_wrapper(wait):
        call()
    return "done"


def test_control_portions_not_held_first_lock_each_other_out(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kitchen, "hold_portions", lambda items: None)
    locked_out = any("deadlock" in answer for answer in exchange_at_once(opened))
    assert locked_out == can_race()
