"""The feed for those who poll: in an order that never skips a late committer."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from notifications.exceptions import AfterTooOld
from notifications.models import owners_of
from notifications.services.following import newest_read
from restaurant.accounts.roles import Role, roles_of, shop_of
from restaurant.events.models import EventRecord
from restaurant.events.shares import heard_by

#: Events that one call looks at; an account's own may be few among them.
LOOKED_AT = 1000


@dataclass(frozen=True)
class Feed:
    """A page of the feed, and the position after which it goes on; None: no more now."""

    events: list[EventRecord]
    next_after: int | None


def read_feed(user: Any, after: int, limit: int) -> Feed:
    """The events after this position that the user may see, at most `limit`.

    0 is where the window begins. Raises AfterTooOld for a reader who would miss something.
    """
    house = Role.MANAGER in roles_of(user)
    looked_at = limit if house else max(limit, LOOKED_AT)
    found = within_window(after, looked_at + 1)
    more = len(found) > looked_at
    looked = found[:looked_at]
    if house:
        return Feed(looked, looked[-1].position if more else None)
    if shop_of(user) is not None:
        return shop_part(user, looked, limit, more=more)
    return own_part(user, looked, limit, more=more)


def within_window(after: int, most: int) -> list[EventRecord]:
    """The events after this position; older ones than the window are history."""
    since = timezone.now() - settings.FEED_WINDOW
    found = list(EventRecord.objects.followed(after, most))
    if not found or found[0].happened_at >= since:
        return found
    if after:
        raise AfterTooOld(pointer="/after")
    return list(EventRecord.objects.followed(EventRecord.objects.position_before(since), most))


def shop_part(user: Any, looked: list[EventRecord], limit: int, *, more: bool) -> Feed:
    """Of these events what the user's shop hears. Whose lines are is written with their order."""
    heard = heard_by(user, looked)
    if len(heard) > limit:
        return Feed(heard[:limit], heard[limit - 1].position)
    return Feed(heard, looked[-1].position if more else None)


def own_part(user: Any, looked: list[EventRecord], limit: int, *, more: bool) -> Feed:
    """Of these events those of the user's orders.

    The page ends before an order of which it is not yet known whose it is: the reader would never
    come back to it.
    """
    owners, known_to = owners_of({event.subject for event in looked}), newest_read()
    own: list[EventRecord] = []
    end: int | None = None
    for event in looked:
        owner, position = owners.get(event.subject), event.position or 0
        if owner is None and position > known_to:
            return Feed(own, None)
        if owner is not None and owner.principal_id == user.pk:
            if len(own) == limit:
                return Feed(own, end)
            own.append(event)
        end = position
    return Feed(own, end if more else None)
