"""The one writer of a delivery's state."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from notifications.lifecycle import MOVES
from notifications.models import Delivery


def move(deliveries: Iterable[int], verb: str, **also: Any) -> int:
    """Make the move where it is legal from the present state; how many that were."""
    legal = MOVES[verb]
    chosen = Delivery.objects.filter(pk__in=list(deliveries), state__in=legal.sources)
    return chosen.update(state=legal.to, **also)


def deliver(delivery: int, **also: Any) -> bool:
    now = timezone.now()
    return bool(move([delivery], "deliver", next_try_at=None, finished_at=now, **also))


def give_up(deliveries: Iterable[int], **also: Any) -> int:
    return move(deliveries, "give_up", next_try_at=None, finished_at=timezone.now(), **also)


def redeliver(deliveries: Iterable[int]) -> int:
    """From the beginning: it has all its tries again."""
    return move(deliveries, "redeliver", next_try_at=timezone.now(), finished_at=None, tries=0)
