"""The one place that writes the state of a tray or a ticket."""

from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from kitchen.lifecycle import TICKET_MOVES, TRAY_MOVES
from kitchen.models import Ticket, Tray


def take(tray_id: UUID) -> None:
    """Take the tray's row until the commit, and raise its version.

    Whoever starts, finishes, recalls or voids tickets takes it first, and whoever counts them: two
    last parts that finish at once must not both see the other one unfinished.
    """
    Tray.objects.filter(pk=tray_id).update(version=F("version") + 1, touched_at=timezone.now())


def move_tray(tray_id: UUID, verb: str, **also: Any) -> bool:
    """Make the move if it is legal from the present state; False if it is not."""
    move = TRAY_MOVES[verb]
    return bool(
        Tray.objects.filter(pk=tray_id, state__in=move.sources).update(
            state=move.to, version=F("version") + 1, touched_at=timezone.now(), **also
        )
    )


def move_tickets(verb: str, *, having: dict[str, Any], **also: Any) -> int:
    """Make the move for all tickets that match `having` and may make it; return how many did."""
    move = TICKET_MOVES[verb]
    return Ticket.objects.filter(state__in=move.sources, **having).update(state=move.to, **also)
