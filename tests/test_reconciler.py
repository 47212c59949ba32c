"""The reconciler sets going what a lost message has left standing, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from kitchen import services as kitchen
from kitchen.models import Ticket, Tray
from kitchen.services.repairs import GRACE, MOST_ATTEMPTS, Repairs
from kitchen.tasks import cook, queue_is_empty
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord
from tests.conftest import open_trays

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


def find(*, queues_are_empty: bool = True) -> Repairs:
    return kitchen.find_repairs(lambda _: queues_are_empty)


def later(by: timedelta = GRACE) -> None:
    """Move all that the reconciler looks at into the past."""
    past = timezone.now() - by
    Tray.objects.update(touched_at=past, opened_at=past, driven_at=past)
    Ticket.objects.filter(finished_at__isnull=False).update(finished_at=past)


def reach(ticket: Ticket) -> None:
    kitchen.reach(ticket.pk, Tray.objects.get(pk=ticket.tray_id).canvas, {"task": "cook"})


def test_a_tray_whose_task_never_came_is_driven_again(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    assert find() == Repairs([], [])
    later()
    assert find() == Repairs([tray.pk], [])
    assert EventRecord.objects.filter(name="tray.repaired").count() == 1


def test_a_slow_cook_is_not_a_loss(place: Place) -> None:
    (tray,) = open_trays(place("tom-yum"))
    reach(tray.tickets.get(position=1))
    later(timedelta(hours=1))
    assert find() == Repairs([], [])


def test_a_track_whose_next_task_never_came_is_driven_again(place: Place) -> None:
    (tray,) = open_trays(place("tom-yum"))
    boil = tray.tickets.get(position=1)
    reach(boil)
    kitchen.start(boil.pk)
    kitchen.finish(boil.pk)
    assert find() == Repairs([], [])
    later()
    assert find() == Repairs([tray.pk], [])


def test_a_task_of_an_older_canvas_does_not_count(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    reach(tray.tickets.get())
    kitchen.drive(tray.pk)
    later()
    assert find() == Repairs([tray.pk], [])


def test_a_complete_tray_that_nobody_has_plated_is_plated(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    ticket = tray.tickets.get()
    reach(ticket)
    kitchen.start(ticket.pk)
    kitchen.finish(ticket.pk)
    later()
    assert find() == Repairs([], [(tray.pk, 1)])


def test_a_task_that_waits_in_its_queue_is_late_and_not_lost(place: Place) -> None:
    open_trays(place("water"))
    later()
    assert find(queues_are_empty=False) == Repairs([], [])
    assert not EventRecord.objects.filter(name="tray.repaired").exists()


def test_each_attempt_waits_longer_than_the_one_before(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    later()
    assert find().drive == [tray.pk]
    later()
    assert find().drive == []
    later(GRACE * 2)
    assert find().drive == [tray.pk]


def test_a_tray_that_is_claimed_is_not_claimed_again_for_another_of_its_tracks(
    place: Place,
) -> None:
    (tray,) = open_trays(place("water", "thai-tea"))
    later()
    assert find().drive == [tray.pk]
    # The first reconciler has not come to driving it yet.
    assert find() == Repairs([], [])


def test_a_ticket_whose_attempts_are_used_up_is_quarantined_and_can_be_tried_again(
    place: Place,
) -> None:
    (tray,) = open_trays(place("water", "thai-tea"))
    poison, other = tray.tickets.order_by("track")
    Ticket.objects.filter(pk=poison.pk).update(attempts=MOST_ATTEMPTS)
    reach(other)
    later(timedelta(minutes=2))
    assert find() == Repairs([], [])
    poison.refresh_from_db()
    assert poison.state == "quarantined"
    assert EventRecord.objects.filter(name="ticket.quarantined").count() == 1

    # It is not touched any more; the others go on, and the tray waits.
    assert find() == Repairs([], [])
    kitchen.start(other.pk)
    kitchen.finish(other.pk)
    assert kitchen.plate(tray.pk, canvas=1) is False

    assert kitchen.retry(poison.pk).state == "held"
    assert EventRecord.objects.filter(name="ticket.retried").count() == 1


def test_a_cancelled_tray_is_left_alone(place: Place) -> None:
    order = place("water")
    (tray,) = open_trays(order)
    orders.cancel_order(order, "nobody came")
    later()
    assert find() == Repairs([], [])
    assert kitchen.drive(tray.pk) is None


@pytest.mark.usefixtures("clean_redis")
def test_the_queue_of_a_zone_is_asked_whether_a_task_waits_in_it() -> None:
    assert queue_is_empty("fry") is True
    cook.si(ticket="", canvas=0).set(queue="zone.fry").apply_async()
    assert queue_is_empty("fry") is False
    assert queue_is_empty("boil") is True
