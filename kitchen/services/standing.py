"""How far trays and their lines are: rows in, nothing written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db.models import Prefetch

from kitchen.lifecycle import PART_STATES, TicketState, TrayState, line_state
from kitchen.models import Ticket, Tray


@dataclass(frozen=True)
class TrayProgress:
    """How far one tray is, and each of its order lines."""

    state: str
    expected_at: datetime | None
    lines: dict[UUID, str]


@dataclass(frozen=True)
class Progress:
    """How far the kitchen is with one order; trays by number. `version` grows with every move."""

    trays: dict[int, TrayProgress]
    version: int


def progress(order_refs: Iterable[UUID]) -> dict[UUID, Progress]:
    """How far the kitchen is with each of these orders; an order not opened yet has no trays."""
    tickets = Prefetch("tickets", queryset=Ticket.objects.to_show())
    trays = Tray.objects.filter(order_ref__in=order_refs).prefetch_related(tickets)
    found: dict[UUID, Progress] = {ref: Progress({}, 0) for ref in order_refs}
    for tray in trays:
        before = found[tray.order_ref]
        of_tray = TrayProgress(tray.state, tray.expected_at, lines_on(tray))
        found[tray.order_ref] = Progress(
            {**before.trays, tray.number: of_tray}, before.version + tray.version
        )
    return found


def lines_on(tray: Tray) -> dict[UUID, str]:
    """How far each line of the tray is; the tray's tickets are loaded with it."""
    lines: dict[UUID, list[Ticket]] = {}
    for ticket in tray.tickets.all():
        lines.setdefault(ticket.line_ref, []).append(ticket)
    found = {line: state_on(tray, last_cooked(tickets)) for line, tickets in lines.items()}
    return found | {UUID(line): "cancelled" for line in tray.void_lines}


def last_cooked(tickets: Iterable[Ticket]) -> list[Ticket]:
    """Of all tickets of a line those that count: what it was refired with last."""
    tickets = list(tickets)
    last = max(ticket.refire for ticket in tickets)
    return [ticket for ticket in tickets if ticket.refire == last]


def state_on(tray: Tray, tickets: list[Ticket]) -> str:
    """What left with a tray stays served, though the tray waits again for something else."""
    served_at = tray.served_at
    with_the_guest = served_at is not None and all(
        ticket.finished_at is not None and ticket.finished_at <= served_at for ticket in tickets
    )
    states = [ticket.state for ticket in tickets]
    return line_state(states, TrayState.SERVED if with_the_guest else tray.state)


@dataclass(frozen=True)
class Part:
    """One step of a line: the zone that makes it, and how far it is: waiting, cooking or ready."""

    name: str
    name_th: str
    state: str


def parts_of(order_ref: UUID) -> dict[UUID, list[list[Part]]]:
    """For each line of the order its tracks, which go on beside each other, step by step."""
    tickets = Ticket.objects.filter(tray__order_ref=order_ref).to_show().select_related("zone")
    by_line: dict[UUID, list[Ticket]] = {}
    for ticket in tickets.order_by("track", "position"):
        by_line.setdefault(ticket.line_ref, []).append(ticket)
    return {line: tracks_of(last_cooked(tickets)) for line, tickets in by_line.items()}


def tracks_of(tickets: Iterable[Ticket]) -> list[list[Part]]:
    """These tickets, in the order of their tracks, as a guest sees them."""
    cooked = [ticket for ticket in tickets if ticket.state != TicketState.VOID]
    return [
        [
            Part(one.zone.name, one.zone.name_th, PART_STATES[TicketState(one.state)])
            for one in steps
        ]
        for _track, steps in groupby(cooked, key=lambda ticket: ticket.track)
    ]


def trays_of(order_ref: UUID) -> list[Tray]:
    """The order's trays with their tickets, for people to look at."""
    tickets = Ticket.objects.to_show().order_by("track", "position")
    trays = Tray.objects.of_order(order_ref)
    return list(trays.prefetch_related(Prefetch("tickets", queryset=tickets)))
