"""Lines of an order that is on its way: added, or cancelled one by one."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from kitchen import moves
from kitchen.events import TicketStopAsked, TicketVoided, TrayExtended
from kitchen.lifecycle import TICKET_MOVES, TicketChange, TicketState, TrayState
from kitchen.models import MenuItem, Ticket, TicketQuerySet, Tray
from kitchen.services.opening import menu_of, on_tray, pace_new, promise_later, tickets_of
from kitchen.services.reservations import Wanted, give_back
from kitchen.services.rushing import place_in_front
from kitchen.services.standing import lines_on
from kitchen.services.trays import forget_lines, plate
from restaurant.errors import IllegalTransition
from restaurant.events.publish import publish


def hold_portions(items: Iterable[str]) -> None:
    """Take the rows of these menu items until the commit, in the order of their codes.

    Whoever gives portions back and then takes others would else take them in two orders.
    """
    list(MenuItem.objects.filter(pk__in=set(items)).order_by("pk").select_for_update())


def void_lines(order_ref: UUID, label: str, lines: Collection[Wanted]) -> None:
    """Cook nothing more of these lines, and give back the portions of those not begun.

    What is cooking asks its cook to stop. A tray of which all else is done is put to the pass, one
    of which nothing is left is void. What the kitchen has not opened yet it will find cancelled.
    Raises IllegalTransition for a line that is ready or served.
    """
    numbers = sorted({line.tray for line in lines})
    with transaction.atomic():
        for number in numbers:
            Tray.objects.get_or_create(
                order_ref=order_ref, number=number, defaults={"order_label": label}
            )
        trays = {tray.number: tray for tray in moves.take_order(order_ref)}
        begun = {line.line for line in lines if void_line(trays[line.tray], line)}
        for number in numbers:
            if trays[number].canvas:
                plate(trays[number].pk, trays[number].canvas)
        give_back(line for line in lines if line.counted and line.line not in begun)


def void_line(tray: Tray, line: Wanted) -> bool:
    """Void what is left of the line; False if its portions are to come back."""
    if str(line.line) in tray.void_lines:
        return True
    state = lines_on(tray).get(line.line)
    if state in ("ready", "served"):
        raise IllegalTransition(f"{line.item} is {state} already.", state=state)
    tickets = Ticket.objects.filter(tray=tray, line_ref=line.line)
    begun = tickets.filter(started_at__isnull=False).exists()
    moves.take(tray.pk)
    throw_away(tickets)
    forget_lines(tray, [line.line])
    return begun


def throw_away(tickets: TicketQuerySet) -> None:
    """What nobody has begun is void, whoever cooks is asked to stop; what was begun is waste."""
    marked = {"change": TicketChange.CANCELLED, "changed_at": timezone.now()}
    movable = tickets.to_show().select_related("tray").order_by("track", "position")
    untouched = list(movable.filter(state__in=TICKET_MOVES["void"].sources))
    cooking = list(movable.filter(state=TicketState.COOKING))
    having = {"pk__in": [ticket.pk for ticket in untouched]}
    moves.move_tickets("void", having=having, parked=None, **marked)
    movable.filter(state=TicketState.COOKING).update(cancel_requested=True, **marked)
    tickets.filter(started_at__isnull=False).update(wasted=True)
    publish(*[moves.told(TicketVoided, ticket) for ticket in untouched])
    publish(*[moves.told(TicketStopAsked, ticket) for ticket in cooking])


def add_lines(
    order_ref: UUID,
    label: str,
    lines: list[dict[str, Any]],
    promised_at: Mapping[int, datetime | None],
    new_trays: Collection[int],
) -> None:
    """Make the tickets of lines that are ordered later; heard of, the head chef calls them out.

    `lines` as in `open_order`. From now on their trays are not complete without them. A tray that
    is not in `new_trays` and that the kitchen has not opened yet is opened with its order. Raises
    IllegalTransition for a tray that does not wait any more.
    """
    menu = menu_of(lines)
    courses = {line["tray"]: line["course"] for line in lines}
    with transaction.atomic():
        for number in sorted(promised_at):
            Tray.objects.get_or_create(
                order_ref=order_ref,
                number=number,
                defaults={
                    "order_label": label,
                    "course": courses[number],
                    "canvas": int(number in new_trays),
                },
            )
        trays = {tray.number: tray for tray in moves.take_order(order_ref)}
        hurried = next((tray.rushed_at for tray in trays.values() if tray.rushed_at), None)
        for number, promised in sorted(promised_at.items()):
            trays[number].rushed_at = hurried
            extend(trays[number], promised, on_tray(number, lines), menu)


def extend(
    tray: Tray,
    promised_at: datetime | None,
    lines: list[dict[str, Any]],
    menu: Mapping[str, MenuItem],
) -> None:
    """Put more lines on a tray that waits."""
    if tray.state != TrayState.WAITING:
        raise IllegalTransition(
            f"Tray {tray.number} is {tray.state}: take another tray.", tray=tray.number
        )
    moves.take(tray.pk)
    now = timezone.now()
    promise_later(tray, promised_at)
    tray.driven_at = now
    tray.save(update_fields=["held_back", "promised_at", "expected_at", "driven_at", "rushed_at"])
    tracks = tray.tickets.aggregate(most=Max("track"))["most"] or 0
    made = list(tickets_of(tray, lines, menu, after=tracks))
    pace_new([tray], made)
    in_front = place_in_front() if tray.rushed_at and not tray.held_back else None
    for ticket in made:
        ticket.change, ticket.changed_at = TicketChange.ADDED, now
        ticket.fire_at = in_front or ticket.fire_at
    Ticket.objects.bulk_create(made)
    publish(TrayExtended(order_ref=tray.order_ref, tray_ref=tray.pk, tray=tray.number, lines=lines))


def lines_not_heard_of(trays: Iterable[Tray], lines: Iterable[str]) -> set[str]:
    """Those that the kitchen knows nothing of yet: neither a ticket, nor that it is cancelled."""
    cooked = Ticket.objects.filter(tray__in=trays).values_list("line_ref", flat=True)
    known = {str(line) for line in cooked}.union(*(tray.void_lines for tray in trays))
    return set(lines) - known
