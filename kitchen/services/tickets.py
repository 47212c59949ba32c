"""Tickets: started, finished, recalled or stopped by a cook."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from kitchen import moves
from kitchen.events import TicketRecalled, TicketRetried, TicketStopped
from kitchen.lifecycle import TICKET_MOVES, TicketState, TrayState
from kitchen.models import Ticket, Tray
from kitchen.services.trays import reopen
from restaurant.errors import IllegalTransition, NotFound
from restaurant.events.publish import publish


def counts(ticket_id: UUID, canvas: int) -> bool:
    """The ticket is finished, and its part belongs to the tray's canvas of now."""
    return Ticket.objects.finished_on(ticket_id, canvas)


# `seen` is how often the ticket had been recalled when the cook looked at it. A press that comes
# late, because its screen was cut off, must not finish what was taken back meanwhile.


def start(ticket_id: UUID, seen: int | None = None) -> Ticket:
    """A cook begins."""
    return moves.start(ticket_id, seen) or pressed_already(ticket_id, "start", seen)


def finish(ticket_id: UUID, seen: int | None = None) -> Ticket:
    """A cook is done: the ticket's message goes out, and the next of its track is fired."""
    return moves.done(ticket_id, seen) or pressed_already(ticket_id, "done", seen)


def recall(ticket_id: UUID, seen: int | None = None) -> Ticket:
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
        if find(ticket_id).wasted:
            raise IllegalTransition("It was cancelled, or is cooked anew.")
        if find(ticket_id).tray.state not in (TrayState.WAITING, TrayState.READY):
            raise IllegalTransition("The tray has left the pass.")
        again = {
            "done_at": None,
            "parked": None,
            "over_limit_at": None,
            "recalls": F("recalls") + 1,
        }
        if press(ticket, "recall", seen=seen, **again):
            moves.move_tickets("hold", having={"pk__in": following}, fired_at=None, parked=None)
            reopen(ticket.tray)
            publish(moves.told(TicketRecalled, ticket))
    return find(ticket_id)


def stop(ticket_id: UUID, seen: int | None = None) -> Ticket:
    """A cook confirms that a cancelled ticket is not cooked on; what was begun is waste.

    Its message goes out as with *done*: what is left of its tray may be complete with it.
    """
    with transaction.atomic():
        ticket = find(ticket_id)
        if ticket.state == TicketState.COOKING and not ticket.cancel_requested:
            raise IllegalTransition("Nobody has cancelled this; done finishes it.")
        if press(ticket, "stop", seen=seen, parked=None):
            tray = Tray.objects.get(pk=ticket.tray_id)
            message = ticket.parked if ticket.parked_canvas == tray.canvas else None
            news = moves.told(TicketStopped, ticket, quantity=ticket.quantity)
            publish(news, release=message)
    return find(ticket_id)


def retry(ticket_id: UUID) -> Ticket:
    """Try a quarantined ticket again, with all its attempts."""
    with transaction.atomic():
        ticket = find(ticket_id)
        if press(ticket, "retry", attempts=0, parked=None, parked_canvas=None):
            Tray.objects.filter(pk=ticket.tray_id).update(driven_at=timezone.now())
            publish(moves.told(TicketRetried, ticket))
    return find(ticket_id)


def press(ticket: Ticket, verb: str, *, seen: int | None = None, **also: Any) -> bool:
    """Make the move; False if the same press came before. Raises IllegalTransition."""
    if ticket.state == TICKET_MOVES[verb].to:
        return False
    moves.take(ticket.tray_id)
    if moves.move_tickets(verb, having=moves.as_seen(ticket.pk, seen), **also):
        return True
    pressed_already(ticket.pk, verb, seen)
    return False


def pressed_already(ticket_id: UUID, verb: str, seen: int | None = None) -> Ticket:
    """The ticket, where the press would bring it. Raises IllegalTransition if it is not there."""
    move, ticket = TICKET_MOVES[verb], find(ticket_id)
    if ticket.state == move.to:
        return ticket
    if ticket.cancel_requested:
        raise IllegalTransition("It was cancelled: confirm with stop.", state=ticket.state)
    if seen not in (None, ticket.recalls):
        raise IllegalTransition("It was taken back since you looked.", state=ticket.state)
    raise IllegalTransition(
        f"It is {ticket.state}; {verb} is possible when it is {' or '.join(move.sources)}.",
        state=ticket.state,
    )


def find(ticket_id: UUID) -> Ticket:
    """The ticket with its tray; raises NotFound."""
    ticket = moves.with_tray(ticket_id)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    return ticket
