"""What is done each few seconds: the feed is followed."""

from typing import Any

from orders.reports import services
from restaurant.celery import app

#: Batches of one turn; what is left waits for the next, and others get theirs.
MOST_BATCHES = 50


@app.task
def follow_feed(**_: Any) -> None:
    """Hear what is new."""
    for _turn in range(MOST_BATCHES):
        if not services.follow():
            return


@app.task
def forget_reports(**_: Any) -> None:
    """Delete what nobody reads any more."""
    services.forget()
