"""The one writer of the state of deliveries and of mails."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from notifications.lifecycle import MOVES
from notifications.models import Delivery, Mail

Sent = type[Delivery] | type[Mail]


def move(rows: Iterable[int], verb: str, of: Sent = Delivery, **also: Any) -> int:
    """Make the move where it is legal from the present state; how many that were."""
    legal = MOVES[verb]
    chosen = of._default_manager.filter(pk__in=list(rows), state__in=legal.sources)
    return chosen.update(state=legal.to, **also)


def deliver(rows: Iterable[int], of: Sent = Delivery, **also: Any) -> int:
    return move(rows, "deliver", of, next_try_at=None, finished_at=timezone.now(), **also)


def give_up(rows: Iterable[int], of: Sent = Delivery, **also: Any) -> int:
    return move(rows, "give_up", of, next_try_at=None, finished_at=timezone.now(), **also)


def redeliver(rows: Iterable[int], of: Sent = Delivery) -> int:
    """From the beginning: it has all its tries again."""
    return move(rows, "redeliver", of, next_try_at=timezone.now(), finished_at=None, tries=0)
