"""The reconciler sets going what a lost message has left standing, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import cook as press_through
from conftest import open_trays
from kitchen import services as kitchen
from kitchen.models import Ticket, Tray
from kitchen.services import repairs
from kitchen.services.repairs import GRACE, MOST_ATTEMPTS
from kitchen.tasks import call_out, cook, queue_is_empty
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


def repair(*, waiting_in: str = "") -> None:
    kitchen.repair(call_out, lambda queue: queue != waiting_in)


def repaired() -> list[str]:
    """What it said, in its words."""
    told = EventRecord.objects.filter(name="tray.repaired").order_by("id")
    return [event.data["why"] for event in told]


def later(by: timedelta = GRACE) -> None:
    """Move all that the reconciler looks at into the past."""
    past = timezone.now() - by
    Tray.objects.update(touched_at=past, driven_at=past)


def never_called_out(order: Order) -> list[Tray]:
    """Opened, recalled and pressed again: its canvas is new, and the head chef has not heard."""
    trays = open_trays(order)
    Tray.objects.of_order(order.ref).update(canvas=2)
    return trays


def test_a_tray_that_was_never_called_out_on_its_canvas_is_driven(place: Place) -> None:
    (tray,) = never_called_out(place("tom-yum", "water"))
    repair()
    assert repaired() == []
    later()
    repair()
    assert len(repaired()) == 1
    tray.refresh_from_db()
    parked = tray.tickets.values_list("parked_canvas", flat=True)
    assert set(parked) == {tray.canvas} == {3}
    later(timedelta(hours=1))
    repair()
    assert len(repaired()) == 1


def test_a_slow_cook_is_not_a_loss(place: Place) -> None:
    (tray,) = open_trays(place("tom-yum"))
    later(timedelta(hours=1))
    repair()
    press_through(tray.tickets.get(zone="boil"))
    later(timedelta(hours=1))
    repair()
    assert repaired() == []


def test_a_complete_tray_that_nobody_has_plated_is_plated(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    press_through(tray.tickets.get())
    repair()
    tray.refresh_from_db()
    assert (tray.state, repaired()) == ("waiting", [])
    later()
    repair()
    tray.refresh_from_db()
    assert (tray.state, repaired()) == ("ready", ["complete, but not plated"])


@pytest.mark.parametrize("queue", ["zone.drinks", "pass"])
def test_a_part_or_a_pass_that_waits_in_its_queue_is_late_and_not_lost(
    place: Place, queue: str
) -> None:
    (tray,) = open_trays(place("water"))
    press_through(tray.tickets.get())
    later()
    repair(waiting_in=queue)
    assert repaired() == []
    repair(waiting_in="zone.fry")
    assert len(repaired()) == 1


def test_a_head_chef_who_has_not_come_to_it_is_late_and_not_lost(place: Place) -> None:
    never_called_out(place("water"))
    later()
    repair(waiting_in="pass")
    assert repaired() == []


def test_each_attempt_waits_longer_than_the_one_before(place: Place) -> None:
    def again() -> None:
        Tray.objects.update(canvas=9)

    never_called_out(place("water"))
    later()
    repair()
    assert len(repaired()) == 1
    again()
    later()
    repair()
    assert len(repaired()) == 1
    later(GRACE * 2)
    repair()
    assert len(repaired()) == 2


def test_a_tray_is_driven_once_for_all_of_its_tickets(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_called_out(place("water", "thai-tea", "gai-yang"))
    later()
    # The first reconciler dies before it has driven the tray that it has claimed.
    monkeypatch.setattr(repairs, "drive", lambda *_: None)
    repair()
    repair()
    assert len(repaired()) == 1


def test_a_ticket_whose_attempts_are_used_up_is_quarantined_and_can_be_tried_again(
    place: Place,
) -> None:
    (tray,) = never_called_out(place("water", "thai-tea"))
    poison, other = tray.tickets.order_by("track")
    Ticket.objects.filter(pk=poison.pk).update(attempts=MOST_ATTEMPTS)
    Ticket.objects.filter(pk=other.pk).update(parked_canvas=2)
    later(timedelta(minutes=2))
    repair()
    poison.refresh_from_db()
    assert (poison.state, repaired()) == ("quarantined", [])
    assert EventRecord.objects.filter(name="ticket.quarantined").count() == 1

    # It is not touched any more; the others go on, and the tray waits.
    repair()
    press_through(other)
    assert kitchen.plate(tray.pk, canvas=2) is False
    assert repaired() == []

    assert kitchen.retry(poison.pk).state == "held"
    assert EventRecord.objects.filter(name="ticket.retried").count() == 1
    kitchen.drive(tray.pk, call_out)
    poison.refresh_from_db()
    assert (poison.state, poison.parked_canvas) == ("fired", 3)
    press_through(poison)
    assert kitchen.plate(tray.pk, canvas=3) is True


def test_a_cancelled_tray_is_left_alone(place: Place) -> None:
    order = place("water")
    (tray,) = open_trays(order)
    orders.cancel_order(order, "nobody came")
    later()
    repair()
    kitchen.drive(tray.pk, call_out)
    tray.refresh_from_db()
    assert (tray.state, tray.canvas, repaired()) == ("void", 2, [])


@pytest.mark.usefixtures("clean_redis")
def test_a_queue_is_asked_whether_a_task_waits_in_it() -> None:
    assert queue_is_empty("zone.fry") is True
    cook.si(ticket="", canvas=0).set(queue="zone.fry").apply_async()
    assert queue_is_empty("zone.fry") is False
    assert queue_is_empty("zone.boil") is True
