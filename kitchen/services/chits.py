"""Chits: which are to be printed, whose turn it is, and how it went. Nothing here prints."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from kitchen import moves
from kitchen.events import ChitFailed, ChitPrinted
from kitchen.lifecycle import TicketState
from kitchen.models import (
    Chit,
    KitchenSettings,
    Printed,
    Ticket,
    Zone,
    cancelled_on_paper,
    changed_on_paper,
    to_be_printed,
)
from kitchen.printing.slip import Slip
from kitchen.services.tickets import find
from restaurant.errors import IllegalTransition
from restaurant.events.publish import publish

#: How long a chit is one process's: longer than any conversation with a printer.
LEASE = timedelta(seconds=20)
#: Before the second attempt; before each further one twice as long, up to the longest.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(seconds=60)
#: The cooks are told that a chit is not there when it is that late.
TOLD_AFTER = timedelta(seconds=30)
TOO_OLD = "It is too old to be printed by itself."

#: What a chit says first, for who reads English and for who reads Thai.
REPRINT = ("REPRINT", "พิมพ์ซ้ำ")
MAYBE_REPEAT = ("MAYBE A REPEAT", "อาจพิมพ์ซ้ำ")
CANCELLED = ("CANCELLED", "ยกเลิก")
CHANGED = ("CHANGED", "แก้ไข")
COOK_AGAIN = ("COOK AGAIN", "ทำใหม่")
RUSH = ("RUSH", "ด่วน")


def has_printers() -> bool:
    return Zone.objects.exclude(printer="").exists()


def look(now: datetime) -> list[str]:
    """Make chits of what was fired or cancelled, give up what nobody needs any more, and tell what
    is late; return the printers with something to print now.
    """
    limit = now - timedelta(minutes=KitchenSettings.current().chit_limit_minutes)
    for ticket in to_be_printed(limit):
        make(ticket, Chit.Kind.FIRED, now)
    for ticket in changed_on_paper(limit, LEASE):
        make(ticket, Chit.Kind.CHANGED, now)
    for ticket in cancelled_on_paper(limit):
        make(ticket, Chit.Kind.CANCELLED, now)
    for chit in Chit.objects.to_print().select_related("ticket__tray", "ticket__zone"):
        if why := why_not_wanted(chit):
            is_first = chit.kind == Chit.Kind.FIRED
            drop(chit, now, why, Printed.NOT if is_first else Printed.PRINTED)
        elif chit.made_at < limit:
            tell_failed(chit, now)
            drop(chit, now, TOO_OLD, Printed.FAILED)
        elif chit.made_at < now - TOLD_AFTER:
            tell_failed(chit, now)
    first: dict[str, Chit] = {}
    for chit in Chit.objects.at_printers():
        first.setdefault(chit.ticket.zone.printer, chit)
    return [printer for printer, chit in first.items() if chit.is_due(now)]


def make(ticket: Ticket, kind: str, now: datetime) -> None:
    """Once for each ticket and kind, and each change, however many look."""
    changed_at = ticket.changed_at if kind == Chit.Kind.CHANGED else None
    of_change = int(changed_at.timestamp() * 1_000_000) if changed_at else 0
    try:
        with transaction.atomic():
            Chit.objects.create(
                ticket=ticket, kind=kind, of_change=of_change, made_at=now, next_try_at=now
            )
            note(ticket, Printed.WAITING)
    except IntegrityError:
        # Somebody else was faster, or the ticket is gone.
        return


def note(ticket: Ticket, printed: str) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(printed=printed)


def why_not_wanted(chit: Chit) -> str:
    """Nothing if it is to be printed. What somebody has asked for is always wanted."""
    if not chit.ticket.zone.printer:
        return "The zone has no printer any more."
    if chit.kind == Chit.Kind.CANCELLED or chit.is_reprint or is_to_be_cooked(chit.ticket):
        return ""
    return "Its ticket is finished, cancelled or held."


def is_to_be_cooked(ticket: Ticket) -> bool:
    return ticket.state in (TicketState.FIRED, TicketState.COOKING) and not ticket.cancel_requested


def drop(chit: Chit, now: datetime, why: str, printed: str) -> None:
    """Give it up, unless somebody is just printing it."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    with transaction.atomic():
        mine = Chit.objects.to_print().filter(free, pk=chit.pk)
        if mine.update(dropped_at=now, error=why):
            note(chit.ticket, printed)


def tell_failed(chit: Chit, now: datetime) -> None:
    """Once for each chit, however many look."""
    with transaction.atomic():
        late = Chit.objects.to_print().filter(pk=chit.pk, failed_at=None)
        if chit.failed_at is None and late.update(failed_at=now):
            note(chit.ticket, Printed.FAILED)
            publish(moves.told(ChitFailed, chit.ticket, why=chit.error or "Nothing prints."))


def claim_next(printer: str, now: datetime) -> Chit | None:
    """The printer's oldest chit, which is the caller's until the lease is over; None if it is not
    due, or somebody else has it.
    """
    chit = Chit.objects.at_printers().filter(ticket__zone__printer=printer).first()
    return chit if chit is not None and chit.is_due(now) and claim(chit, now) else None


def claim(chit: Chit, now: datetime) -> bool:
    """One of several that saw it like this. From now on it may be on paper, until it is known not
    to be: whoever claims it may die.
    """
    seen = Chit.objects.to_print().filter(pk=chit.pk, tries=chit.tries)
    return bool(seen.update(claimed_until=now + LEASE, tries=F("tries") + 1, maybe_repeat=True))


def slip_of(chit: Chit) -> Slip:
    """What stands on it, as the ticket is now."""
    ticket = chit.ticket
    marks: list[str] = []
    cancelled = chit.kind == Chit.Kind.CANCELLED or ticket.cancel_requested
    if cancelled or ticket.state == TicketState.VOID:
        marks += CANCELLED
    elif chit.kind == Chit.Kind.CHANGED:
        marks += CHANGED
    if ticket.refire:
        marks += COOK_AGAIN
    if ticket.tray.rushed_at is not None:
        marks += RUSH
    if chit.is_reprint:
        marks += REPRINT
    if chit.maybe_repeat:
        marks += MAYBE_REPEAT
    way = [f"from {ticket.previous_zone}"] if ticket.previous_zone else []
    way += [f"then {ticket.next_zone}"] if ticket.next_zone else []
    return Slip(
        marks=marks,
        zone=ticket.zone.name,
        label=ticket.tray.order_label,
        tray=ticket.tray.number,
        quantity=ticket.quantity,
        names=list(dict.fromkeys([ticket.name, ticket.name_th])),
        options=[in_both(option["name"], option["name_th"]) for option in ticket.options],
        note=ticket.to_read,
        way=", ".join(way),
        at=timezone.localtime(ticket.fired_at or chit.made_at),
    )


def in_both(name: str, name_th: str) -> str:
    return name if name == name_th else f"{name} {name_th}"


def printed(chit: Chit, now: datetime) -> None:
    """The printer has said that it is on paper."""
    with transaction.atomic():
        Chit.objects.filter(pk=chit.pk).update(printed_at=now, dropped_at=None, error="")
        told_failed = Ticket.objects.filter(pk=chit.ticket_id, printed=Printed.FAILED)
        if told_failed.update(printed=Printed.PRINTED):
            publish(moves.told(ChitPrinted, chit.ticket))
        else:
            note(chit.ticket, Printed.PRINTED)


def not_printed(chit: Chit, now: datetime, why: str, *, begun: bool) -> None:
    """The attempt failed. `begun`: a part of it may be on paper."""
    wait = min(FIRST_WAIT * (1 << min(chit.tries, 10)), LONGEST_WAIT)
    mine = Chit.objects.to_print().filter(pk=chit.pk, tries=chit.tries + 1)
    mine.update(
        claimed_until=None,
        next_try_at=now + wait,
        error=why[:200],
        maybe_repeat=begun or chit.maybe_repeat,
    )


def reprint(ticket_id: UUID) -> Ticket:
    """Print it again, marked as a reprint; what waits for the printer anyway is tried at once.

    Raises IllegalTransition if there is no printer, or nothing to print yet.
    """
    now = timezone.now()
    with transaction.atomic():
        ticket = find(ticket_id)
        if not ticket.zone.printer:
            raise IllegalTransition("Its zone has no printer.")
        if ticket.fired_at is None:
            raise IllegalTransition("It is not fired yet.")
        # Chits before their ticket, as in all that writes both.
        hurry(ticket.zone.printer, now)
        Ticket.objects.select_for_update().filter(pk=ticket_id).first()
        if not Chit.objects.to_print().filter(ticket=ticket).exists():
            Chit.objects.create(ticket=ticket, is_reprint=True, made_at=now, next_try_at=now)
            note(ticket, Printed.WAITING)
    return find(ticket_id)


def hurry(printer: str, now: datetime) -> None:
    """Try it again at once: somebody has just put paper in."""
    first = Chit.objects.at_printers().filter(ticket__zone__printer=printer).first()
    if first is not None:
        Chit.objects.filter(pk=first.pk).update(next_try_at=now)
