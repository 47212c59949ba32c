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
from kitchen.events import LineRefused, TicketFired, TrayReopened, TrayServed, TrayVoided
from kitchen.lifecycle import FINISHED, OPEN, TicketState, TrayState, line_state
from kitchen.models import KitchenSettings, MenuItem, Option, Ticket, Tray
from kitchen.services.options import as_chosen, options_called
from kitchen.services.plans import plan
from kitchen.services.queues import Kitchen
from kitchen.services.recipes import LineTrack, tracks_of
from kitchen.services.reservations import Wanted, give_back
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

    `lines` are {"line", "item", "quantity", "tray", "note", "allergies", "options", "course"}. A
    tray for which nothing is promised is held back. Of one that exists already a change came first:
    it is opened as it was changed, and nothing of it is cooked if it is void.
    """
    menu = menu_of(lines)
    courses = {line["tray"]: line["course"] for line in lines}
    with transaction.atomic(savepoint=False):
        changed = {tray.number: tray for tray in moves.take_order(order_ref)}
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
            if number not in changed
        }
        tickets: list[Ticket] = []
        for number, tray in trays.items():
            made = list(tickets_of(tray, on_tray(number, lines), menu))
            tickets += park(Canvas(tray.pk, tray.canvas, made), call_out)
        due = pace_new([*trays.values()], tickets)
        Tray.objects.bulk_create(trays.values())
        Ticket.objects.bulk_create(tickets)
        fire(due)
        for number, tray in trays.items():
            refuse_without_steps(tray, on_tray(number, lines), menu)
        for number, tray in changed.items():
            if tray.state == TrayState.WAITING and tray.canvas == 0:
                ordered = on_tray(number, lines)
                open_as_changed(tray, promised_at[number], ordered, menu, call_out)


def pace_new(trays: list[Tray], tickets: list[Ticket]) -> list[Ticket]:
    """Give tickets that are not saved yet their times; return what is to be fired at once.

    `trays` are theirs, and come to be expected as all is planned now.
    """
    house = KitchenSettings.current()
    called = [tray for tray in trays if not tray.held_back]
    ours = [ticket for ticket in tickets if not ticket.tray.held_back]
    if not (house.pacing and ours):
        return [ticket for ticket in ours if ticket.position == 1]
    found = plan(called, [*Ticket.objects.to_do(), *ours], Kitchen.of(house))
    for tray in called:
        tray.expected_at = found.expected.get(tray.pk, tray.expected_at)
    return found.due


def promise_later(tray: Tray, promised_at: datetime | None) -> None:
    """There is more on it now, or nothing is promised yet; the tray is not saved."""
    if promised_at is not None:
        promised_at = max(promised_at, tray.promised_at or promised_at)
    tray.promised_at = tray.expected_at = promised_at
    tray.held_back = promised_at is None


def menu_of(lines: Iterable[dict[str, Any]]) -> dict[str, MenuItem]:
    """The menu items of these lines, with their recipes."""
    return MenuItem.objects.prefetch_related("steps").in_bulk({line["item"] for line in lines})


def on_tray(number: int, lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["tray"] == number]


def refuse_without_steps(
    tray: Tray, lines: Iterable[dict[str, Any]], menu: Mapping[str, MenuItem]
) -> None:
    """Say which lines nobody can cook; a tray on which nothing else is becomes void."""
    refused = [line for line in lines if not menu[line["item"]].steps.all()]
    for line in refused:
        publish(
            LineRefused(
                order_ref=tray.order_ref,
                tray_ref=tray.pk,
                tray=tray.number,
                line=line["line"],
                item=line["item"],
            )
        )
    if refused:
        plate(tray.pk, 1)


def open_as_changed(
    tray: Tray,
    promised_at: datetime | None,
    lines: list[dict[str, Any]],
    menu: Mapping[str, MenuItem],
    call_out: CallOut,
) -> None:
    """Open a tray that was changed before the kitchen heard of its order."""
    left = [line for line in lines if str(line["line"]) not in tray.void_lines]
    tray.canvas, tray.course = 1, lines[0]["course"]
    promise_later(tray, promised_at)
    tray.save(update_fields=["canvas", "course", "held_back", "promised_at", "expected_at"])
    made = list(tickets_of(tray, left, menu, after=tray.tickets.count()))
    pace_new([tray], made)
    Ticket.objects.bulk_create(made)
    refuse_without_steps(tray, left, menu)
    drive(tray.pk, call_out)


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
    tray: Tray, lines: list[dict[str, Any]], menu: Mapping[str, MenuItem], after: int = 0
) -> Iterator[Ticket]:
    """A ticket for each step of each line, track by track; `after` the tracks that are there."""
    scale = KitchenSettings.current().time_scale
    # What was ordered before there were options says nothing of them.
    known = options_called({code for line in lines for code in line.get("options", [])})
    parts: list[tuple[dict[str, Any], list[Option], LineTrack]] = []
    for line in lines:
        options = [known[code] for code in line.get("options", [])]
        tracks = tracks_of(menu[line["item"]].steps.all(), options)
        parts += [(line, options, track) for track in tracks]
    for number, (line, options, track) in enumerate(parts, start=after + 1):
        zones = ["", *(step.zone_id for step in track.steps), ""]
        fire_at = timezone.now()
        for position, step in enumerate(track.steps, start=1):
            yield Ticket(
                tray=tray,
                line_ref=line["line"],
                item=line["item"],
                **names_of(menu[line["item"]], options, track.option),
                quantity=line["quantity"],
                note=line["note"],
                # An event of the release before has them in its note.
                allergies=line.get("allergies", ""),
                zone_id=step.zone_id,
                previous_zone=zones[position - 1],
                next_zone=zones[position + 1],
                track=number,
                position=position,
                prep_seconds=step.prep_seconds,
                fire_at=fire_at,
            )
            fire_at += timedelta(seconds=step.prep_seconds / scale)


def names_of(item: MenuItem, options: list[Option], own: Option | None) -> dict[str, Any]:
    """The item and what was chosen about it, or the option whose `own` step the ticket is."""
    if own is not None:
        return {
            "name": f"{own.name} ({item.name})",
            "name_th": f"{own.name_th} ({item.name_th})",
        }
    return {"name": item.name, "name_th": item.name_th, "options": as_chosen(options)}


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
        for tray in to_serve:
            if not moves.move_tray(tray.pk, "serve", served_at=timezone.now()):
                raise IllegalTransition(
                    f"Tray {tray.number} is {tray.state}, not ready.", tray=tray.number
                )
            publish(TrayServed(order_ref=order_ref, tray_ref=tray.id, tray=tray.number))
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
            if void_tray(tray, reason):
                left = [line.line for line in wanted if states.get(line.line) != "served"]
                forget_lines(tray, left)
                gone += left
            untouched += [line for line in wanted if line.counted and line.line not in begun_lines]
        give_back(untouched)
    return gone


def void_tray(tray: Tray, reason: str) -> bool:
    """Void the tray and what of it nobody has begun. Its parked tasks are never released."""
    if not moves.move_tray(tray.pk, "void", canvas=F("canvas") + 1):
        return False
    moves.move_tickets("void", having={"tray": tray.pk}, parked=None)
    Ticket.objects.filter(tray=tray, state=TicketState.COOKING).update(cancel_requested=True)
    publish(TrayVoided(order_ref=tray.order_ref, tray_ref=tray.id, tray=tray.number, reason=reason))
    return True


def forget_lines(tray: Tray, lines: Iterable[UUID]) -> None:
    """Of these nothing more is cooked, also when the kitchen hears of them only now."""
    tray.void_lines = sorted({*tray.void_lines, *map(str, lines)})
    Tray.objects.filter(pk=tray.pk).update(void_lines=tray.void_lines)


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


def trays_of(order_ref: UUID) -> list[Tray]:
    """The order's trays with their tickets, for people to look at."""
    tickets = Ticket.objects.to_show().order_by("track", "position")
    trays = Tray.objects.of_order(order_ref)
    return list(trays.prefetch_related(Prefetch("tickets", queryset=tickets)))
