"""The shapes of what comes in and what is answered about the kitchen."""

from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from rest_framework import serializers

from kitchen.lifecycle import TicketChange, TicketState, TrayState
from kitchen.models import (
    FASTEST,
    LONGEST_AT_THE_PASS,
    LONGEST_QUOTE,
    SLOWEST,
    KitchenSettings,
    MenuItem,
    Option,
    OptionGroup,
    Shop,
    Ticket,
    Tray,
    Zone,
    ZoneLoad,
)
from kitchen.printing import address
from restaurant.fields import (
    PageQuery,
    StrictBooleanField,
    StrictFloatField,
    StrictIntegerField,
    StrictRegexField,
    StrictSerializer,
)
from restaurant.shapes import Difference, Money

#: How many of a group's options.
CHOOSE = ("one", "any")

#: What its column holds.
MOST_RECALLS = 32767


class ChangeItem(StrictSerializer):
    """86 an item, bring it back, or count its portions; null: unlimited."""

    available = StrictBooleanField(required=False)
    portions_left = StrictIntegerField(
        min_value=0, max_value=100_000, required=False, allow_null=True
    )


class ChangeOption(StrictSerializer):
    """86 an option, or bring it back."""

    available = StrictBooleanField(required=False)


class ChangeZone(StrictSerializer):
    """Open or close it, say how many cooks work there, and where its printer is.

    `printer`: `tcp://host:port`; null: none.
    """

    is_open = StrictBooleanField(required=False)
    cooks = StrictIntegerField(min_value=1, max_value=1000, required=False)
    printer = StrictRegexField(
        address.PATTERN,
        max_length=128,
        required=False,
        allow_null=True,
        error_messages={"invalid": address.MEANT},
    )

    def validate_printer(self, printer: str | None) -> str:
        return printer or ""


class ChangeSettings(StrictSerializer):
    """`quote_limit_minutes`: no order is taken that would take longer; null: no limit.

    `pass_limit_seconds`: what stands at the pass for longer is told.
    `chit_limit_minutes`: a chit that is older is not printed by itself any more.
    """

    pacing = StrictBooleanField(required=False)
    auto_fire_courses = StrictBooleanField(required=False)
    pass_limit_seconds = StrictIntegerField(
        min_value=1, max_value=LONGEST_AT_THE_PASS, required=False
    )
    quote_limit_minutes = StrictIntegerField(
        min_value=1, max_value=LONGEST_QUOTE, required=False, allow_null=True
    )
    time_scale = StrictFloatField(min_value=SLOWEST, max_value=FASTEST, required=False)
    chit_limit_minutes = StrictIntegerField(min_value=1, max_value=LONGEST_QUOTE, required=False)


class Press(StrictSerializer):
    """`seen`: the ticket's `recalls` when the cook looked; 409 if it was taken back since then."""

    seen = StrictIntegerField(min_value=0, max_value=MOST_RECALLS, required=False)


class TicketQuery(PageQuery):
    state = serializers.ChoiceField(choices=TicketState.choices, required=False)


class TrayQuery(PageQuery):
    state = serializers.ChoiceField(choices=TrayState.choices, required=False)


class ChosenJson(TypedDict):
    """An option as it was called when it was ordered."""

    code: str
    name: str
    name_th: str


class OptionJson(TypedDict):
    """`price` is added to the item's; `zones` have something to do for it."""

    code: str
    name: str
    name_th: str
    price: Difference
    available: bool
    zones: list[str]


class OptionGroupJson(TypedDict):
    """Of which one, or any, can be chosen; of a `required` one something must."""

    code: str
    name: str
    name_th: str
    choose: Annotated[str, CHOOSE]
    required: bool
    options: list[OptionJson]


class ShopJson(TypedDict):
    """Who sells here, beside the house itself."""

    code: str
    name: str
    name_th: str


class ItemJson(TypedDict):
    """A dish or a drink; `shop` sells it, null: the house does."""

    code: str
    name: str
    name_th: str
    kind: Annotated[str, MenuItem.Kind]
    price: Money
    available: bool
    portions_left: int | None
    low: bool
    zones: list[str]
    shop: str | None
    options: list[OptionGroupJson]


class ZoneJson(TypedDict):
    """A place where cooks work, and its load; `shop`: whose it is, null: the house's."""

    code: str
    name: str
    name_th: str
    is_open: bool
    cooks: int
    queued_seconds: float
    held: int
    fired: int
    cooking: int
    late: int
    printer: str | None
    shop: str | None


class SettingsJson(TypedDict):
    """What a manager sets."""

    pacing: bool
    pass_limit_seconds: int
    auto_fire_courses: bool
    quote_limit_minutes: int | None
    time_scale: float
    chit_limit_minutes: int


class TicketJson(TypedDict):
    """One step of one line, at one zone."""

    id: UUID
    order_ref: UUID
    order_label: str
    tray: int
    line: UUID
    item: str
    name: str
    quantity: int
    options: list[ChosenJson]
    note: str
    allergies: str
    zone: str
    track: int
    position: int
    previous_zone: str | None
    next_zone: str | None
    state: Annotated[str, TicketState]
    prep_seconds: int
    fire_at: datetime
    fired_at: datetime | None
    started_at: datetime | None
    done_at: datetime | None
    attempts: int
    recalls: int
    cancel_requested: bool
    rushed: bool
    refire: int
    wasted: bool
    change: Annotated[str, TicketChange] | None
    changed_at: datetime | None
    over_limit_at: datetime | None
    course: int
    printed: Annotated[str, ("waiting", "printed", "failed")] | None


class PassTrayJson(TypedDict):
    """A tray as the pass sees it, with its tickets."""

    id: UUID
    order_ref: UUID
    order_label: str
    number: int
    state: Annotated[str, TrayState]
    promised_at: datetime | None
    expected_at: datetime | None
    ready_at: datetime | None
    served_at: datetime | None
    over_limit_at: datetime | None
    tickets: list[TicketJson]


def shop_as_json(shop: Shop) -> ShopJson:
    return {"code": shop.code, "name": shop.name, "name_th": shop.name_th}


def item_as_json(item: MenuItem) -> ItemJson:
    return {
        "code": item.code,
        "name": item.name,
        "name_th": item.name_th,
        "kind": item.kind,
        "price": str(item.price),
        "available": item.available,
        "portions_left": item.portions_left,
        "low": item.is_low,
        "zones": [step.zone_id for step in item.steps.all()],
        "shop": item.shop,
        "options": [group_as_json(group) for group in item.option_groups.all()],
    }


def group_as_json(group: OptionGroup) -> OptionGroupJson:
    return {
        "code": group.code,
        "name": group.name,
        "name_th": group.name_th,
        "choose": "any" if group.many else "one",
        "required": group.required,
        "options": [option_as_json(option) for option in group.options.all()],
    }


def option_as_json(option: Option) -> OptionJson:
    return {
        "code": option.code,
        "name": option.name,
        "name_th": option.name_th,
        "price": str(option.price),
        "available": option.available,
        "zones": [step.zone_id for step in option.steps.all()],
    }


def zone_as_json(zone: Zone, load: ZoneLoad, time_scale: float) -> ZoneJson:
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
        "printer": zone.printer or None,
        "shop": zone.shop_id,
    }


def settings_as_json(settings: KitchenSettings) -> SettingsJson:
    return {
        "pacing": settings.pacing,
        "pass_limit_seconds": settings.pass_limit_seconds,
        "auto_fire_courses": settings.auto_fire_courses,
        "quote_limit_minutes": settings.quote_limit_minutes,
        "time_scale": settings.time_scale,
        "chit_limit_minutes": settings.chit_limit_minutes,
    }


def ticket_as_json(ticket: Ticket) -> TicketJson:
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
        "options": ticket.options,
        "note": ticket.to_read,
        "allergies": ticket.allergies,
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
        "recalls": ticket.recalls,
        "cancel_requested": ticket.cancel_requested,
        "rushed": ticket.tray.rushed_at is not None,
        "refire": ticket.refire,
        "wasted": ticket.wasted,
        "change": ticket.change or None,
        "changed_at": ticket.changed_at,
        "over_limit_at": ticket.over_limit_at,
        "course": ticket.tray.course,
        "printed": ticket.printed or None,
    }


def tray_as_json(tray: Tray) -> PassTrayJson:
    """A tray whose tickets are loaded with it."""
    tickets = sorted(tray.tickets.all(), key=lambda ticket: (ticket.track, ticket.position))
    return {
        "id": tray.id,
        "order_ref": tray.order_ref,
        "order_label": tray.order_label,
        "number": tray.number,
        "state": tray.state,
        "promised_at": tray.promised_at,
        "expected_at": tray.expected_at,
        "ready_at": tray.ready_at,
        "served_at": tray.served_at,
        "over_limit_at": tray.over_limit_at,
        "tickets": [ticket_as_json(ticket) for ticket in tickets],
    }
