"""Where tickets were, played through from the order's events."""

from collections.abc import Callable
from typing import Any

import pytest

from conftest import bring_to_pass, cook
from kitchen import services as kitchen
from kitchen.models import Ticket, Tray
from kitchen.traces import play
from orders import services as orders
from orders.models import Order
from restaurant.trace.gathering import read_story

pytestmark = pytest.mark.django_db

Opened = Callable[..., Order]


def stays(order: Order, **of: Any) -> list[str]:
    """What the tickets of this kind did, one after the other; `…` for what lasts still."""
    trays = list(Tray.objects.of_order(order.ref).prefetch_related("tickets"))
    tickets = [ticket for tray in trays for ticket in tray.tickets.all()]
    chosen = set(
        Ticket.objects.filter(tray__order_ref=order.ref, **of).values_list("pk", flat=True)
    )
    return [
        f"{stint.kind}{'' if stint.ends else '…'}"
        for stint in play(read_story(order.ref), trays, tickets).all
        if (stint.ticket.pk in chosen if stint.ticket else not of)
    ]


def test_a_ticket_is_held_fired_and_cooked_and_its_part_waits_for_the_rest(opened: Opened) -> None:
    order = opened("tom-yum", "water")
    assert stays(order, zone="boil") == ["held", "fired…"]
    assert stays(order, zone="fry") == ["held…"]
    cook(Ticket.objects.get(zone="boil"))
    # The first of a track hands over, and is not at the pass.
    assert stays(order, zone="boil") == ["held", "fired", "cooking"]
    assert stays(order, zone="fry") == ["held", "fired…"]
    cook(Ticket.objects.get(zone="fry"))
    assert stays(order, zone="fry") == ["held", "fired", "cooking", "gathering…"]


def test_a_recall_cooks_again_and_holds_what_follows(opened: Opened) -> None:
    order = opened("tom-yum")
    boil = cook(Ticket.objects.get(zone="boil"))
    kitchen.recall(boil.pk)
    assert stays(order, zone="boil") == ["held", "fired", "cooking", "cooking…"]
    assert stays(order, zone="fry") == ["held", "fired", "held…"]


def test_what_was_ready_waits_for_the_rest_again_but_not_what_is_cooked_again(
    opened: Opened,
) -> None:
    order = opened("gai-yang", "water")
    bring_to_pass(order)
    assert stays(order)[-1] == "ready…"
    kitchen.recall(Ticket.objects.get(zone="drinks").pk)
    assert stays(order, zone="grill")[3:] == ["gathering", "gathering…"]
    assert stays(order, zone="drinks")[2:] == ["cooking", "gathering", "cooking…"]


def test_a_refired_line_of_two_parts_leaves_the_pass_and_is_made_anew(opened: Opened) -> None:
    order = opened("pad-krapow", "water")
    bring_to_pass(order)
    line = order.lines.get(item="pad-krapow")
    orders.refire_line(order, line.pk, "fell", "waiter")
    assert stays(order, item="pad-krapow", refire=0).count("gathering") == 2
    assert stays(order, refire=1) == ["fired…", "fired…"]
    assert stays(order, item="water")[-1] == "gathering…"
    # What comes later is no part of that.
    water = order.lines.get(item="water")
    orders.refire_line(order, water.pk, "spilled", "waiter")
    assert stays(order, item="water", refire=0)[-2:] == ["gathering", "gathering"]


def test_of_a_cancelled_order_nothing_waits_but_what_is_to_be_stopped(opened: Opened) -> None:
    order = opened("tom-yum", "water", ("gai-yang", 2))
    bring_to_pass(order, 2)
    kitchen.start(Ticket.objects.get(zone="boil").pk)
    orders.cancel_order(order, "left")
    assert [one for one in stays(order) if "…" in one] == ["cooking…"]
    kitchen.stop(Ticket.objects.get(zone="boil").pk)
    assert [one for one in stays(order) if "…" in one] == []


def test_a_line_that_is_ordered_later_is_held_from_then_on(opened: Opened) -> None:
    order = opened("tom-yum")
    add = orders.Change(add=[orders.NewLine("water", 1, 1)])
    orders.change_order(order.ref, lambda now, progress: True, add)
    assert stays(order, item="water") == ["held…"]
    cook(Ticket.objects.get(zone="boil"))
    cancel = orders.Change(cancel=[order.lines.get(item="water").pk])
    orders.change_order(order.ref, lambda now, progress: True, cancel)
    assert stays(order, item="water") == ["held"]
