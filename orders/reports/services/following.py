"""From the feed of events to the rows of the reports: each event once, with the cursor."""

from django.db import transaction

from orders.reports.books import Books
from orders.reports.meaning import MEANINGS
from orders.reports.models import Projection
from restaurant.events.models import EventRecord

#: Events of one transaction: on SQLite nobody else writes meanwhile.
BATCH = 200


def follow() -> int:
    """Hear the next events of the feed; how many there were.

    Several may follow at once: the projection's row is taken first.
    """
    known = Projection.objects.filter(current=True).first()
    if not EventRecord.objects.followed(known.position if known else 0, 1).exists():
        return 0
    with transaction.atomic():
        projection, _made = Projection.objects.select_for_update().get_or_create(current=True)
        return hear_next(projection)


def hear_next(projection: Projection) -> int:
    """Call it in a transaction that has taken the projection's row: both move, or none does."""
    events = list(EventRecord.objects.followed(projection.position, BATCH))
    if not events:
        return 0
    heard = [event for event in events if event.name in MEANINGS]
    if heard:
        books = Books(projection, {event.subject for event in heard})
        for event in heard:
            MEANINGS[event.name](books, event)
        books.write()
    last = events[-1]
    projection.position, projection.as_of = last.position or 0, last.happened_at
    projection.save(update_fields=["position", "as_of"])
    return len(events)
