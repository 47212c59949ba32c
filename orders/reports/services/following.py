"""From the feed of events to the rows of the reports: each event once, with the cursor."""

import logging
from datetime import datetime

from django.db import transaction

from orders.reports.books import Books
from orders.reports.meaning import MEANINGS
from orders.reports.models import Projection
from restaurant.events.models import EventRecord

logger = logging.getLogger(__name__)

#: Events of one transaction: on SQLite nobody else writes meanwhile.
BATCH = 100
#: Seconds between two transactions, for those who wait for SQLite's one write lock.
BREATH = 0.03


def follow() -> int:
    """Hear the next events of the feed; how many there were.

    Several may follow at once: of two with the same events one moves the cursor.
    """
    known = Projection.objects.filter(current=True).first()
    if not EventRecord.objects.followed(known.position if known else 0, 1).exists():
        return 0
    projection, _made = Projection.objects.get_or_create(current=True)
    return hear_next(projection)


def behind_since() -> datetime | None:
    """When the oldest event happened that the reports have not heard."""
    known = Projection.objects.filter(current=True).first()
    ahead = EventRecord.objects.followed(known.position if known else 0, 1)
    return ahead[0].happened_at if ahead else None


def hear_next(projection: Projection) -> int:
    """Hear the next events; how many, and none if somebody else has heard them meanwhile.

    Rows and cursor are written in one transaction, and only from where the cursor was read: what
    takes long, reading and reckoning, is done before it.
    """
    events = list(EventRecord.objects.followed(projection.position, BATCH))
    if not events:
        return 0
    heard = [event for event in events if event.name in MEANINGS]
    books = Books(projection, {event.subject for event in heard})
    for event in heard:
        understand(books, event)
    with transaction.atomic():
        if not move_on(projection, events[-1]):
            return 0
        books.write()
    return len(events)


def understand(books: Books, event: EventRecord) -> None:
    """One that nobody can read must not keep the reports from all that follow."""
    try:
        MEANINGS[event.name](books, event)
    except (KeyError, TypeError, ValueError):
        logger.exception("%s %s can't be read: it is not in the reports.", event.name, event.uuid)


def move_on(projection: Projection, last: EventRecord) -> bool:
    """Move the cursor from where it was read; False if it is not there any more."""
    cursor = Projection.objects.filter(pk=projection.pk, position=projection.position)
    if not cursor.update(position=last.position or 0, as_of=last.happened_at):
        return False
    projection.position, projection.as_of = last.position or 0, last.happened_at
    return True
