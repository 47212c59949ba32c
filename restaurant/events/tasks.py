"""What is done in the background: forgetting."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from restaurant.celery import app
from restaurant.events.models import EventRecord

#: Much longer than the relay can be between claiming a message and finding that the broker is away.
KEPT = timedelta(hours=1)


@app.task
def forget_releases(**_: Any) -> None:
    """Drop the parked tasks' messages that were sent long ago."""
    EventRecord.objects.forget_releases(timezone.now() - KEPT)
