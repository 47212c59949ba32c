"""What the kitchen tells the rest of the house."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from restaurant.events.contract import Event


@dataclass(frozen=True, kw_only=True)
class TrayEvent(Event):
    """What all news of a tray have in common."""

    tray_ref: UUID
    tray: int


@dataclass(frozen=True, kw_only=True)
class TraysStarted(Event, name="trays.started"):
    """The first ticket of the order's trays is cooking.

    Two that start at the same moment may both say so.
    """


@dataclass(frozen=True, kw_only=True)
class TraysReady(Event, name="trays.ready"):
    """With this one all trays of the order are at the pass, served or void."""


@dataclass(frozen=True, kw_only=True)
class TrayReady(TrayEvent, name="tray.ready"):
    """Everything of the tray is done; told once per canvas."""

    canvas: int


@dataclass(frozen=True, kw_only=True)
class TrayReopened(TrayEvent, name="tray.reopened"):
    """A ready or served tray waits again, because a part of it is cooked again."""


@dataclass(frozen=True, kw_only=True)
class TrayPaced(TrayEvent, name="tray.paced"):
    """The tray is expected at another time than was said before."""

    expected_at: datetime


@dataclass(frozen=True, kw_only=True)
class TrayChanged(TrayEvent, name="tray.changed"):
    """Its cooks must read something else, or must begin with it earlier: screens show it anew."""


@dataclass(frozen=True, kw_only=True)
class TrayServed(TrayEvent, name="tray.served"):
    """The tray has left the pass."""


@dataclass(frozen=True, kw_only=True)
class TrayWaited(TrayEvent, name="tray.waited"):
    """Ready, it has stood at the pass for longer than `limit_seconds`, and nobody has served it."""

    limit_seconds: int


@dataclass(frozen=True, kw_only=True)
class TrayVoided(TrayEvent, name="tray.voided"):
    """Nothing more of the tray will be cooked; with it go those `lines` that the guest had not."""

    reason: str
    lines: list[str]


@dataclass(frozen=True, kw_only=True)
class TrayRepaired(TrayEvent, name="tray.repaired"):
    """The reconciler found the tray standing still and set it going again."""

    why: str


@dataclass(frozen=True, kw_only=True)
class TrayExtended(TrayEvent, name="tray.extended"):
    """More was ordered for it; `lines` as in `order.placed`."""

    lines: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class LineRefired(TrayEvent, name="line.refired"):
    """It is cooked once more; so much of it was wasted, why, and who says so.

    `promised_at` is the tray's promise now.
    """

    line: UUID
    item: str
    quantity: int
    reason: str
    by: str
    promised_at: str


@dataclass(frozen=True, kw_only=True)
class LineRefused(TrayEvent, name="line.refused"):
    """The kitchen can't cook it: it has no recipe any more."""

    line: UUID
    item: str


@dataclass(frozen=True, kw_only=True)
class TicketEvent(TrayEvent):
    """What all news of a ticket have in common; `line` is the order's."""

    ticket_ref: UUID
    line: UUID
    zone: str
    item: str


@dataclass(frozen=True, kw_only=True)
class TicketFired(TicketEvent, name="ticket.fired"):
    """The zone may begin."""


@dataclass(frozen=True, kw_only=True)
class TicketStarted(TicketEvent, name="ticket.started"):
    """A cook has begun."""


@dataclass(frozen=True, kw_only=True)
class TicketDone(TicketEvent, name="ticket.done"):
    """The cook has finished; carries the parked task's message, which the relay sends.

    `to_pass`: it was the last of its track, which is at the pass now.
    """

    to_pass: bool


@dataclass(frozen=True, kw_only=True)
class TicketRecalled(TicketEvent, name="ticket.recalled"):
    """A finished part is being cooked again."""


@dataclass(frozen=True, kw_only=True)
class TicketVoided(TicketEvent, name="ticket.voided"):
    """Its line was cancelled or is cooked anew; nobody had begun with it."""


@dataclass(frozen=True, kw_only=True)
class TicketStopAsked(TicketEvent, name="ticket.stop_asked"):
    """Its line was cancelled while it cooked: the cook is asked to stop."""


@dataclass(frozen=True, kw_only=True)
class TicketStopped(TicketEvent, name="ticket.stopped"):
    """The cook has confirmed the stop of what was cancelled; what was begun is waste."""

    quantity: int


@dataclass(frozen=True, kw_only=True)
class PartWaited(TicketEvent, name="part.waited"):
    """Done, it has stood at the pass for longer than `limit_seconds`, and its tray still waits."""

    limit_seconds: int


@dataclass(frozen=True, kw_only=True)
class TicketQuarantined(TicketEvent, name="ticket.quarantined"):
    """The attempts are used up: somebody must look at it."""

    attempts: int


@dataclass(frozen=True, kw_only=True)
class TicketRetried(TicketEvent, name="ticket.retried"):
    """A quarantined ticket is tried again."""


@dataclass(frozen=True, kw_only=True)
class ChitFailed(TicketEvent, name="chit.failed"):
    """The ticket is not on paper, long after it should be; told once for each chit."""

    why: str


@dataclass(frozen=True, kw_only=True)
class ChitPrinted(TicketEvent, name="chit.printed"):
    """What was told not to be on paper is printed after all."""
