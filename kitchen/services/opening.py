"""An order comes to the kitchen: its trays, and a ticket for each step of each line."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kitchen import moves
from kitchen.events import LineRefused
from kitchen.lifecycle import TrayState
from kitchen.models import KitchenSettings, MenuItem, Option, Ticket, Tray
from kitchen.services.options import as_chosen, options_called
from kitchen.services.plans import plan
from kitchen.services.queues import Kitchen
from kitchen.services.recipes import LineTrack, tracks_of
from kitchen.services.trays import CallOut, Canvas, drive, fire, park, plate
from restaurant.events.publish import publish


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
    with transaction.atomic(savepoint=False):
        changed = {tray.number: tray for tray in moves.take_order(order_ref)}
        new = [
            new_tray(order_ref, label, number, promised, on_tray(number, lines))
            for number, promised in promised_at.items()
            if number not in changed
        ]
        open_new(new, lines, menu, call_out)
        for number, tray in changed.items():
            if tray.state == TrayState.WAITING and tray.canvas == 0:
                ordered = on_tray(number, lines)
                open_as_changed(tray, promised_at[number], ordered, menu, call_out)


def new_tray(
    order_ref: UUID,
    label: str,
    number: int,
    promised_at: datetime | None,
    lines: list[dict[str, Any]],
) -> Tray:
    """Its row, not saved yet."""
    return Tray(
        order_ref=order_ref,
        order_label=label,
        number=number,
        promised_at=promised_at,
        expected_at=promised_at,
        course=lines[0]["course"],
        held_back=promised_at is None,
        canvas=1,
    )


def open_new(
    trays: list[Tray],
    lines: list[dict[str, Any]],
    menu: Mapping[str, MenuItem],
    call_out: CallOut,
) -> None:
    """Write the trays with their tickets, parked for their canvas, and fire what is due."""
    tickets: list[Ticket] = []
    for tray in trays:
        made = list(tickets_of(tray, on_tray(tray.number, lines), menu))
        tickets += park(Canvas(tray.pk, tray.canvas, made), call_out)
    due = pace_new(trays, tickets)
    Tray.objects.bulk_create(trays)
    Ticket.objects.bulk_create(tickets)
    fire(due)
    for tray in trays:
        refuse_without_steps(tray, on_tray(tray.number, lines), menu)


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
