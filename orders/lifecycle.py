"""The states of an order, and every move between them, keyed by its verb."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class OrderState(TextChoices):
    PLACED = "placed", _("Placed")
    PREPARING = "preparing", _("Preparing")
    READY = "ready", _("Ready")
    SERVED = "served", _("Served")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


#: The kitchen still owes something of these.
OPEN = (OrderState.PLACED, OrderState.PREPARING)


@dataclass(frozen=True)
class Move:
    """From any of `sources` to `to`; nothing else is legal."""

    sources: tuple[str, ...]
    to: str


MOVES = {
    "prepare": Move((OrderState.PLACED,), OrderState.PREPARING),
    # From placed as well: the news that all trays are ready may overtake that of the first start.
    "make_ready": Move((OrderState.PLACED, OrderState.PREPARING), OrderState.READY),
    # From served as well: a guest may send something back.
    "reopen": Move((OrderState.READY, OrderState.SERVED), OrderState.PREPARING),
    "serve": Move((OrderState.READY,), OrderState.SERVED),
    "cancel": Move((OrderState.PLACED, OrderState.PREPARING), OrderState.CANCELLED),
    "close": Move((OrderState.SERVED,), OrderState.CLOSED),
}
