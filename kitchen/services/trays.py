"""Trays: opened, driven by the head chef, plated at the pass, served, or void."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Prefetch, Q
from django.utils import timezone

from kitchen import moves
from kitchen.events import TicketFired, TrayReopened, TrayServed, TrayVoided
from kitchen.lifecycle import FINISHED, OPEN, TicketState, TrayState, line_state
from kitchen.models import KitchenSettings, MenuItem, Ticket, Tray
from kitchen.services.plans import plan
from kitchen.services.queues import Kitchen
from kitchen.services.reservations import Wanted, give_back, recipe_tracks
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


def open_order(
    order_ref: UUID,
    label: str,
    promised_at: Mapping[int, datetime | None],
    lines: list[dict[str, Any]],
    call_out: CallOut,
) -> None:
    """Make the order's trays and their tickets, call them out, and fire what is due.

    `lines` are {"line", "item", "quantity", "tray", "note", "course"}. A tray for which nothing is
    promised is held back. One that exists already is void: its cancellation came first, and nothing
    of it is cooked.
    """
    menu = MenuItem.objects.prefetch_related("steps").in_bulk({line["item"] for line in lines})
    cancelled = set(Tray.objects.of_order(order_ref).values_list("number", flat=True))
    courses = {line["tray"]: line["course"] for line in lines}
    trays = {
        number: Tray(
            order_ref=order_ref,
            order_label=label,
            number=number,
            promised_at=promised,
            expected_at=promised,
            course=courses[number],
            held_back=promised is None,
            canvas=1,
        )
        for number, promised in promised_at.items()
        if number not in cancelled
    }
    tickets: list[Ticket] = []
    for number, tray in trays.items():
        ordered = [line for line in lines if line["tray"] == number]
        tickets += park(Canvas(tray.pk, tray.canvas, [*tickets_of(tray, ordered, menu)]), call_out)
    with transaction.atomic(savepoint=False):
        due = pace_new([*trays.values()], tickets)
        Tray.objects.bulk_create(trays.values())
        Ticket.objects.bulk_create(tickets)
        fire(due)


def pace_new(trays: list[Tray], tickets: list[Ticket]) -> list[Ticket]:
    """Give an order that is being opened its times; return what is to be fired at once."""
    house = KitchenSettings.current()
    called = [tray for tray in trays if not tray.held_back]
    ours = [ticket for ticket in tickets if not ticket.tray.held_back]
    if not (house.pacing and called):
        return [ticket for ticket in ours if ticket.position == 1]
    found = plan(called, [*Ticket.objects.to_do(), *ours], Kitchen.of(house))
    for tray in called:
        tray.expected_at = found.expected[tray.pk]
    return found.due


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
        moves.move_tickets("fire", having={"pk__in": held}, fired_at=timezone.now())
        publish(*[moves.told(TicketFired, ticket) for ticket in held.values()])


def tickets_of(
    tray: Tray, lines: list[dict[str, Any]], menu: Mapping[str, MenuItem]
) -> Iterator[Ticket]:
    """A ticket for each step of each line, track by track."""
    scale = KitchenSettings.current().time_scale
    parts = [
        (line, steps) for line in lines for steps in recipe_tracks(menu[line["item"]].steps.all())
    ]
    for track, (line, steps) in enumerate(parts, start=1):
        zones = ["", *(step.zone_id for step in steps), ""]
        fire_at = timezone.now()
        for position, step in enumerate(steps, start=1):
            yield Ticket(
                tray=tray,
                line_ref=line["line"],
                item=line["item"],
                name=menu[line["item"]].name,
                name_th=menu[line["item"]].name_th,
                quantity=line["quantity"],
                note=line["note"],
                zone_id=step.zone_id,
                previous_zone=zones[position - 1],
                next_zone=zones[position + 1],
                track=track,
                position=position,
                prep_seconds=step.prep_seconds,
                fire_at=fire_at,
            )
            fire_at += timedelta(seconds=step.prep_seconds / scale)


def drive(tray_id: UUID, call_out: CallOut) -> None:
    """Begin a new canvas for the tray from its tickets as they are, if it waits.

    Messages of older canvases end without an effect. What is fired or cooking stays so.
    """
    with transaction.atomic():
        moves.take_order(Tray.objects.values_list("order_ref", flat=True).get(pk=tray_id))
        if not Tray.objects.filter(pk=tray_id, state=TrayState.WAITING).update(
            canvas=F("canvas") + 1, driven_at=timezone.now()
        ):
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
        if tray.tickets.exclude(state=TicketState.VOID).exists():
            return False
        return void_tray(tray, "There is nothing of it to cook.")


def reopen(tray: Tray) -> None:
    """Make a ready tray wait again; a tray that waits already only gets a new canvas.

    The new canvas makes sure that `tray.ready` is told once per canvas, whoever plates late.
    """
    Tray.objects.filter(pk=tray.pk).update(canvas=F("canvas") + 1, driven_at=timezone.now())
    if moves.move_tray(tray.pk, "reopen", ready_at=None):
        publish(TrayReopened(order_ref=tray.order_ref, tray_ref=tray.id, tray=tray.number))


def serve(order_ref: UUID, number: int | None = None) -> None:
    """Serve one tray, or all that was called for. A tray served already stays so.

    Raises IllegalTransition if one is not ready.
    """
    with transaction.atomic():
        trays = moves.take_order(order_ref)
        chosen = [tray for tray in trays if number in (None, tray.number)]
        if not chosen:
            raise IllegalTransition("The kitchen has not opened it yet.")
        for tray in chosen:
            left_already = tray.state == TrayState.SERVED
            nothing_to_serve = tray.held_back or tray.state == TrayState.VOID
            if left_already or (number is None and nothing_to_serve):
                continue
            if not moves.move_tray(tray.pk, "serve", served_at=timezone.now()):
                raise IllegalTransition(
                    f"Tray {tray.number} is {tray.state}, not ready.", tray=tray.number
                )
            publish(TrayServed(order_ref=order_ref, tray_ref=tray.id, tray=tray.number))


def void(order_ref: UUID, label: str, lines: Iterable[Wanted], reason: str) -> None:
    """Cook nothing more of the order, and give back the portions of what was not begun.

    What is cooking is marked; its cook confirms the stop. Trays that the kitchen has not opened yet
    are made void, so that opening them later finds nothing to cook.
    """
    by_tray: dict[int, list[Wanted]] = {}
    for line in lines:
        by_tray.setdefault(line.tray, []).append(line)
    untouched: list[Wanted] = []
    with transaction.atomic():
        for number, wanted in sorted(by_tray.items()):
            tray, _ = Tray.objects.get_or_create(
                order_ref=order_ref, number=number, defaults={"order_label": label}
            )
            moves.take(tray.id)
            begun = Ticket.objects.filter(tray=tray, started_at__isnull=False)
            begun_lines = set(begun.values_list("line_ref", flat=True))
            void_tray(tray, reason)
            untouched += [line for line in wanted if line.counted and line.line not in begun_lines]
        give_back(untouched)


def void_tray(tray: Tray, reason: str) -> bool:
    """Void the tray and what of it nobody has begun. Its parked tasks are never released."""
    if not moves.move_tray(tray.pk, "void", canvas=F("canvas") + 1):
        return False
    moves.move_tickets("void", having={"tray": tray.pk}, parked=None)
    Ticket.objects.filter(tray=tray, state=TicketState.COOKING).update(cancel_requested=True)
    publish(TrayVoided(order_ref=tray.order_ref, tray_ref=tray.id, tray=tray.number, reason=reason))
    return True


def progress(order_refs: Iterable[UUID]) -> dict[UUID, Progress]:
    """How far the kitchen is with each of these orders; an order not opened yet has no trays."""
    tickets = Prefetch("tickets", queryset=Ticket.objects.to_show())
    trays = Tray.objects.filter(order_ref__in=order_refs).prefetch_related(tickets)
    found: dict[UUID, Progress] = {ref: Progress({}, 0) for ref in order_refs}
    for tray in trays:
        states: dict[UUID, list[str]] = {}
        for ticket in tray.tickets.all():
            states.setdefault(ticket.line_ref, []).append(ticket.state)
        lines = {line: line_state(tickets, tray.state) for line, tickets in states.items()}
        before = found[tray.order_ref]
        found[tray.order_ref] = Progress(
            {**before.trays, tray.number: TrayProgress(tray.state, tray.expected_at, lines)},
            before.version + tray.version,
        )
    return found


def trays_of(order_ref: UUID) -> list[Tray]:
    """The order's trays with their tickets, for people to look at."""
    tickets = Ticket.objects.to_show().order_by("track", "position")
    trays = Tray.objects.of_order(order_ref)
    return list(trays.prefetch_related(Prefetch("tickets", queryset=tickets)))
