"""What each event means for the reports.

An event of an earlier release may lack a field: what it does not say is not counted.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from orders.reports.books import Books
from orders.reports.models import CookedTicket, SoldLine, TakenOrder, Waste, day_and_hour
from restaurant.events.models import EventRecord

Kind = Waste.Kind


def order_placed(books: Books, event: EventRecord) -> None:
    promised = [datetime.fromisoformat(at) for at in event.data["promised_at"].values() if at]
    order = TakenOrder(
        projection=books.projection,
        order_ref=event.subject,
        channel=event.data.get("channel", ""),
        promised_at=max(promised),
        **day_and_hour(event.happened_at),
    )
    books.add_order(order)
    add_lines(books, order, event.data["lines"])


def order_changed(books: Books, event: EventRecord) -> None:
    if order := books.order(event.subject):
        add_lines(books, order, event.data.get("added", []))
    for ref in map(UUID, event.data.get("cancelled", [])):
        drop_line(books, event, ref, Kind.LINE_CANCELLED)
    promise(books, event)


def course_fired(books: Books, event: EventRecord) -> None:
    promise(books, event)


def line_refired(books: Books, event: EventRecord) -> None:
    """What is cooked again is sold once."""
    if line := books.line(UUID(event.data["line"])):
        throw_away(books, event, line, Kind.REFIRED)
    promise(books, event)


def tray_voided(books: Books, event: EventRecord) -> None:
    for ref in map(UUID, event.data.get("lines", [])):
        drop_line(books, event, ref, Kind.ORDER_CANCELLED)


def order_ready(books: Books, event: EventRecord) -> None:
    if order := books.order(event.subject):
        order.ready_at = event.happened_at
        order.late_by = span(order.promised_at, order.ready_at)


def order_reopened(books: Books, event: EventRecord) -> None:
    if order := books.order(event.subject):
        order.ready_at = order.late_by = None


def order_cancelled(books: Books, event: EventRecord) -> None:
    if order := books.order(event.subject):
        order.cancelled_at = event.happened_at


def ticket_fired(books: Books, event: EventRecord) -> None:
    ticket_of(books, event).fired_at = event.happened_at


def ticket_started(books: Books, event: EventRecord) -> None:
    ticket = ticket_of(books, event)
    ticket.started_at = event.happened_at
    ticket.day = day_and_hour(event.happened_at)["day"]
    ticket.waited = span(ticket.fired_at, ticket.started_at)


def ticket_done(books: Books, event: EventRecord) -> None:
    ticket = ticket_of(books, event)
    ticket.done_at = event.happened_at
    ticket.to_pass = event.data.get("to_pass", False)
    ticket.cooked = span(ticket.started_at, ticket.done_at)


def ticket_recalled(books: Books, event: EventRecord) -> None:
    ticket = ticket_of(books, event)
    ticket.done_at = ticket.cooked = None


def tray_served(books: Books, event: EventRecord) -> None:
    for ticket in books.done_on_tray(UUID(event.data["tray_ref"])):
        ticket.at_pass = span(ticket.done_at, event.happened_at)


MEANINGS: dict[str, Callable[[Books, EventRecord], None]] = {
    "order.placed": order_placed,
    "order.changed": order_changed,
    "course.fired": course_fired,
    "line.refired": line_refired,
    "tray.voided": tray_voided,
    "order.ready": order_ready,
    "order.reopened": order_reopened,
    "order.cancelled": order_cancelled,
    "ticket.fired": ticket_fired,
    "ticket.started": ticket_started,
    "ticket.done": ticket_done,
    "ticket.recalled": ticket_recalled,
    "tray.served": tray_served,
}


def add_lines(books: Books, order: TakenOrder, lines: Iterable[dict[str, Any]]) -> None:
    for line in lines:
        books.add_line(
            SoldLine(
                projection=books.projection,
                order_ref=order.order_ref,
                line=UUID(line["line"]),
                channel=order.channel,
                day=order.day,
                hour=order.hour,
                item=line["item"],
                zone=line.get("zone", ""),
                shop=line.get("shop", ""),
                quantity=line["quantity"],
                cents=int(Decimal(line.get("unit_price", 0)) * 100),
            )
        )


def drop_line(books: Books, event: EventRecord, ref: UUID, kind: Kind) -> None:
    """The guest does not get it; what was begun of it is waste."""
    line = books.line(ref)
    if line is None:
        return
    line.gone = True
    if books.begun_of_line(ref):
        throw_away(books, event, line, kind)


def throw_away(books: Books, event: EventRecord, line: SoldLine, kind: Kind) -> None:
    for ticket in books.begun_of_line(line.line):
        ticket.thrown_away = True
    books.wasted.append(
        Waste(
            projection=books.projection,
            order_ref=line.order_ref,
            position=event.position or 0,
            line=line.line,
            day=day_and_hour(event.happened_at)["day"],
            item=line.item,
            zone=line.zone,
            kind=kind,
            reason=event.data.get("reason", ""),
            quantity=line.quantity,
            cents=line.quantity * line.cents,
        )
    )


def promise(books: Books, event: EventRecord) -> None:
    """An order is promised for later, never for earlier: more is to be cooked of it."""
    order, told = books.order(event.subject), event.data.get("promised_at")
    if order and told:
        order.promised_at = max(order.promised_at, datetime.fromisoformat(told))


def ticket_of(books: Books, event: EventRecord) -> CookedTicket:
    """The ticket that is told of; a new row at its first event."""
    data, ref = event.data, UUID(event.data["ticket_ref"])
    if known := books.ticket(ref):
        return known
    line = data.get("line")
    new = CookedTicket(
        projection=books.projection,
        order_ref=event.subject,
        ticket=ref,
        tray=UUID(data["tray_ref"]),
        line=line and UUID(line),
        item=data["item"],
        zone=data["zone"],
    )
    books.add_ticket(new)
    return new


def span(earlier: datetime | None, later: datetime | None) -> int | None:
    """Microseconds between the two; None if one is not known."""
    if earlier is None or later is None:
        return None
    return (later - earlier) // timedelta(microseconds=1)
