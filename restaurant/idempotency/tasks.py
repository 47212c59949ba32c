"""What is done in the background: forgetting."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from restaurant.celery import app
from restaurant.idempotency.models import StoredAnswer


@app.task
def forget_answers(**_: Any) -> None:
    """Delete the answers that have been kept long enough."""
    StoredAnswer.objects.filter(stored_at__lt=timezone.now() - settings.IDEMPOTENCY_KEPT).delete()
