"""What is not needed any more: replaced projections, and the times of old tickets."""

from datetime import timedelta
from time import sleep
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from orders.reports.models import OF_PROJECTIONS, CookedTicket, Projection
from orders.reports.services.following import BREATH

#: Longer than any request reads.
READ_ON = timedelta(minutes=10)
#: A rebuilding that was not shown by then has died.
LONGEST_REBUILD = timedelta(days=1)
#: Rows that are deleted at once: on SQLite nobody else writes meanwhile.
SLICE = 2000


def forget() -> None:
    now = timezone.now()
    replaced = Q(replaced_at__lt=now - READ_ON)
    died = Q(replaced_at=None, begun_at__lt=now - LONGEST_REBUILD)
    for projection in Projection.objects.filter(replaced | died, current=False):
        for kind in OF_PROJECTIONS:
            delete(kind.objects.filter(projection=projection))
        projection.delete()
    old = timezone.localdate() - settings.REPORT_TICKETS_KEPT
    delete(CookedTicket.objects.filter(day__lt=old))


def delete(rows: QuerySet[Any]) -> None:
    """All of them, some at a time."""
    while some := list(rows.values_list("pk", flat=True)[:SLICE]):
        rows.model.objects.filter(pk__in=some).delete()
        sleep(BREATH)
