"""The shapes of what comes in and what is answered about the kitchen."""

from typing import Any

from rest_framework import serializers

from kitchen.lifecycle import TicketState, TrayState
from kitchen.models import FASTEST, SLOWEST, KitchenSettings, MenuItem, Ticket, Tray, Zone, ZoneLoad
from restaurant.fields import (
    QuerySerializer,
    StrictBooleanField,
    StrictFloatField,
    StrictIntegerField,
    StrictSerializer,
)


class ChangeItem(StrictSerializer):
    available = StrictBooleanField(required=False)
    portions_left = StrictIntegerField(
        min_value=0, max_value=100_000, required=False, allow_null=True
    )


class ChangeZone(StrictSerializer):
    is_open = StrictBooleanField(required=False)
    cooks = StrictIntegerField(min_value=1, max_value=1000, required=False)


class ChangeSettings(StrictSerializer):
    time_scale = StrictFloatField(min_value=SLOWEST, max_value=FASTEST, required=False)


class TicketQuery(QuerySerializer):
    state = serializers.ChoiceField(choices=TicketState.choices, required=False)


class TrayQuery(QuerySerializer):
    state = serializers.ChoiceField(choices=TrayState.choices, required=False)


def item_as_json(item: MenuItem) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "name_th": item.name_th,
        "kind": item.kind,
        "price": str(item.price),
        "available": item.available,
        "portions_left": item.portions_left,
        "zones": [step.zone_id for step in item.steps.all()],
        "options": [],
    }


def zone_as_json(zone: Zone, load: ZoneLoad, time_scale: float) -> dict[str, Any]:
    """`queued_seconds`: until a cook is free, on the clock on the wall."""
    return {
        "code": zone.code,
        "name": zone.name,
        "name_th": zone.name_th,
        "is_open": zone.is_open,
        "cooks": zone.cooks,
        "queued_seconds": round(load.work / zone.cooks / time_scale, 1),
        "held": load.held,
        "fired": load.fired,
        "cooking": load.cooking,
        "late": load.late,
    }


def settings_as_json(settings: KitchenSettings) -> dict[str, Any]:
    return {"time_scale": settings.time_scale}


def ticket_as_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket whose tray is loaded with it."""
    return {
        "id": ticket.id,
        "order_ref": ticket.tray.order_ref,
        "order_label": ticket.tray.order_label,
        "tray": ticket.tray.number,
        "line": ticket.line_ref,
        "item": ticket.item,
        "name": ticket.name,
        "quantity": ticket.quantity,
        "note": ticket.note,
        "zone": ticket.zone_id,
        "track": ticket.track,
        "position": ticket.position,
        "previous_zone": ticket.previous_zone or None,
        "next_zone": ticket.next_zone or None,
        "state": ticket.state,
        "prep_seconds": ticket.prep_seconds,
        "fire_at": ticket.fire_at,
        "fired_at": ticket.fired_at,
        "started_at": ticket.started_at,
        "done_at": ticket.done_at,
        "attempts": ticket.attempts,
        "cancel_requested": ticket.cancel_requested,
    }


def tray_as_json(tray: Tray) -> dict[str, Any]:
    """A tray whose tickets are loaded with it."""
    tickets = sorted(tray.tickets.all(), key=lambda ticket: (ticket.track, ticket.position))
    return {
        "id": tray.id,
        "order_ref": tray.order_ref,
        "order_label": tray.order_label,
        "number": tray.number,
        "state": tray.state,
        "promised_at": tray.promised_at,
        "ready_at": tray.ready_at,
        "served_at": tray.served_at,
        "tickets": [ticket_as_json(ticket) for ticket in tickets],
    }
