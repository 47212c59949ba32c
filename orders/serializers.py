"""The shapes of what comes in and what is answered about orders."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, TypedDict
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language_from_request
from rest_framework import serializers
from rest_framework.request import Request

from kitchen.services import Progress, TrayProgress
from orders.lifecycle import OrderState
from orders.models import Order, OrderLine
from orders.services import Change, NewLine, NewOrder, Part
from restaurant.fields import (
    MomentField,
    PageQuery,
    QuerySerializer,
    StrictCharField,
    StrictEmailField,
    StrictIntegerField,
    StrictListField,
    StrictRegexField,
    StrictSerializer,
    StrictUUIDField,
)
from restaurant.outbound.fields import OutsideUrlField
from restaurant.shapes import Money, Uri

#: The kitchen's words for what a guest is told.
LINE_STATES = ("waiting", "cooking", "ready", "served", "cancelled")
TRAY_STATES = ("waiting", "ready", "served", "void")


class NewLineSerializer(StrictSerializer):
    """So many of one item; what is on one tray is served together."""

    item = StrictCharField(max_length=64)
    quantity = StrictIntegerField(min_value=1, max_value=99)
    tray = StrictIntegerField(min_value=1, max_value=20, default=1)
    course = StrictIntegerField(min_value=1, max_value=9, default=1)
    note = StrictCharField(max_length=500, allow_blank=True, default="")
    options = StrictListField(child=StrictCharField(max_length=64), default=list, max_length=20)


class NewOrderSerializer(StrictSerializer):
    """An order to be placed; `table` is needed for dine_in."""

    also = {
        "if": {"properties": {"channel": {"const": Order.Channel.DINE_IN.value}}},
        "then": {"properties": {"table": {"pattern": r"\S"}}, "required": ["table"]},
    }
    channel = serializers.ChoiceField(choices=Order.Channel.choices)
    table = StrictCharField(max_length=20, allow_blank=True, default="")
    client_ref = StrictRegexField(
        r"\A[\x20-\x7e]{1,64}\Z",
        error_messages={"invalid": "1 to 64 printable ASCII characters."},
    )
    note = StrictCharField(max_length=500, allow_blank=True, default="")
    allergies = StrictCharField(max_length=500, allow_blank=True, default="")
    lines = StrictListField(child=NewLineSerializer(), min_length=1, max_length=100)
    callback_url = OutsideUrlField(look_up=False, allow_blank=True, default="")
    email = StrictEmailField(required=False)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["table"] = attrs["table"].strip()
        if attrs["channel"] == Order.Channel.DINE_IN and not attrs["table"]:
            raise serializers.ValidationError(
                {"table": serializers.ErrorDetail("Needed for dine_in.", code="required")}
            )
        refuse_mixed_courses(attrs["lines"])
        return attrs


def refuse_mixed_courses(lines: list[dict[str, Any]]) -> None:
    """What is on one tray is served together: raises ValidationError for two courses on it."""
    courses: dict[int, int] = {}
    for place, line in enumerate(lines):
        if courses.setdefault(line["tray"], line["course"]) != line["course"]:
            mixed = f"Tray {line['tray']} is of course {courses[line['tray']]} already."
            faults: list[Any] = [{}] * place
            faults.append({"course": [serializers.ErrorDetail(mixed, code="mixed_courses")]})
            raise serializers.ValidationError({"lines": faults})


def as_order(body: dict[str, Any], request: Request) -> NewOrder:
    """The order that a body of POST orders/ asks for.

    Its guest reads what the body says, or what the request would rather have: a program that orders
    for somebody may pass that on.
    """
    language = body.get("language") or get_language_from_request(request._request)
    home = request.build_absolute_uri("/")
    return NewOrder(
        **{**body, "lines": as_lines(body["lines"]), "language": language, "home": home}
    )


def as_lines(lines: Iterable[dict[str, Any]]) -> list[NewLine]:
    return [
        NewLine(
            line["item"],
            line["quantity"],
            line["tray"],
            line["note"],
            line["options"],
            line["course"],
        )
        for line in lines
    ]


class LineNoteSerializer(StrictSerializer):
    """Another note for one line."""

    id = StrictUUIDField()
    note = StrictCharField(max_length=500, allow_blank=True)


class ChangeSerializer(StrictSerializer):
    """What changes of an order, the rest stays: lines to `add`, ids of lines to `cancel`, notes."""

    add = StrictListField(child=NewLineSerializer(), default=list, max_length=100)
    cancel = StrictListField(child=StrictUUIDField(), default=list, max_length=1000)
    lines = StrictListField(child=LineNoteSerializer(), default=list, max_length=1000)
    note = StrictCharField(max_length=500, allow_blank=True, required=False)
    allergies = StrictCharField(max_length=500, allow_blank=True, required=False)


def as_change(body: dict[str, Any]) -> Change:
    """The change that a body of PATCH asks for."""
    return Change(
        add=as_lines(body["add"]),
        cancel=body["cancel"],
        line_notes=[(line["id"], line["note"]) for line in body["lines"]],
        notes={name: body[name] for name in ("note", "allergies") if name in body},
    )


class CancelSerializer(StrictSerializer):
    """Why nothing more of it is to be cooked."""

    reason = StrictCharField(max_length=500, min_length=1)


class ServeSerializer(StrictSerializer):
    """The tray that is handed over; without it, all of them."""

    tray = StrictIntegerField(min_value=1, max_value=20, required=False)


class RefireSerializer(StrictSerializer):
    """The line that is cooked once more, and why."""

    line = StrictUUIDField()
    reason = StrictCharField(max_length=500, min_length=1)


class FireSerializer(StrictSerializer):
    """The course for which the guests are ready."""

    course = StrictIntegerField(min_value=1, max_value=9)


class OrderQuery(PageQuery):
    state = serializers.ChoiceField(choices=OrderState.choices, required=False)
    table = StrictCharField(max_length=20, required=False)
    client_ref = StrictCharField(max_length=64, required=False)
    placed_after = MomentField(required=False)


class WaitQuery(QuerySerializer):
    wait = serializers.IntegerField(min_value=0, max_value=60, required=False)


class LineJson(TypedDict):
    """So many of one item; `shop` sells it, null: the house does."""

    id: UUID
    item: str
    name: str
    quantity: int
    unit_price: Money
    options: list[str]
    course: int
    state: Annotated[str, LINE_STATES]
    note: str
    shop: str | None


class TrayJson(TypedDict):
    """What is served together."""

    number: int
    state: Annotated[str, TRAY_STATES]
    promised_at: datetime | None
    lines: list[LineJson]


class OrderJson(TypedDict):
    """An order with its trays and lines; to a shop its own ones and their total."""

    id: UUID
    number: int
    state: Annotated[str, OrderState]
    channel: Annotated[str, Order.Channel]
    table: str
    client_ref: str
    note: str
    allergies: str
    placed_at: datetime
    promised_at: datetime
    ready_at: datetime | None
    total: Money
    currency: str
    version: int
    #: None to a shop: the guest's page shows all of the order.
    tracking_url: Uri | None
    trays: list[TrayJson]


def etag_of(order: Order, progress: Progress) -> str:
    """Changes with every move of the order or of its trays."""
    return f'"{order.version}-{progress.version}"'


def order_as_json(part: Part, progress: Progress, request: Request) -> OrderJson:
    """The answer of the contract; trays that the kitchen has not opened read `waiting`."""
    order, home = part.order, request.build_absolute_uri("/")
    lines: dict[int, list[OrderLine]] = {}
    for line in part.lines:
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
        "promised_at": live_promise(order, progress),
        "ready_at": order.ready_at,
        "total": str(part.total),
        "currency": order.currency,
        "version": order.version,
        "tracking_url": order.tracking_url(home) if part.shop is None else None,
        "trays": [
            tray_as_json(order, number, lines[number], progress.trays.get(number))
            for number in sorted(lines)
        ],
    }


def live_promise(order: Order, progress: Progress) -> datetime:
    """When the last of the trays that wait is expected; the first promise when none waits."""
    waiting = [at for tray in progress.trays.values() if (at := expected_at(tray))]
    return max(waiting, default=order.promised_at)


def expected_at(tray: TrayProgress) -> datetime | None:
    return tray.expected_at if tray.state == "waiting" else None


def tray_promise(order: Order, number: int, progress: TrayProgress | None) -> datetime | None:
    """When it is expected, or what was promised first of a tray that does not wait any more."""
    live, first = expected_at(progress) if progress else None, order.tray_promises[str(number)]
    return live or (first and datetime.fromisoformat(first))


def tray_as_json(
    order: Order, number: int, lines: list[OrderLine], progress: TrayProgress | None
) -> TrayJson:
    return {
        "number": number,
        "state": progress.state if progress else "waiting",
        "promised_at": tray_promise(order, number, progress),
        "lines": [
            {
                "id": line.id,
                "item": line.item,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price": str(line.unit_price),
                "options": [option["code"] for option in line.options],
                "course": line.course,
                "state": line_state(line, progress),
                "note": line.note,
                "shop": line.shop or None,
            }
            for line in lines
        ],
    }


def line_state(line: OrderLine, progress: TrayProgress | None) -> str:
    """A line without tickets waits for the kitchen, unless its tray is void."""
    if line.cancelled_at:
        return "cancelled"
    if progress is None:
        return "waiting"
    return progress.lines.get(line.id, "cancelled" if progress.state == "void" else "waiting")
