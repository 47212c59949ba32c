"""Tickets: reached by their task, then started, finished, recalled or stopped by a cook."""

from enum import Enum, auto
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from kitchen import moves
from kitchen.events import (
    TicketDone,
    TicketEvent,
    TicketFired,
    TicketRecalled,
    TicketRetried,
    TicketStarted,
    TicketStopped,
    TrayStarted,
)
from kitchen.lifecycle import FINISHED, OPEN, TICKET_MOVES, TicketState, TrayState
from kitchen.models import Ticket, Tray
from kitchen.services.trays import reopen
from restaurant.errors import IllegalTransition, NotFound
from restaurant.events.publish import publish


class Reached(Enum):
    """What a ticket's task finds when it comes."""

    PARKED = auto()
    GO_ON = auto()
    STALE = auto()


def reach(ticket_id: UUID, canvas: int, message: dict[str, Any]) -> Reached:
    """The ticket's task has come: fire the ticket and park the task's message on it.

    GO_ON when the ticket is finished already, STALE when the head chef has begun a newer canvas.
    """
    with transaction.atomic():
        # The tray's row first, as every move does: a recall beside this has happened, or will wait.
        tray = Tray.objects.select_for_update(of=("self",)).filter(tickets=ticket_id).first()
        if tray is None or tray.canvas != canvas or tray.state == TrayState.VOID:
            return Reached.STALE
        ticket = find(ticket_id)
        if ticket.state in FINISHED:
            return Reached.GO_ON
        if ticket.state not in OPEN:
            return Reached.STALE
        Ticket.objects.filter(pk=ticket_id).update(parked=message, parked_canvas=canvas)
        if moves.move_tickets("fire", having={"pk": ticket_id}, fired_at=timezone.now()):
            publish(told(TicketFired, ticket))
    return Reached.PARKED


def start(ticket_id: UUID) -> Ticket:
    """A cook begins."""
    with transaction.atomic():
        ticket = find(ticket_id)
        if press(ticket, "start", started_at=timezone.now()):
            publish(told(TicketStarted, ticket))
            if Tray.objects.filter(pk=ticket.tray_id, started_at=None).update(
                started_at=timezone.now()
            ):
                tray = ticket.tray
                publish(TrayStarted(order_ref=tray.order_ref, tray_ref=tray.pk, tray=tray.number))
    return find(ticket_id)


def finish(ticket_id: UUID) -> Ticket:
    """A cook is done: the parked task goes on."""
    with transaction.atomic():
        ticket = find(ticket_id)
        now = timezone.now()
        if press(ticket, "done", done_at=now, finished_at=now):
            publish(told(TicketDone, ticket), release=release(ticket_id))
    return find(ticket_id)


def recall(ticket_id: UUID) -> Ticket:
    """Take a finished ticket back to cooking, and its tray back from the pass.

    Not once the track's next ticket is cooking or done, or the tray has left.
    """
    with transaction.atomic():
        ticket = find(ticket_id)
        if ticket.state == TicketState.COOKING:
            return ticket
        moves.take(ticket.tray_id)
        following = Ticket.objects.filter(
            tray=ticket.tray_id, track=ticket.track, position__gt=ticket.position
        )
        if following.filter(state__in=[TicketState.COOKING, TicketState.DONE]).exists():
            raise IllegalTransition("The next zone has begun with it already.")
        if find(ticket_id).tray.state not in (TrayState.WAITING, TrayState.READY):
            raise IllegalTransition("The tray has left the pass.")
        if press(ticket, "recall", done_at=None, finished_at=None, parked=None):
            moves.move_tickets("hold", having={"pk__in": following}, fired_at=None, parked=None)
            reopen(ticket.tray)
            publish(told(TicketRecalled, ticket))
    return find(ticket_id)


def stop(ticket_id: UUID) -> Ticket:
    """A cook confirms that a cancelled ticket is not cooked on; what was begun is waste."""
    with transaction.atomic():
        ticket = find(ticket_id)
        if ticket.state == TicketState.COOKING and not ticket.cancel_requested:
            raise IllegalTransition("Nobody has cancelled this; done finishes it.")
        if press(ticket, "stop", finished_at=timezone.now()):
            publish(told(TicketStopped, ticket, quantity=ticket.quantity))
    return find(ticket_id)


def retry(ticket_id: UUID) -> Ticket:
    """Try a quarantined ticket again, with all its attempts."""
    with transaction.atomic():
        ticket = find(ticket_id)
        if press(ticket, "retry", attempts=0, parked=None, parked_canvas=None):
            Tray.objects.filter(pk=ticket.tray_id).update(driven_at=timezone.now())
            publish(told(TicketRetried, ticket))
    return find(ticket_id)


def press(ticket: Ticket, verb: str, **also: Any) -> bool:
    """Make the move; False if the same press came before. Raises IllegalTransition."""
    move = TICKET_MOVES[verb]
    if ticket.state == move.to:
        return False
    moves.take(ticket.tray_id)
    having: dict[str, Any] = {"pk": ticket.pk}
    if verb == "done":
        having["cancel_requested"] = False
    if moves.move_tickets(verb, having=having, **also):
        return True
    ticket.refresh_from_db()
    if ticket.state == move.to:
        return False
    if ticket.cancel_requested:
        raise IllegalTransition("It was cancelled: confirm with stop.", state=ticket.state)
    raise IllegalTransition(
        f"It is {ticket.state}; {verb} is possible when it is {' or '.join(move.sources)}.",
        state=ticket.state,
    )


def release(ticket_id: UUID) -> dict[str, Any] | None:
    """Take the parked message off the ticket, if it belongs to the tray's canvas of now."""
    parked = Ticket.objects.filter(pk=ticket_id, parked_canvas=F("tray__canvas"))
    message: dict[str, Any] | None = parked.values_list("parked", flat=True).first()
    Ticket.objects.filter(pk=ticket_id).update(parked=None)
    return message


def find(ticket_id: UUID) -> Ticket:
    """The ticket with its tray; raises NotFound."""
    ticket = Ticket.objects.select_related("tray").filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound("There is no such ticket.")
    return ticket


def told(event: type[TicketEvent], ticket: Ticket, **more: Any) -> TicketEvent:
    return event(
        order_ref=ticket.tray.order_ref,
        tray_ref=ticket.tray_id,
        tray=ticket.tray.number,
        ticket_ref=ticket.pk,
        zone=ticket.zone_id,
        item=ticket.item,
        **more,
    )
