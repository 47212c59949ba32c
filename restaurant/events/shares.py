"""What of the news a caller hears: all of them, or the share of its shop."""

from collections.abc import Callable, Sequence
from copy import copy
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from restaurant.accounts.roles import shop_of
from restaurant.events.models import EventRecord

#: By shop what it hears of an event; a shop that is not named does not hear it.
Shares = dict[str, EventRecord]


@cache
def shares_of_apps() -> Callable[[Sequence[EventRecord]], list[Shares]]:
    """The apps' function that answers which shops each event concerns, and what they hear of it."""
    found: Callable[[Sequence[EventRecord]], list[Shares]] = import_string(settings.SHARES_OF_SHOPS)
    return found


def heard_by(user: Any, events: Sequence[EventRecord]) -> list[EventRecord]:
    """These events as the user hears them. Whether the user hears of their orders is not asked."""
    shop = shop_of(user)
    if shop is None:
        return list(events)
    return [share[shop] for share in shares_of_apps()(events) if shop in share]


def with_data(event: EventRecord, data: dict[str, Any]) -> EventRecord:
    """The same event, telling this."""
    share = copy(event)
    share.data = data
    return share
