"""What stands at the pass for too long is told, once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import bring_to_pass, cook, told
from kitchen import services as kitchen
from kitchen.models import KitchenSettings, Ticket, Tray
from kitchen.tasks import call_out, watch_pass
from orders import services as orders
from orders.models import Order

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]

LIMIT = timedelta(seconds=300)


def ticket_of(item: str, zone: str) -> Ticket:
    return Ticket.objects.get(item=item, zone=zone)


def since(ticket: Ticket, ago: timedelta) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(done_at=timezone.now() - ago)


@pytest.fixture
def slow_grill(opened: Place) -> Ticket:
    """The soup is done and waits at the pass for the grill. Its ticket."""
    opened("tom-yum", "gai-yang")
    cook(ticket_of("tom-yum", "boil"))
    kitchen.start(ticket_of("gai-yang", "grill").pk)
    return cook(ticket_of("tom-yum", "fry"))


def test_a_part_that_waits_too_long_for_the_rest_of_its_tray_is_told_once(
    slow_grill: Ticket, client_of: Callable[..., APIClient]
) -> None:
    since(slow_grill, LIMIT - timedelta(seconds=30))
    watch_pass()
    assert told("part.waited") == []
    since(slow_grill, LIMIT + timedelta(seconds=1))
    # The soup has boiled for long ago, and that is no part of the tray.
    since(ticket_of("tom-yum", "boil"), LIMIT * 2)
    watch_pass()
    watch_pass()
    (waited,) = told("part.waited")
    assert (waited["ticket_ref"], waited["zone"]) == (str(slow_grill.pk), "fry")
    assert (waited["item"], waited["tray"], waited["limit_seconds"]) == ("tom-yum", 1, 300)
    tray = client_of("waiter").get("/api/v1/trays/").json()["results"][0]
    marked = {t["zone"]: t["over_limit_at"] is not None for t in tray["tickets"]}
    assert marked == {"boil": False, "fry": True, "grill": False}
    assert tray["over_limit_at"] is None
    assert told("tray.waited") == []


def test_a_ready_tray_that_nobody_serves_is_told_once(opened: Place) -> None:
    order = opened("water", ("thai-tea", 2))
    bring_to_pass(order)
    orders.serve_order(order, tray=2)
    Tray.objects.update(ready_at=timezone.now() - LIMIT - timedelta(seconds=1))
    watch_pass()
    watch_pass()
    (waited,) = told("tray.waited")
    assert (waited["tray"], waited["limit_seconds"]) == (1, 300)
    assert Tray.objects.get(number=1).over_limit_at is not None
    assert told("part.waited") == []


def test_what_is_cooked_again_waits_anew(slow_grill: Ticket) -> None:
    since(slow_grill, LIMIT * 2)
    watch_pass()
    kitchen.recall(slow_grill.pk)
    slow_grill.refresh_from_db()
    assert slow_grill.over_limit_at is None
    watch_pass()
    kitchen.finish(slow_grill.pk)
    watch_pass()
    assert len(told("part.waited")) == 1
    since(slow_grill, LIMIT * 2)
    watch_pass()
    assert len(told("part.waited")) == 2


def test_a_tray_that_was_taken_back_waits_anew(opened: Place) -> None:
    order = opened("water")
    bring_to_pass(order)
    Tray.objects.update(ready_at=timezone.now() - LIMIT * 2)
    watch_pass()
    kitchen.recall(Ticket.objects.get().pk)
    assert Tray.objects.get().over_limit_at is None
    kitchen.finish(Ticket.objects.get().pk)
    kitchen.drive(Tray.objects.get().pk, call_out)
    watch_pass()
    assert (Tray.objects.get().state, len(told("tray.waited"))) == ("ready", 1)


def test_what_was_thrown_away_or_is_with_the_guest_waits_for_nobody(opened: Place) -> None:
    order = opened("tom-yum", "water", "thai-tea")
    bring_to_pass(order)
    orders.serve_order(order)
    water = ticket_of("water", "drinks")
    kitchen.refire(order.ref, 1, water.line_ref, "fly in it", "somchai")
    past = timezone.now() - LIMIT * 2
    Ticket.objects.filter(state="done").update(done_at=past)
    watch_pass()
    assert told("part.waited") == []


@override_settings(DEMO=True)
def test_the_limit_is_the_houses_and_runs_with_its_clock(slow_grill: Ticket) -> None:
    KitchenSettings.objects.update(pass_limit_seconds=60, time_scale=10)
    since(slow_grill, timedelta(seconds=4))
    watch_pass()
    assert told("part.waited") == []
    since(slow_grill, timedelta(seconds=7))
    watch_pass()
    assert [event["limit_seconds"] for event in told("part.waited")] == [60]
