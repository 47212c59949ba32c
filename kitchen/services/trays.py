"""Trays: driven by the head chef, plated at the pass, served, or void."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from kitchen import moves
from kitchen.events import TicketFired, TrayReopened, TrayServed, TrayVoided
from kitchen.lifecycle import FINISHED, OPEN, TicketState, TrayState
from kitchen.models import KitchenSettings, Ticket, Tray
from kitchen.services.reservations import Wanted, give_back
from kitchen.services.standing import lines_on
from restaurant.errors import IllegalTransition
from restaurant.events.publish import publish


@dataclass(frozen=True)
class Canvas:
    """What the head chef calls out for one tray: those of its tickets that are to be cooked."""

    tray: UUID
    number: int
    tickets: list[Ticket]


#: How the head chef calls a canvas out: a message for each of its tickets, to be parked there.
CallOut = Callable[[Canvas], list[dict[str, Any]]]


def park(canvas: Canvas, call_out: CallOut) -> list[Ticket]:
    """Put each ticket's message on it, not saved yet."""
    if canvas.tickets:
        for ticket, message in zip(canvas.tickets, call_out(canvas), strict=True):
            ticket.parked, ticket.parked_canvas = message, canvas.number
    return canvas.tickets


def fire(tickets: Iterable[Ticket]) -> None:
    """Tell the zones to begin with these, whose rows no one else can move now."""
    held = {ticket.pk: ticket for ticket in tickets if ticket.state == TicketState.HELD}
    if held:
        now = timezone.now()
        moves.move_tickets("fire", having={"pk__in": held}, fired_at=now)
        publish(*[moves.told(TicketFired, ticket) for ticket in held.values()], at=now)


def drive(tray_id: UUID, call_out: CallOut) -> None:
    """Begin a new canvas for the tray from its tickets as they are, if it waits and was opened.

    Messages of older canvases end without an effect. What is fired or cooking stays so.
    """
    with transaction.atomic():
        moves.take_order(Tray.objects.values_list("order_ref", flat=True).get(pk=tray_id))
        waiting = Tray.objects.filter(pk=tray_id, state=TrayState.WAITING, canvas__gt=0)
        if not waiting.update(canvas=F("canvas") + 1, driven_at=timezone.now()):
            return
        number = Tray.objects.values_list("canvas", flat=True).get(pk=tray_id)
        unfinished = [
            *Ticket.objects.filter(tray=tray_id)
            .exclude(state__in=FINISHED)
            .select_related("tray")
            .order_by("track", "position")
        ]
        to_cook = [ticket for ticket in unfinished if ticket.state in OPEN]
        parked = park(Canvas(tray_id, number, to_cook), call_out)
        Ticket.objects.bulk_update(parked, ["parked", "parked_canvas"])
        fire(due_now(tray_id))
        if not unfinished:
            plate(tray_id, number)


def due_now(tray_id: UUID) -> Iterable[Ticket]:
    """What of a tray that is driven must not wait for the pacer."""
    first = Ticket.objects.may_fire().filter(tray=tray_id, tray__held_back=False)
    first = first.select_related("tray")
    if not KitchenSettings.current().pacing:
        return first
    return first.filter(Q(position__gt=1) | Q(fire_at__lte=timezone.now()))


def plate(tray_id: UUID, canvas: int) -> bool:
    """Put the tray at the pass if everything of it is done; True if this call did it."""
    tray = Tray.objects.get(pk=tray_id)
    return moves.plate(tray, canvas) or void_if_empty(tray_id, canvas)


def void_if_empty(tray_id: UUID, canvas: int) -> bool:
    """There is nothing to cook on the tray."""
    with transaction.atomic():
        moves.take(tray_id)
        tray = Tray.objects.get(pk=tray_id)
        if (tray.canvas, tray.state) != (canvas, TrayState.WAITING):
            return False
        thrown_away = Q(state=TicketState.VOID) | Q(state=TicketState.DONE, wasted=True)
        if tray.tickets.exclude(thrown_away).exists():
            return False
        return void_tray(tray, "Nothing of it is left to cook.")


def reopen(tray: Tray, verb: str = "reopen") -> None:
    """Make a ready tray wait again; a tray that waits already only gets a new canvas.

    The new canvas makes sure that `tray.ready` is told once per canvas, whoever plates late.
    """
    Tray.objects.filter(pk=tray.pk).update(canvas=F("canvas") + 1, driven_at=timezone.now())
    if moves.move_tray(tray.pk, verb, ready_at=None, over_limit_at=None):
        publish(TrayReopened(order_ref=tray.order_ref, tray_ref=tray.id, tray=tray.number))


def serve(order_ref: UUID, number: int | None = None) -> bool:
    """Serve one tray, or all that was called for; True if one left.

    A tray served already stays so.

    Raises IllegalTransition if one is not ready.
    """
    with transaction.atomic():
        trays = moves.take_order(order_ref)
        chosen = [tray for tray in trays if number in (None, tray.number)]
        if not chosen:
            raise IllegalTransition("The kitchen has not opened it yet.")
        to_serve = [
            tray
            for tray in chosen
            if tray.state != TrayState.SERVED
            and (number or not (tray.held_back or tray.state == TrayState.VOID))
        ]
        now = timezone.now()
        for tray in to_serve:
            if not moves.move_tray(tray.pk, "serve", served_at=now):
                raise IllegalTransition(
                    f"Tray {tray.number} is {tray.state}, not ready.", tray=tray.number
                )
            news = TrayServed(order_ref=order_ref, tray_ref=tray.id, tray=tray.number)
            publish(news, at=now)
    return bool(to_serve)


def void(order_ref: UUID, label: str, lines: Iterable[Wanted], reason: str) -> list[UUID]:
    """Cook nothing more of the order, and give back the portions of what was not begun.

    Returns the lines that the guest does not get: what is served stays so.

    What is cooking is marked; its cook confirms the stop. Trays that the kitchen has not opened yet
    are made void, so that opening them later finds nothing to cook.
    """
    by_tray: dict[int, list[Wanted]] = {}
    for line in lines:
        by_tray.setdefault(line.tray, []).append(line)
    untouched: list[Wanted] = []
    gone: list[UUID] = []
    with transaction.atomic():
        for number, wanted in sorted(by_tray.items()):
            tray, _ = Tray.objects.get_or_create(
                order_ref=order_ref, number=number, defaults={"order_label": label}
            )
            moves.take(tray.id)
            begun = Ticket.objects.filter(tray=tray, started_at__isnull=False)
            begun_lines = set(begun.values_list("line_ref", flat=True))
            states = lines_on(tray)
            left = [line.line for line in wanted if states.get(line.line) != "served"]
            if void_tray(tray, reason, left):
                forget_lines(tray, left)
                gone += left
            untouched += [line for line in wanted if line.counted and line.line not in begun_lines]
        give_back(untouched)
    return gone


def void_tray(tray: Tray, reason: str, lines: Collection[UUID] = ()) -> bool:
    """Void the tray and what of it nobody has begun. Its parked tasks are never released.

    `lines` are those that the guest does not get with it.
    """
    if not moves.move_tray(tray.pk, "void", canvas=F("canvas") + 1):
        return False
    moves.move_tickets("void", having={"tray": tray.pk}, parked=None)
    Ticket.objects.filter(tray=tray, state=TicketState.COOKING).update(cancel_requested=True)
    publish(
        TrayVoided(
            order_ref=tray.order_ref,
            tray_ref=tray.id,
            tray=tray.number,
            reason=reason,
            lines=[str(line) for line in lines],
        )
    )
    return True


def forget_lines(tray: Tray, lines: Iterable[UUID]) -> None:
    """Of these nothing more is cooked, also when the kitchen hears of them only now."""
    tray.void_lines = sorted({*tray.void_lines, *map(str, lines)})
    Tray.objects.filter(pk=tray.pk).update(void_lines=tray.void_lines)
