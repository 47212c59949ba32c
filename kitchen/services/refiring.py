"""Refire: a line is cooked once more, before all else."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from kitchen import moves
from kitchen.events import LineRefired
from kitchen.exceptions import ZoneClosed
from kitchen.lifecycle import TicketChange
from kitchen.models import KitchenSettings, MenuItem, Ticket, Tray, Zone
from kitchen.services.lines import throw_away
from kitchen.services.options import options_called, refuse_sold_out
from kitchen.services.reservations import Wanted, take_portions
from kitchen.services.standing import last_cooked, lines_on
from kitchen.services.trays import fire, reopen
from restaurant.errors import IllegalTransition
from restaurant.events.publish import publish

#: What a ticket that is cooked again does not take over from the one before it.
OF_EACH_COOKING = {
    *("id", "track", "state", "refire", "wasted", "attempts", "recalls", "cancel_requested"),
    *("fire_at", "fired_at", "started_at", "done_at", "finished_at", "finished_version"),
    *("parked", "parked_canvas", "change", "changed_at", "over_limit_at", "printed"),
}


def refire(order_ref: UUID, number: int, line: UUID, reason: str, by: str) -> datetime:
    """Cook a line of this tray once more; what was begun of it is waste. Returns the new promise.

    The tray waits again, also if it was served. Raises IllegalTransition for a line that nobody has
    begun or that was cancelled, ZoneClosed and SoldOut for one that can't be cooked now.
    """
    with transaction.atomic():
        tray = {tray.number: tray for tray in moves.take_order(order_ref)}.get(number)
        state = lines_on(tray).get(line, "waiting") if tray else "waiting"
        if tray is None or state not in ("cooking", "ready", "served"):
            raise IllegalTransition(f"It is {state}; there is nothing to cook again.", state=state)
        before = last_cooked(tray.tickets.filter(line_ref=line).order_by("track", "position"))
        take_what_it_needs(before)
        moves.take(tray.pk)
        throw_away(Ticket.objects.filter(pk__in=[ticket.pk for ticket in before]))
        reopen(tray, "refire")
        again = Ticket.objects.bulk_create(copies(tray, before))
        fire(ticket for ticket in again if ticket.position == 1)
        first, promised_at = before[0], promise_again(tray, again)
        publish(
            LineRefired(
                order_ref=order_ref,
                tray_ref=tray.pk,
                tray=number,
                line=line,
                item=first.item,
                quantity=first.quantity,
                reason=reason,
                by=by,
                promised_at=promised_at.isoformat(),
            )
        )
        return promised_at


def take_what_it_needs(tickets: Collection[Ticket]) -> None:
    """The zones are open, its options are there, and portions are taken once more."""
    one = next(iter(tickets))
    zones = {ticket.zone_id for ticket in tickets}
    closed = Zone.objects.filter(pk__in=zones, is_open=False).first()
    if closed is not None:
        raise ZoneClosed(
            f"{one.name} needs {closed.name}, which is closed.", item=one.item, zone=closed.pk
        )
    menu = MenuItem.objects.in_bulk([one.item])
    options = options_called({option["code"] for t in tickets for option in t.options})
    refuse_sold_out(menu[one.item], options.values())
    take_portions(menu, [Wanted(one.line_ref, one.item, one.quantity, one.tray.number)])


def copies(tray: Tray, tickets: Collection[Ticket]) -> Iterator[Ticket]:
    """The same tickets on tracks of their own, first in their zones; not saved yet."""
    most = tray.tickets.aggregate(track=Max("track"))["track"]
    for track, of_track in enumerate(by_track(tickets), start=most + 1):
        for ticket in of_track:
            yield Ticket(
                **taken_over(ticket),
                track=track,
                refire=ticket.refire + 1,
                fire_at=before_all_else(ticket.zone_id),
                change=TicketChange.REFIRED,
                changed_at=timezone.now(),
            )


def taken_over(ticket: Ticket) -> dict[str, Any]:
    fields = [field for field in ticket._meta.concrete_fields if field.name not in OF_EACH_COOKING]
    return {field.name: getattr(ticket, field.name) for field in fields}


def by_track(tickets: Collection[Ticket]) -> list[list[Ticket]]:
    return [list(track) for _, track in groupby(tickets, key=lambda ticket: ticket.track)]


def before_all_else(zone: str) -> datetime:
    """Earlier than whatever this zone has to do."""
    waiting = Ticket.objects.filter(zone=zone, finished_at=None)
    now = timezone.now()
    earliest: datetime = waiting.aggregate(at=Min("fire_at"))["at"] or now
    return min(earliest, now) - timedelta(seconds=1)


def promise_again(tray: Tray, tickets: Collection[Ticket]) -> datetime:
    """Nothing is cooked before these, so their longest track is all that the guest waits for."""
    seconds = max(sum(ticket.prep_seconds for ticket in track) for track in by_track(tickets))
    again = timezone.now() + timedelta(seconds=seconds / KitchenSettings.current().time_scale)
    promised_at = max(again, tray.promised_at or again)
    Tray.objects.filter(pk=tray.pk).update(promised_at=promised_at, expected_at=again)
    return promised_at
