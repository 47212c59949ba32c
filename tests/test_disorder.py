"""Messages come twice, late and in the wrong order; the end is the same."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from time import sleep
from typing import Any

import pytest
from django.db import transaction
from kombu.transport.redis import Channel

from conftest import open_trays, times_told
from kitchen import services as kitchen
from kitchen.lifecycle import TrayState
from kitchen.models import Ticket, Tray
from kitchen.tasks import call_out
from orders import services as orders
from orders.lifecycle import MOVES
from orders.models import Order
from orders.services import following
from orders.tasks import mark_preparing
from restaurant.events.models import EventRecord
from tests.at_once import at_once
from tests.conftest import cook_all, eventually

Place = Callable[..., Order]


@pytest.fixture
def every_message_twice(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Redis gets each message two times, whoever sends it."""
    put = Channel._put
    sent: Counter[str] = Counter()

    def put_twice(channel: Channel, queue: str, message: dict[str, Any], **more: Any) -> None:
        sent[message["headers"].get("task", "")] += 1
        put(channel, queue, message, **more)
        put(channel, queue, message, **more)

    monkeypatch.setattr(Channel, "_put", put_twice)
    return sent


@pytest.mark.usefixtures("relay", "worker")
def test_with_every_message_and_press_twice_the_end_is_the_same(
    place: Place, every_message_twice: Counter[str]
) -> None:
    order = place("tom-yum", "gai-yang", "thai-tea", ("water", 2))

    def press_twice() -> bool:
        for ticket in Ticket.objects.filter(state="fired"):
            for press in (kitchen.start, kitchen.start, kitchen.finish, kitchen.finish):
                press(ticket.pk)
        return Order.objects.filter(pk=order.pk, state="ready").exists()

    eventually(press_twice)
    assert every_message_twice["kitchen.tasks.cook"] > 0
    assert set(Tray.objects.values_list("state", flat=True)) == {"ready"}
    assert (times_told("tray.ready"), times_told("order.ready"), times_told("order.preparing")) == (
        2,
        1,
        1,
    )
    assert times_told("ticket.started") == times_told("ticket.done") == Ticket.objects.count() == 5
    assert times_told("tray.repaired") == 0


@pytest.mark.django_db(transaction=True)
def test_a_tray_that_is_plated_early_waits_on(place: Place) -> None:
    (tray,) = open_trays(place("tom-yum", "water"))
    assert kitchen.plate(tray.pk, canvas=1) is False
    assert times_told("tray.ready") == 0
    cook_all(tray)
    assert kitchen.plate(tray.pk, canvas=1) is True
    assert kitchen.plate(tray.pk, canvas=1) is False
    assert times_told("tray.ready") == 1


@pytest.mark.django_db(transaction=True)
def test_a_pass_that_comes_late_does_not_plate_a_recalled_tray(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    cook_all(tray)
    kitchen.plate(tray.pk, canvas=1)
    ticket = tray.tickets.get()
    kitchen.recall(ticket.pk)
    kitchen.finish(ticket.pk)
    assert kitchen.plate(tray.pk, canvas=1) is False
    assert times_told("tray.ready") == 1
    kitchen.drive(tray.pk, call_out)
    tray.refresh_from_db()
    assert tray.state == "ready"
    ready = EventRecord.objects.filter(name="tray.ready").order_by("id")
    assert [event.data["canvas"] for event in ready] == [1, tray.canvas]


@pytest.mark.django_db(transaction=True)
def test_an_order_is_ready_though_its_start_is_heard_later(place: Place) -> None:
    order = place("water")
    (tray,) = open_trays(order)
    cook_all(tray)
    kitchen.plate(tray.pk, canvas=1)
    orders.follow_kitchen(order.ref)
    order.refresh_from_db()
    assert order.state == "ready"
    started = EventRecord.objects.get(name="trays.started")
    mark_preparing(event_id=started.pk, **started.data)
    order.refresh_from_db()
    assert order.state == "ready"
    assert (times_told("order.ready"), times_told("order.preparing")) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_what_was_cancelled_before_the_kitchen_heard_of_it_is_not_cooked(place: Place) -> None:
    order = place("crab", ("water", 2))
    orders.cancel_order(order, "changed my mind")
    trays = open_trays(order)
    assert [tray.state for tray in trays] == [TrayState.VOID, TrayState.VOID]
    assert not Ticket.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_last_trays_at_one_moment_make_the_order_ready_once(place: Place) -> None:
    for _ in range(5):
        order = place("water", ("thai-tea", 2))
        trays = open_trays(order)
        for tray in trays:
            cook_all(tray)
        at_once([partial(plate_and_follow, tray, order) for tray in trays])
        order.refresh_from_db()
        assert order.state == "ready"
        assert history(order).count("tray.ready") == 2
        assert history(order).count("order.ready") == 1


@pytest.mark.django_db(transaction=True)
def test_control_an_order_that_is_looked_at_and_then_moved_is_ready_twice(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_then_move(order_ref: Any, verb: str, **also: Any) -> bool:
        order = Order.objects.get(ref=order_ref)
        sleep(0.3)
        if order.state not in MOVES[verb].sources:
            return False
        Order.objects.filter(ref=order_ref).update(state=MOVES[verb].to)
        return True

    order = place("water", ("thai-tea", 2))
    trays = open_trays(order)
    for tray in trays:
        cook_all(tray)
        kitchen.plate(tray.pk, canvas=1)
    monkeypatch.setattr(following, "move", look_then_move)
    monkeypatch.setattr(following, "transaction", NoTransaction)
    monkeypatch.setattr(following, "publish", publish_alone)
    monkeypatch.setattr(following, "take", lambda order_ref: None)
    at_once([partial(orders.follow_kitchen, order.ref) for _ in trays])
    assert history(order).count("order.ready") == 2


class NoTransaction:
    """Stands in for `transaction`: the protection switched off."""

    @staticmethod
    def atomic(**_: Any) -> Any:
        return transaction.mark_for_rollback_on_error()


def publish_alone(event: Any, at: Any = None) -> None:
    """Says the event in a transaction of its own."""
    with transaction.atomic():
        EventRecord.objects.create(name=event.name, subject=event.order_ref, data=event.as_data())


def plate_and_follow(tray: Tray, order: Order) -> None:
    kitchen.plate(tray.pk, canvas=1)
    orders.follow_kitchen(order.ref)


def history(order: Order) -> list[str]:
    return list(EventRecord.objects.about(order.ref).values_list("name", flat=True))
