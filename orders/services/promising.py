"""What was promised of an order, once more is to be cooked of it."""

from collections.abc import Mapping
from datetime import datetime

from orders.models import Order
from orders.services.placing import as_json

#: What `promise_anew` changes, for who saves it.
PROMISED = ("tray_promises", "promised_at", "between_courses")


def promise_anew(order: Order, promised_at: Mapping[int, datetime | None]) -> None:
    """A tray with more on it is ready when all of it is, and the order with the last of them.

    Guests to whom something is promised wait for it, though they are between two courses.
    """
    known = {
        int(tray): datetime.fromisoformat(at) if at else None
        for tray, at in order.tray_promises.items()
    }
    for tray, promised in promised_at.items():
        known[tray] = max(filter(None, [known.get(tray), promised]), default=None)
    order.tray_promises = as_json(known)
    order.promised_at = max(filter(None, known.values()))
    order.between_courses = order.between_courses and not any(promised_at.values())
