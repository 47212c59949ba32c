"""What the kitchen hears, and the head chef's calls.

A tray is one flat chord: each track of tickets is a chain through the zones' queues, side by side
in the header; the pass is its body.
"""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from celery import Signature, Task, chain, chord
from celery.exceptions import Ignore
from django.db import transaction

from kitchen import services
from kitchen.models import Ticket, queue_of
from kitchen.parking import message_of
from restaurant.celery import app
from restaurant.events.hearing import hears
from restaurant.queues import messages_in


@app.task
@hears
def open_order(
    *,
    order_ref: str,
    label: str,
    promised_at: dict[str, str],
    lines: list[dict[str, Any]],
    **_: Any,
) -> None:
    """An order was placed: make its trays and tickets, and drive each tray."""
    promises = {int(number): datetime.fromisoformat(at) for number, at in promised_at.items()}
    for tray in services.open_order(UUID(order_ref), label, promises, lines):
        transaction.on_commit(partial(call_out, tray))


@app.task
@hears
def drive_tray(*, tray_ref: str, **_: Any) -> None:
    """A tray must be brought together anew."""
    transaction.on_commit(partial(call_out, UUID(tray_ref)))


def call_out(tray: UUID) -> None:
    """The head chef calls the tray out to its zones, as one chord on a new canvas."""
    canvas = services.drive(tray)
    if canvas is not None:
        tracks = [
            chain(*[cook_at_its_zone(ticket, canvas.number) for ticket in track])
            for track in canvas.tracks
        ]
        chord(tracks, plate.si(tray=str(tray), canvas=canvas.number)).apply_async()


def cook_at_its_zone(ticket: Ticket, canvas: int) -> Signature[str]:
    called: Signature[str] = cook.si(ticket=str(ticket.pk), canvas=canvas)
    return called.set(queue=queue_of(ticket.zone_id))


@app.task(bind=True)
def cook(self: "Task[Any, str]", /, *, ticket: str, canvas: int, **_: Any) -> str:
    """A ticket's place in its zone's queue: parks until the cook is done, then returns its id."""
    if services.reach(UUID(ticket), canvas, message_of(self)) is services.Reached.GO_ON:
        return ticket
    raise Ignore


@app.task
def plate(*, tray: str, canvas: int, **_: Any) -> bool:
    """All parts have come together: the pass asks the database whether that is true."""
    return services.plate(UUID(tray), canvas)


def queue_is_empty(zone: str) -> bool:
    """No task waits in the zone's queue."""
    return messages_in(app, queue_of(zone)) == 0


@app.task
def reconcile(**_: Any) -> None:
    """Each few seconds: set going again what stands still."""
    repairs = services.find_repairs(queue_is_empty)
    for tray in repairs.drive:
        call_out(tray)
    for tray, canvas in repairs.plate:
        services.plate(tray, canvas)
