"""What the cooks must read beside a dish."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kitchen import moves
from kitchen.exceptions import NotOpenedYet
from kitchen.lifecycle import TicketChange
from kitchen.models import Ticket, Tray
from kitchen.services.lines import lines_not_heard_of
from restaurant.events.publish import publish


def change_notes(
    order_ref: UUID, version: int, notes: Mapping[str, str], allergies: str = ""
) -> None:
    """Put the note of each line, and the allergies, on those of its tickets that are not finished.

    `version` is that of the order: an older change that is heard later changes nothing. Raises
    NotOpenedYet when it is heard before the order itself; then it is told again.
    """
    with transaction.atomic(savepoint=False):
        trays = moves.take_order(order_ref)
        if not trays or lines_not_heard_of(trays, notes):
            raise NotOpenedYet()
        older = [tray.pk for tray in trays if tray.noted_version < version]
        unfinished = Ticket.objects.filter(tray__in=older, finished_at=None)
        for line, note in notes.items():
            unfinished.filter(line_ref=line).exclude(note=note, allergies=allergies).update(
                note=note,
                allergies=allergies,
                change=TicketChange.NOTE,
                changed_at=timezone.now(),
            )
        Tray.objects.filter(pk__in=older).update(noted_version=version)
        publish(*moves.changed(tray for tray in trays if tray.pk in older))
