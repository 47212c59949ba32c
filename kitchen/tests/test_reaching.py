"""A ticket's task comes to its ticket: it parks, goes on, or is stale."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from kitchen import services
from kitchen.models import Ticket, Tray
from kitchen.services import Reached
from orders.models import Order
from orders.services import cancel_order
from restaurant.events.models import EventRecord
from tests.conftest import open_trays

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]
MESSAGE = {"task": "kitchen.tasks.cook"}


def fired() -> int:
    return EventRecord.objects.filter(name="ticket.fired").count()


def test_a_task_that_comes_fires_its_ticket_and_parks(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    ticket = tray.tickets.get()
    assert services.reach(ticket.pk, 1, MESSAGE) is Reached.PARKED
    assert services.reach(ticket.pk, 1, MESSAGE) is Reached.PARKED
    ticket.refresh_from_db()
    assert (ticket.state, ticket.parked, ticket.parked_canvas) == ("fired", MESSAGE, 1)
    assert fired() == 1


def test_a_task_of_an_older_canvas_is_stale(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    services.drive(tray.pk)
    ticket = tray.tickets.get()
    assert services.reach(ticket.pk, 1, MESSAGE) is Reached.STALE
    ticket.refresh_from_db()
    assert (ticket.state, ticket.parked, fired()) == ("held", None, 0)


def test_a_task_that_finds_its_ticket_finished_goes_on_unless_it_is_stale(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    ticket = tray.tickets.get()
    services.reach(ticket.pk, 1, MESSAGE)
    services.start(ticket.pk)
    services.finish(ticket.pk)
    assert services.reach(ticket.pk, 1, MESSAGE) is Reached.GO_ON
    services.drive(tray.pk)
    assert services.reach(ticket.pk, 1, MESSAGE) is Reached.STALE
    assert services.reach(ticket.pk, 2, MESSAGE) is Reached.GO_ON


def test_a_void_tray_leaves_all_its_tasks_stale(place: Place) -> None:
    order = place("water")
    (tray,) = open_trays(order)
    ticket = tray.tickets.get()
    services.reach(ticket.pk, 1, MESSAGE)
    cancel_order(order, "gone")
    canvas = Tray.objects.get().canvas
    assert canvas == 2
    for number in (1, canvas):
        assert services.reach(ticket.pk, number, MESSAGE) is Reached.STALE
    assert Ticket.objects.get().parked is None


def test_a_task_of_a_ticket_that_is_not_there_is_stale(place: Place) -> None:
    assert services.reach(uuid4(), 1, MESSAGE) is Reached.STALE
