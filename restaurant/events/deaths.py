"""Events that were left alone, because too many have died of them; and how they get another try."""

from django.db import transaction
from django.utils import timezone

from restaurant.events.models import Death, EventRecord


def count_left_alone() -> int:
    return Death.objects.left_alone().count()


def hear_again(event: EventRecord) -> bool:
    """Forget who has died of it, and have the relay tell it now; False if nobody had."""
    with transaction.atomic():
        forgotten, _by_model = Death.objects.filter(event=event, times__gt=0).delete()
        unheard = EventRecord.objects.filter(pk=event.pk, due_at__isnull=False)
        return bool(forgotten) and bool(unheard.update(due_at=timezone.now()))
