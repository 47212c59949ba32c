"""What the guest's side tells the rest of the house."""

from dataclasses import dataclass
from typing import Any

from restaurant.events.contract import Event


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event, name="order.placed"):
    """An order was taken.

    `promised_at` by tray number, null for a tray of a later course; `lines` are {"line", "item",
    "quantity", "tray", "note", "allergies", "options", "course"}.
    """

    label: str
    promised_at: dict[str, str | None]
    lines: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class OrderChanged(Event, name="order.changed"):
    """Its lines or its notes are others now.

    `version` is that of the order, `notes` what the cooks of each line must read; lines `added` are
    told as in `order.placed`, of those `cancelled` their ids.
    """

    version: int
    notes: dict[str, str]
    allergies: str
    added: list[dict[str, Any]]
    cancelled: list[str]


@dataclass(frozen=True, kw_only=True)
class OrderRushed(Event, name="order.rushed"):
    """Somebody is in a hurry; `by` is the user who said so."""

    by: str


@dataclass(frozen=True, kw_only=True)
class CourseFired(Event, name="course.fired"):
    """The guests are ready for the next course."""

    course: int


@dataclass(frozen=True, kw_only=True)
class OrderPreparing(Event, name="order.preparing"):
    """The kitchen has begun with it."""


@dataclass(frozen=True, kw_only=True)
class OrderReady(Event, name="order.ready"):
    """Every tray of it is at the pass or served."""


@dataclass(frozen=True, kw_only=True)
class OrderReopened(Event, name="order.reopened"):
    """It was ready, and a part of it is cooked again."""


@dataclass(frozen=True, kw_only=True)
class OrderServed(Event, name="order.served"):
    """The guest has everything."""


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event, name="order.cancelled"):
    """Nothing more of it will be cooked."""

    reason: str
