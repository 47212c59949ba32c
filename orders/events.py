"""What the guest's side tells the rest of the house."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from restaurant.events.contract import Event


@dataclass(frozen=True, kw_only=True)
class OrderEvent(Event):
    """What all news of an order have in common: its version after what is told."""

    version: int


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(OrderEvent, name="order.placed"):
    """An order was taken.

    `placed_by` is the name of an account; `callback_url`, if any, is told when the order is ready.
    `promised_at` by tray number, null for a tray of a later course; `lines` are {"line", "item",
    "quantity", "tray", "note", "allergies", "options", "course", "unit_price", "zone", "shop"},
    where `zone` is that with the most work of it, and `shop` who sells it, empty for the house.
    """

    placed_by: str
    callback_url: str
    label: str
    channel: str
    promised_at: dict[str, str | None]
    lines: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class OrderChanged(OrderEvent, name="order.changed"):
    """Its lines or its notes are others now.

    `notes` is what the cooks of each line must read; lines `added` are told as in `order.placed`,
    of those `cancelled` their ids. `promised_at` is the order's promise now.
    """

    notes: dict[str, str]
    allergies: str
    promised_at: str
    added: list[dict[str, Any]]
    cancelled: list[str]


@dataclass(frozen=True, kw_only=True)
class OrderRushed(OrderEvent, name="order.rushed"):
    """Somebody is in a hurry; `by` is the user who said so, `trays` the numbers that it has."""

    by: str
    trays: list[int]


@dataclass(frozen=True, kw_only=True)
class CourseFired(Event, name="course.fired"):
    """The guests are ready for the next course; `promised_at` is the order's promise now."""

    course: int
    promised_at: str


@dataclass(frozen=True, kw_only=True)
class OrderPreparing(OrderEvent, name="order.preparing"):
    """The kitchen has begun with it."""


@dataclass(frozen=True, kw_only=True)
class OrderReady(OrderEvent, name="order.ready"):
    """Every tray of it is at the pass or served."""


@dataclass(frozen=True, kw_only=True)
class OrderReopened(OrderEvent, name="order.reopened"):
    """It was ready, and a part of it is cooked again."""


@dataclass(frozen=True, kw_only=True)
class OrderServed(OrderEvent, name="order.served"):
    """The guest has everything."""


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(OrderEvent, name="order.cancelled"):
    """Nothing more of it will be cooked."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderPaymentTaken(OrderEvent, name="order.payment_taken"):
    """A guest has paid: all of what was due, or a part of it.

    `amount` is what counts towards the bill, `change` what was given back of more cash, `due` what
    is left to pay; `by` is the user who took it.
    """

    payment: UUID
    method: str
    amount: str
    change: str
    due: str
    by: str


@dataclass(frozen=True, kw_only=True)
class OrderPaid(OrderEvent, name="order.paid"):
    """Nothing is left to pay of the bill, whose `total` has the charges in it.

    What is ordered later is to be paid, too.
    """

    total: str


@dataclass(frozen=True, kw_only=True)
class OrderRefundDue(OrderEvent, name="order.refund_due"):
    """More was paid than is owed by now: so much is to be given back."""

    refund: UUID
    amount: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderRefunded(OrderEvent, name="order.refunded"):
    """A refund was given back; `by` is the user who did it."""

    refund: UUID
    amount: str
    by: str


@dataclass(frozen=True, kw_only=True)
class OrderClosed(OrderEvent, name="order.closed"):
    """It is paid, the guests have gone, and the table is clear."""
