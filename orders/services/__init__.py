"""The verbs of an order."""

from orders.services.following import (
    cancel_order,
    find_order,
    follow_kitchen,
    mark_preparing,
    serve_order,
)
from orders.services.placing import NewLine, NewOrder, place_order

__all__ = [
    "NewLine",
    "NewOrder",
    "cancel_order",
    "find_order",
    "follow_kitchen",
    "mark_preparing",
    "place_order",
    "serve_order",
]
