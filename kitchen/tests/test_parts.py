"""A part of a tray's chord comes: it counts, or it does not; the last one calls the pass."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from conftest import cook, open_trays
from kitchen import services
from kitchen.models import Ticket, Tray
from kitchen.tasks import call_out
from orders.models import Order
from orders.services import cancel_order

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


def of(item: str) -> Ticket:
    return Ticket.objects.get(item=item)


def last() -> list[str]:
    """The items whose part would call the pass now."""
    return [t.item for t in Ticket.objects.all() if Ticket.objects.finished_last(t.pk)]


def test_a_part_counts_once_its_ticket_is_finished(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    ticket = tray.tickets.get()
    assert services.counts(ticket.pk, 1) is False
    services.start(ticket.pk)
    assert services.counts(ticket.pk, 1) is False
    services.finish(ticket.pk)
    assert services.counts(ticket.pk, 1) is True


def test_a_part_of_another_canvas_does_not_count(place: Place) -> None:
    (tray,) = open_trays(place("water", "thai-tea"))
    cook(of("water"))
    services.drive(tray.pk, call_out)
    assert services.counts(of("water").pk, 1) is False
    assert services.counts(of("water").pk, 2) is True


def test_no_part_of_a_void_tray_counts(place: Place) -> None:
    order = place("water")
    open_trays(order)
    cancel_order(order, "gone")
    tray, ticket = Tray.objects.get(), of("water")
    assert (tray.canvas, ticket.state, ticket.parked) == (2, "void", None)
    assert services.counts(ticket.pk, 1) is False


def test_a_part_of_a_ticket_that_is_not_there_does_not_count(place: Place) -> None:
    assert services.counts(uuid4(), 1) is False
    assert Ticket.objects.finished_last(uuid4()) is False


def test_the_ticket_that_finished_last_calls_the_pass_and_no_other(place: Place) -> None:
    open_trays(place("water", "thai-tea", "gai-yang", ("crab", 2)))
    for item in ("gai-yang", "water"):
        cook(of(item))
        assert last() == []
    cook(of("thai-tea"))
    assert last() == ["thai-tea"]
    services.recall(of("water").pk)
    assert last() == []
    services.finish(of("water").pk)
    assert last() == ["water"]


def test_the_clocks_do_not_say_which_finished_last(place: Place) -> None:
    open_trays(place("water", "thai-tea"))
    late = cook(of("water"))
    early = cook(of("thai-tea"))
    Ticket.objects.filter(pk=late.pk).update(finished_at=early.finished_at)
    Ticket.objects.filter(pk=early.pk).update(finished_at=late.finished_at)
    assert last() == ["thai-tea"]


def test_a_quarantined_part_keeps_the_tray_from_the_pass(place: Place) -> None:
    open_trays(place("water", "thai-tea"))
    Ticket.objects.filter(item="water").update(state="quarantined")
    cook(of("thai-tea"))
    assert last() == []
