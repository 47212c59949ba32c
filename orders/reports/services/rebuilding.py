"""All of it once more from the first event, while everybody reads what was there before."""

from collections.abc import Callable
from time import sleep

from django.db import transaction
from django.utils import timezone

from orders.reports.models import Projection
from orders.reports.services.following import BREATH, hear_next


def rebuild(told: Callable[[int], object] = lambda position: None) -> Projection:
    """Read the feed into rows of their own, then show these; `told` hears how far it is."""
    fresh = Projection.objects.create()
    while hear_next(fresh):
        told(fresh.position)
        sleep(BREATH)
    show(fresh)
    return fresh


def show(fresh: Projection) -> None:
    """Hear the last events while nobody follows, and switch: readers see the one or the other."""
    with transaction.atomic():
        # All rows are taken: which one is current may change while this waits for it.
        taken = list(Projection.objects.select_for_update().order_by("pk"))
        while hear_next(fresh):
            pass
        shown = [one.pk for one in taken if one.current]
        Projection.objects.filter(pk__in=shown).update(current=False, replaced_at=timezone.now())
        Projection.objects.filter(pk=fresh.pk).update(current=True)
    fresh.current = True
