"""Hearing something: the effect and the mark that it was heard commit together, once."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from celery import current_task
from django.db import transaction

from restaurant.events.models import Death, Heard

logger = logging.getLogger(__name__)


def hears(effect: Callable[..., None]) -> Callable[..., None]:
    """Turn a function into the body of a hearing task: `@app.task` above, `@hears` below.

    `effect` is called with the event's data as keywords, in a transaction, unless this subscriber
    has heard the event before. What it raises rolls both back, and the relay tells again.

    An effect that kills its process would be tried for ever, and stop all others: deaths are
    counted, from the second message on, so that the usual one costs nothing more.
    """
    subscriber = f"{effect.__module__}.{effect.__qualname__}"

    def hear_once(event_id: int, data: dict[str, Any]) -> None:
        with transaction.atomic():
            if Heard.objects.first_time(event_id, subscriber):
                effect(**data)

    @wraps(effect)
    def hear(*, event_id: int, again: bool = False, **data: Any) -> None:
        if not (again or is_redelivered()):
            hear_once(event_id, data)
        elif Death.objects.may_begin(event_id, subscriber):
            try:
                hear_once(event_id, data)
            finally:
                Death.objects.survived(event_id, subscriber)
        else:
            logger.error("Event %s kills who hears it as %s: left alone.", event_id, subscriber)

    hear.hears = effect  # type: ignore[attr-defined]
    return hear


def is_redelivered() -> bool:
    """Somebody had taken this message before, and never came back."""
    if not current_task:
        return False
    return bool((current_task.request.delivery_info or {}).get("redelivered"))
