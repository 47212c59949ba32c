"""What is done each few seconds: the feed is followed."""

from threading import Lock
from time import monotonic, sleep
from typing import Any

from orders.reports import services
from restaurant.celery import app

#: Seconds of one turn; what is left waits for the next, and others get theirs.
LONGEST_TURN = 1.0
following = Lock()


@app.task
def follow_feed(**_: Any) -> None:
    """Hear what is new. Not if this process still has its last turn: turns would pile up."""
    if following.acquire(blocking=False):
        try:
            until = monotonic() + LONGEST_TURN
            while services.follow() and monotonic() < until:
                sleep(services.BREATH)
        finally:
            following.release()


@app.task
def forget_reports(**_: Any) -> None:
    """Delete what nobody reads any more."""
    services.forget()
