"""The shapes of what comes in and what is answered about orders."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from kitchen.services import Progress, TrayProgress
from orders.lifecycle import OrderState
from orders.models import Order, OrderLine
from orders.services import NewLine, NewOrder
from restaurant.fields import (
    MomentField,
    QuerySerializer,
    StrictCharField,
    StrictIntegerField,
    StrictListField,
    StrictRegexField,
    StrictSerializer,
)


class NewLineSerializer(StrictSerializer):
    item = StrictCharField(max_length=64)
    quantity = StrictIntegerField(min_value=1, max_value=99)
    tray = StrictIntegerField(min_value=1, max_value=20, default=1)
    note = StrictCharField(max_length=500, allow_blank=True, default="")
    options = StrictListField(child=StrictCharField(), default=list, max_length=0)


class NewOrderSerializer(StrictSerializer):
    """POST orders/: see the contract for each field."""

    channel = serializers.ChoiceField(choices=Order.Channel.choices)
    table = StrictCharField(max_length=20, allow_blank=True, default="")
    client_ref = StrictRegexField(
        r"\A[\x20-\x7e]{1,64}\Z",
        error_messages={"invalid": "1 to 64 printable ASCII characters."},
    )
    note = StrictCharField(max_length=500, allow_blank=True, default="")
    allergies = StrictCharField(max_length=500, allow_blank=True, default="")
    lines = StrictListField(child=NewLineSerializer(), min_length=1, max_length=100)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["channel"] == Order.Channel.DINE_IN and not attrs["table"].strip():
            raise serializers.ValidationError(
                {"table": serializers.ErrorDetail("Needed for dine_in.", code="required")}
            )
        return attrs

    def as_order(self) -> NewOrder:
        """The validated order; raises ValidationError."""
        self.is_valid(raise_exception=True)
        data = {**self.validated_data}
        lines = [
            NewLine(line["item"], line["quantity"], line["tray"], line["note"])
            for line in data.pop("lines")
        ]
        return NewOrder(lines=lines, **data)


class CancelSerializer(StrictSerializer):
    reason = StrictCharField(max_length=500, min_length=1)


class ServeSerializer(StrictSerializer):
    tray = StrictIntegerField(min_value=1, max_value=20, required=False)


class OrderQuery(QuerySerializer):
    state = serializers.ChoiceField(choices=OrderState.choices, required=False)
    table = StrictCharField(max_length=20, required=False)
    client_ref = StrictCharField(max_length=64, required=False)
    placed_after = MomentField(required=False)


class WaitQuery(QuerySerializer):
    wait = serializers.IntegerField(min_value=0, max_value=60, required=False)


def etag_of(order: Order, progress: Progress) -> str:
    """Changes with every move of the order or of its trays."""
    return f'"{order.version}-{progress.version}"'


def order_as_json(
    order: Order, ordered: Iterable[OrderLine], progress: Progress, request: Request
) -> dict[str, Any]:
    """The answer of the contract; trays that the kitchen has not opened read `waiting`."""
    lines: dict[int, list[OrderLine]] = {}
    for line in ordered:
        lines.setdefault(line.tray, []).append(line)
    return {
        "id": order.ref,
        "number": order.number,
        "state": order.state,
        "channel": order.channel,
        "table": order.table,
        "client_ref": order.client_ref,
        "note": order.note,
        "allergies": order.allergies,
        "placed_at": order.placed_at,
        "promised_at": order.promised_at,
        "ready_at": order.ready_at,
        "total": str(order.total),
        "currency": order.currency,
        "version": order.version,
        "tracking_url": request.build_absolute_uri(reverse("track", args=[order.tracking_secret])),
        "trays": [
            tray_as_json(order, number, lines[number], progress.trays.get(number))
            for number in sorted(lines)
        ],
    }


def tray_as_json(
    order: Order, number: int, lines: list[OrderLine], progress: TrayProgress | None
) -> dict[str, Any]:
    return {
        "number": number,
        "state": progress.state if progress else "waiting",
        "promised_at": order.tray_promises[str(number)],
        "lines": [
            {
                "id": line.id,
                "item": line.item,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price": str(line.unit_price),
                "options": [],
                "state": line_state(line, progress),
                "note": line.note,
            }
            for line in lines
        ],
    }


def line_state(line: OrderLine, progress: TrayProgress | None) -> str:
    """A line without tickets waits for the kitchen, unless its tray is void."""
    if progress is None:
        return "waiting"
    return progress.lines.get(line.id, "cancelled" if progress.state == "void" else "waiting")
