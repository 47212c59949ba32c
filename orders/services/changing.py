"""Changing an order that is on its way: its notes, and lines added or cancelled."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from kitchen import services as kitchen
from orders.events import OrderChanged
from orders.exceptions import MixedCourses, TooManyLines, UnknownLine
from orders.lifecycle import OrderState
from orders.models import Order, OrderLine
from orders.services.bills import total_of
from orders.services.following import take
from orders.services.placing import (
    NewLine,
    NewOrder,
    kitchen_note,
    lines_of,
    told_lines,
)
from orders.services.placing import wanted as as_wanted
from orders.services.promising import PROMISED, promise_anew
from orders.services.refunding import settle
from restaurant.errors import IllegalTransition, Invalid, VersionMismatch
from restaurant.events.publish import publish

#: Afterwards nobody cooks who could read it.
CHANGEABLE = (OrderState.PLACED, OrderState.PREPARING)
MOST_LINES = 100
#: With those that were cancelled; their places are small numbers.
MOST_LINES_EVER = 1000

Known = Callable[[Order, kitchen.Progress], bool]


@dataclass(frozen=True)
class Change:
    """What is to be another one; `notes` are the order's `note` and `allergies`."""

    add: Sequence[NewLine] = ()
    cancel: Sequence[UUID] = ()
    line_notes: Sequence[tuple[UUID, str]] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


def change_order(order_ref: UUID, is_known: Known, change: Change) -> None:
    """Change the order for as long as the kitchen is at it: all of it, or nothing.

    `is_known` says whether the caller has seen the order as it is. Raises VersionMismatch,
    IllegalTransition, UnknownLine, TooManyLines, and what `kitchen.services.reserve` raises.
    """
    with transaction.atomic():
        order = take(order_ref)
        if not is_known(order, kitchen.progress([order_ref])[order_ref]):
            raise VersionMismatch()
        if order.state not in CHANGEABLE:
            raise IllegalTransition(f"It is {order.state} already.", state=order.state)
        lines = {line.pk: line for line in order.lines.all()}
        refuse_unknown(change, lines)
        kept = [
            line
            for line in lines.values()
            if line.cancelled_at is None and line.pk not in change.cancel
        ]
        refuse_size(len(kept), len(change.add), len(lines))
        for name, note in change.notes.items():
            setattr(order, name, note)
        for line, note in change.line_notes:
            lines[line].note = note
            OrderLine.objects.filter(pk=line).update(note=note)
        make_change(order, [lines[line] for line in dict.fromkeys(change.cancel)], change.add)


def refuse_unknown(change: Change, known: Collection[UUID]) -> None:
    named = [(f"/cancel/{place}", line) for place, line in enumerate(change.cancel)]
    named += [(f"/lines/{place}/id", line) for place, (line, _) in enumerate(change.line_notes)]
    for pointer, line in named:
        if line not in known:
            raise UnknownLine(pointer=pointer, line=str(line))


def refuse_size(kept: int, added: int, ever: int) -> None:
    if not kept + added:
        raise IllegalTransition("Nothing would be left of it: cancel the order.")
    if kept + added > MOST_LINES or ever + added > MOST_LINES_EVER:
        raise TooManyLines(pointer="/add")


def cancel_line(order: Order, line: UUID) -> None:
    """Cancel one line, whatever else has changed."""
    change_order(order.ref, lambda now, progress: True, Change(cancel=[line]))


def drop_line(order_ref: UUID, line: UUID) -> None:
    """The kitchen can't cook it: the guest neither gets nor pays it."""
    with transaction.atomic(savepoint=False):
        order = take(order_ref)
        if left := list(order.lines.filter(pk=line, cancelled_at=None)):
            make_change(order, left, [])


def make_change(order: Order, cancelled: Collection[OrderLine], new: Sequence[NewLine]) -> None:
    """Tell the kitchen what is gone and what is new, and write the order as it is now."""
    gone = [line for line in cancelled if line.cancelled_at is None]
    kitchen.hold_portions([*(line.item for line in gone), *(line.item for line in new)])
    cancel_lines(order, gone)
    added = add_lines(order, new)
    left = list(order.lines.filter(cancelled_at=None))
    order.total = total_of(left)
    order.version += 1
    order.save(update_fields=["note", "allergies", "total", "version", *PROMISED])
    publish(
        OrderChanged(
            order_ref=order.ref,
            version=order.version,
            notes={str(line.pk): kitchen_note(order, line.note) for line in left},
            allergies=order.allergies,
            promised_at=order.promised_at.isoformat(),
            added=added,
            cancelled=[str(line.pk) for line in gone],
        )
    )
    if gone:
        settle(order, ", ".join(str(line) for line in gone))


def cancel_lines(order: Order, lines: Collection[OrderLine]) -> None:
    OrderLine.objects.filter(pk__in=[line.pk for line in lines]).update(cancelled_at=timezone.now())
    gone = [
        kitchen.Wanted(line.pk, line.item, line.quantity, line.tray, line.counted) for line in lines
    ]
    if gone:
        kitchen.void_lines(order.ref, order.label, gone)


def add_lines(order: Order, new: Sequence[NewLine]) -> list[dict[str, Any]]:
    """Take portions, make rows and tickets, and promise anew; what the kitchen is told of them."""
    if not new:
        return []
    more = NewOrder(
        channel=order.channel,
        client_ref=order.client_ref,
        lines=new,
        note=order.note,
        allergies=order.allergies,
    )
    refuse_mixed_courses(order, new)
    wanted = as_wanted(new)
    reservation = reserve(wanted, called_for(order))
    last = order.lines.aggregate(place=Max("place"))["place"]
    lines = OrderLine.objects.bulk_create(
        lines_of(order, more, wanted, reservation, first=last + 1)
    )
    told = told_lines(more, lines, reservation)
    new_trays = {tray for tray in reservation.promised_at if str(tray) not in order.tray_promises}
    kitchen.add_lines(order.ref, order.label, told, reservation.promised_at, new_trays)
    promise_anew(order, reservation.promised_at)
    return told


def refuse_mixed_courses(order: Order, new: Sequence[NewLine]) -> None:
    """What is on one tray is served together."""
    courses = dict(order.lines.values_list("tray", "course"))
    for place, line in enumerate(new):
        if (course := courses.setdefault(line.tray, line.course)) != line.course:
            raise MixedCourses(
                f"Tray {line.tray} is of course {course}.", pointer=f"/add/{place}/course"
            )


def called_for(order: Order) -> set[int]:
    """The courses that the kitchen was to begin with, and those before of which there is none."""
    courses = dict(order.lines.values_list("tray", "course"))
    called = {courses[int(tray)] for tray, promised in order.tray_promises.items() if promised}
    passed_over = {*courses.values()} - called
    return {*range(1, max(called, default=1) + 1)} - passed_over


def reserve(wanted: Sequence[kitchen.Wanted], courses: set[int]) -> kitchen.Reservation:
    try:
        return kitchen.reserve(wanted, courses)
    except Invalid as fault:
        # In the body of a change the new lines stand elsewhere.
        fault.pointer = fault.pointer.replace("/lines", "/add", 1)
        raise
