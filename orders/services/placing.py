"""Taking an order: everything about it commits at once, or nothing does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from kitchen import services as kitchen
from orders.events import OrderPlaced
from orders.exceptions import DuplicateClientRef
from orders.models import Order, OrderLine
from restaurant.events.publish import publish


@dataclass(frozen=True)
class NewLine:
    """What a guest asks for."""

    item: str
    quantity: int
    tray: int
    note: str = ""


@dataclass(frozen=True)
class NewOrder:
    """An order as it arrives; `client_ref` is the caller's own name for it."""

    channel: str
    client_ref: str
    lines: Sequence[NewLine]
    table: str = ""
    note: str = ""
    allergies: str = ""


def place_order(new: NewOrder, *, principal: Any) -> Order:
    """Take the order: portions, prices, promise, rows and event in one transaction.

    Raises DuplicateClientRef, and what `kitchen.services.reserve` raises.
    """
    wanted = [kitchen.Wanted(uuid4(), line.item, line.quantity, line.tray) for line in new.lines]
    with transaction.atomic():
        known = Order.objects.filter(placed_by=principal, client_ref=new.client_ref).first()
        if known is not None:
            raise DuplicateClientRef(order=f"/api/v1/orders/{known.ref}/")
        reservation = kitchen.reserve(wanted)
        prices = [item.price for item in reservation.items]
        order = create_once(
            Order(
                placed_by=principal,
                client_ref=new.client_ref,
                channel=new.channel,
                table=new.table,
                note=new.note,
                allergies=new.allergies,
                currency=settings.CURRENCY,
                total=sum(p * line.quantity for p, line in zip(prices, new.lines, strict=True)),
                promised_at=max(reservation.promised_at.values()),
                tray_promises={
                    str(tray): at.isoformat().replace("+00:00", "Z")
                    for tray, at in reservation.promised_at.items()
                },
            )
        )
        OrderLine.objects.bulk_create(
            OrderLine(
                id=want.line,
                order=order,
                place=place,
                tray=line.tray,
                item=line.item,
                name=item.name,
                name_th=item.name_th,
                quantity=line.quantity,
                unit_price=item.price,
                note=line.note,
                counted=item.portions_left is not None,
            )
            for place, (want, line, item) in enumerate(
                zip(wanted, new.lines, reservation.items, strict=True)
            )
        )
        publish(
            OrderPlaced(
                order_ref=order.ref,
                label=order.label,
                promised_at=order.tray_promises,
                lines=[
                    {
                        "line": want.line,
                        "item": line.item,
                        "quantity": line.quantity,
                        "tray": line.tray,
                        "note": kitchen_note(new, line),
                    }
                    for want, line in zip(wanted, new.lines, strict=True)
                ],
            )
        )
    return order


def create_once(order: Order) -> Order:
    """Insert the order; two at the same moment with one client_ref are one order."""
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError as error:
        known = Order.objects.get(placed_by=order.placed_by, client_ref=order.client_ref)
        raise DuplicateClientRef(order=f"/api/v1/orders/{known.ref}/") from error
    return order


def kitchen_note(order: NewOrder, line: NewLine) -> str:
    """All that a cook must read beside the dish; allergies first."""
    allergies = f"ALLERGIES: {order.allergies}" if order.allergies else ""
    return " · ".join(part for part in (allergies, line.note, order.note) if part)
