"""Orders that were not taken, which nobody else writes down."""

import hashlib
from typing import Any

from django.utils import timezone

from orders.reports.models import Refusal, day_and_hour


def note_refusal(*, code: str, channel: str, principal: Any, idempotency_key: str) -> None:
    """Count it once for each intention, however often it is asked for."""
    now = timezone.now()
    intention = f"{principal.pk} {idempotency_key}"
    refusal = Refusal(
        key=hashlib.sha256(intention.encode()).hexdigest(),
        code=code,
        channel=channel,
        refused_at=now,
        **day_and_hour(now),
    )
    Refusal.objects.bulk_create([refusal], ignore_conflicts=True)
