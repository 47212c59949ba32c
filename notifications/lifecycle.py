"""The states of a delivery and of a mail, and their legal moves, by verb."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DeliveryState(TextChoices):
    WAITING = "waiting", _("Waiting to be sent")
    DELIVERED = "delivered", _("Delivered")
    DEAD = "dead", _("Dead letter")


@dataclass(frozen=True)
class Move:
    sources: frozenset[DeliveryState]
    to: DeliveryState


MOVES = {
    "deliver": Move(frozenset({DeliveryState.WAITING}), DeliveryState.DELIVERED),
    "give_up": Move(frozenset({DeliveryState.WAITING}), DeliveryState.DEAD),
    "redeliver": Move(
        frozenset({DeliveryState.DELIVERED, DeliveryState.DEAD}), DeliveryState.WAITING
    ),
}
