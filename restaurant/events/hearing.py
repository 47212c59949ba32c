"""Hearing something: the effect and the mark that it was heard commit together, once."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction

from restaurant.events.models import Heard


def hears(effect: Callable[..., None]) -> Callable[..., None]:
    """Turn a function into the body of a hearing task: `@app.task` above, `@hears` below.

    `effect` is called with the event's data as keywords, in a transaction, unless this subscriber
    has heard the event before. What it raises rolls both back, and the relay tells again.
    """
    subscriber = f"{effect.__module__}.{effect.__qualname__}"

    @wraps(effect)
    def hear(*, event_id: int, **data: Any) -> None:
        with transaction.atomic():
            if Heard.objects.first_time(event_id, subscriber):
                effect(**data)

    hear.hears = effect  # type: ignore[attr-defined]
    return hear
