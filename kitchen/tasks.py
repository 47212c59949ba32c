"""What the kitchen hears, and the head chef's calls.

A tray is one flat chord: a part for each of its tickets, on the queue of its zone, and the pass as
its body. The parts are parked on their tickets; a ticket that is done sends its own.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import Signature, chord
from celery.exceptions import Ignore
from django.utils import timezone

from kitchen import services
from kitchen.models import Ticket, queue_of
from kitchen.parking import parked
from restaurant.celery import app
from restaurant.events.hearing import hears
from restaurant.queues import messages_in


@app.task
@hears
def open_order(
    *,
    order_ref: str,
    label: str,
    promised_at: dict[str, str | None],
    lines: list[dict[str, Any]],
    **_: Any,
) -> None:
    """An order was placed: make its trays and tickets, and call each tray out."""
    promises = {
        int(number): datetime.fromisoformat(at) if at else None
        for number, at in promised_at.items()
    }
    # An order of before there were courses is one.
    courses = [{"course": 1, **line} for line in lines]
    services.open_order(UUID(order_ref), label, promises, courses, call_out)


@app.task
@hears
def drive_tray(*, tray_ref: str, **_: Any) -> None:
    """A tray must be brought together anew."""
    services.drive(UUID(tray_ref), call_out)


@app.task
@hears
def change_notes(
    *, order_ref: str, version: int, notes: dict[str, str], allergies: str = "", **_: Any
) -> None:
    """The guest has changed what the cooks must read."""
    services.change_notes(UUID(order_ref), version, notes, allergies)


@app.task
@hears
def rush_order(*, order_ref: str, trays: Collection[int] = (), **_: Any) -> None:
    """Somebody is in a hurry; the release before did not say of which trays."""
    services.rush(UUID(order_ref), trays)


def call_out(canvas: services.Canvas) -> list[dict[str, Any]]:
    """The head chef calls a tray out to its zones: a message for each ticket, in their order."""
    parts = [cook_at_its_zone(ticket, canvas.number) for ticket in canvas.tickets]
    return parked(chord(parts, plate.si(tray=str(canvas.tray), canvas=canvas.number)))


def cook_at_its_zone(ticket: Ticket, canvas: int) -> Signature[str]:
    called: Signature[str] = cook.si(ticket=str(ticket.pk), canvas=canvas)
    return called.set(queue=queue_of(ticket.zone_id))


@app.task
def cook(*, ticket: str, canvas: int, **_: Any) -> str:
    """A ticket's part of its chord has passed its zone; counts if the ticket is really done."""
    if services.counts(UUID(ticket), canvas):
        return ticket
    raise Ignore


@app.task
def plate(*, tray: str, canvas: int, **_: Any) -> bool:
    """All parts have come together: the pass asks the database whether that is true."""
    return services.plate(UUID(tray), canvas)


def queue_is_empty(queue: str) -> bool:
    """No task waits there."""
    return messages_in(app, queue) == 0


@app.task
def begin_day(**_: Any) -> None:
    """Each few minutes: once a day it does something."""
    services.begin_day(timezone.now())


@app.task
def reconcile(**_: Any) -> None:
    """Each few seconds: set going again what stands still."""
    services.repair(call_out, queue_is_empty)


@app.task
def pace(**_: Any) -> None:
    """Each second: fire what is due, so that the parts of a tray come together."""
    services.pace()


@app.task
def watch_pass(**_: Any) -> None:
    """Each few seconds: tell of what stands at the pass for too long."""
    services.watch_pass()
