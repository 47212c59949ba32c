"""Taking an order: everything about it commits at once, or nothing does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from kitchen import services as kitchen
from orders.billing import NOTHING
from orders.events import OrderPlaced
from orders.exceptions import DuplicateClientRef
from orders.models import BillSettings, Order, OrderLine
from restaurant.events.publish import publish


@dataclass(frozen=True)
class NewLine:
    """What a guest asks for."""

    item: str
    quantity: int
    tray: int
    note: str = ""
    #: Codes of the item's options.
    options: Sequence[str] = ()
    course: int = 1


@dataclass(frozen=True)
class NewOrder:
    """An order as it arrives; `client_ref` is the caller's own name for it."""

    channel: str
    client_ref: str
    lines: Sequence[NewLine]
    table: str = ""
    note: str = ""
    allergies: str = ""
    #: Told when the order is ready, or never will be.
    callback_url: str = ""
    #: Where the guest wants mails, in which language, and where the house is to be found.
    email: str = ""
    language: str = "en"
    home: str = ""


def place_order(new: NewOrder, *, principal: Any) -> tuple[Order, list[OrderLine]]:
    """Take the order: portions, prices, promise, rows and event in one transaction.

    Raises DuplicateClientRef, and what `kitchen.services.reserve` raises.
    """
    lines_wanted = wanted(new.lines)
    try:
        with transaction.atomic():
            reservation = kitchen.reserve(lines_wanted)
            order = order_of(new, reservation, principal)
            order.save(force_insert=True)
            lines = OrderLine.objects.bulk_create(lines_of(order, new, lines_wanted, reservation))
            publish(
                OrderPlaced(
                    order_ref=order.ref,
                    version=order.version,
                    placed_by=principal.get_username(),
                    callback_url=new.callback_url,
                    label=order.label,
                    channel=order.channel,
                    promised_at=order.tray_promises,
                    lines=told_lines(new, lines, reservation),
                ),
                at=order.placed_at,
            )
            if new.email:
                note_guest(new, order)
    except IntegrityError:
        refuse_known(new.client_ref, principal)
        raise
    return order, lines


def note_guest(new: NewOrder, order: Order) -> None:
    """The address goes to whoever writes the mails, and into no event: those are shown."""
    import_string(settings.GUEST_BOOK)(
        order_ref=order.ref,
        email=new.email,
        language=new.language,
        number=order.number,
        tracking_url=order.tracking_url(new.home),
    )


def wanted(lines: Iterable[NewLine]) -> list[kitchen.Wanted]:
    """What the kitchen is asked for; each line gets its id."""
    return [
        kitchen.Wanted(
            uuid4(),
            line.item,
            line.quantity,
            line.tray,
            course=line.course,
            options=line.options,
        )
        for line in lines
    ]


def refuse_known(client_ref: str, principal: Any) -> None:
    """Of several at the same moment with one client_ref one is the order."""
    known = Order.objects.filter(placed_by=principal, client_ref=client_ref).first()
    if known is not None:
        raise DuplicateClientRef(order=f"/api/v1/orders/{known.ref}/")


def order_of(new: NewOrder, reservation: kitchen.Reservation, principal: Any) -> Order:
    """The order's row, not saved yet."""
    promised_at = reservation.promised_at
    charges = BillSettings.current()
    at_a_table = new.channel == Order.Channel.DINE_IN
    return Order(
        placed_by=principal,
        client_ref=new.client_ref,
        channel=new.channel,
        table=new.table,
        note=new.note,
        allergies=new.allergies,
        currency=settings.CURRENCY,
        total=sum(
            price * line.quantity for price, line in zip(reservation.prices, new.lines, strict=True)
        ),
        promised_at=max(at for at in promised_at.values() if at),
        tray_promises=as_json(promised_at),
        service_percent=charges.service_percent if at_a_table else NOTHING,
        vat_percent=charges.vat_percent,
        prices_include_vat=charges.prices_include_vat,
    )


def as_json(promised_at: Mapping[int, datetime | None]) -> dict[str, str | None]:
    return {
        str(tray): at.isoformat().replace("+00:00", "Z") if at else None
        for tray, at in promised_at.items()
    }


def lines_of(
    order: Order,
    new: NewOrder,
    wanted: Sequence[kitchen.Wanted],
    reservation: kitchen.Reservation,
    first: int = 0,
) -> Iterator[OrderLine]:
    """A row for each line, at the price of the moment, from place `first` on; not saved yet."""
    chosen = zip(
        wanted,
        new.lines,
        reservation.items,
        reservation.options,
        reservation.prices,
        reservation.shops,
        strict=True,
    )
    for place, (want, line, item, options, price, shop) in enumerate(chosen, start=first):
        yield OrderLine(
            id=want.line,
            order=order,
            place=place,
            tray=line.tray,
            course=line.course,
            item=line.item,
            name=item.name,
            name_th=item.name_th,
            quantity=line.quantity,
            unit_price=price,
            options=options,
            note=line.note,
            counted=item.portions_left is not None,
            shop=shop,
        )


def told_lines(
    new: NewOrder, lines: Iterable[OrderLine], reservation: kitchen.Reservation
) -> list[dict[str, Any]]:
    """What is told of the lines: to the kitchen, and to whoever counts what was sold."""
    return [
        {
            **for_the_kitchen(new, line),
            "unit_price": str(line.unit_price),
            "zone": zone,
            "shop": line.shop,
        }
        for line, zone in zip(lines, reservation.zones, strict=True)
    ]


def for_the_kitchen(new: NewOrder, line: OrderLine) -> dict[str, Any]:
    """What the kitchen is told of a line."""
    return {
        "line": line.id,
        "item": line.item,
        "quantity": line.quantity,
        "tray": line.tray,
        "note": kitchen_note(new, line.note),
        "allergies": new.allergies,
        "options": [option["code"] for option in line.options],
        "course": line.course,
    }


def kitchen_note(order: NewOrder | Order, note: str) -> str:
    """What a cook must read beside the dish and the allergies."""
    return " · ".join(part for part in (note, order.note) if part)
