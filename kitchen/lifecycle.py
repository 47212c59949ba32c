"""The states of trays and tickets, and every move between them, keyed by its verb."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TrayState(TextChoices):
    WAITING = "waiting", _("Waiting")
    READY = "ready", _("Ready")
    SERVED = "served", _("Served")
    VOID = "void", _("Void")


class TicketState(TextChoices):
    HELD = "held", _("Held")
    FIRED = "fired", _("Fired")
    COOKING = "cooking", _("Cooking")
    DONE = "done", _("Done")
    VOID = "void", _("Void")
    QUARANTINED = "quarantined", _("Quarantined")


class TicketChange(TextChoices):
    """What was changed last about a ticket, for whoever cooks."""

    ADDED = "added", _("Added")
    CANCELLED = "cancelled", _("Cancelled")
    NOTE = "note", _("Note")
    REFIRED = "refired", _("Cooked again")


#: Nothing more will be cooked for these.
FINISHED = (TicketState.DONE, TicketState.VOID)
UNFINISHED = tuple(state for state in TicketState if state not in FINISHED)
#: The kitchen still has these to do.
OPEN = (TicketState.HELD, TicketState.FIRED, TicketState.COOKING)

#: What a guest is told of a part; of a void one nothing.
PART_STATES = {
    TicketState.HELD: "waiting",
    TicketState.FIRED: "waiting",
    TicketState.QUARANTINED: "waiting",
    TicketState.COOKING: "cooking",
    TicketState.DONE: "ready",
}


@dataclass(frozen=True)
class Move:
    """From any of `sources` to `to`; nothing else is legal."""

    sources: tuple[str, ...]
    to: str


TRAY_MOVES = {
    "plate": Move((TrayState.WAITING,), TrayState.READY),
    "reopen": Move((TrayState.READY,), TrayState.WAITING),
    # A part of it is cooked once more; the guest may have sent it back.
    "refire": Move((TrayState.READY, TrayState.SERVED), TrayState.WAITING),
    "serve": Move((TrayState.READY,), TrayState.SERVED),
    "void": Move((TrayState.WAITING, TrayState.READY), TrayState.VOID),
}

TICKET_MOVES = {
    "fire": Move((TicketState.HELD,), TicketState.FIRED),
    "hold": Move((TicketState.FIRED,), TicketState.HELD),
    "start": Move((TicketState.FIRED,), TicketState.COOKING),
    "done": Move((TicketState.COOKING,), TicketState.DONE),
    "recall": Move((TicketState.DONE,), TicketState.COOKING),
    "stop": Move((TicketState.COOKING,), TicketState.VOID),
    "void": Move((TicketState.HELD, TicketState.FIRED, TicketState.QUARANTINED), TicketState.VOID),
    "quarantine": Move((TicketState.HELD, TicketState.FIRED), TicketState.QUARANTINED),
    "retry": Move((TicketState.QUARANTINED,), TicketState.HELD),
}


def line_state(tickets: Iterable[str], tray: str) -> str:
    """What a guest is told of an order line, from the states of its tickets and its tray."""
    states = set(tickets)
    if tray == TrayState.VOID or states <= {TicketState.VOID}:
        return "cancelled"
    if tray == TrayState.SERVED:
        return "served"
    if states <= set(FINISHED):
        return "ready"
    if states & {TicketState.COOKING, TicketState.DONE}:
        return "cooking"
    return "waiting"
