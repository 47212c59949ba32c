"""The verbs of an order."""

from orders.services.board import (
    Hour,
    OrdersBoard,
    count_late,
    count_open,
    newest_number,
    orders_board,
    placed_by_hour,
)
from orders.services.changing import Change, cancel_line, change_order, drop_line
from orders.services.courses import fire_course, follow_guests
from orders.services.following import (
    cancel_order,
    find_order,
    follow_kitchen,
    mark_preparing,
)
from orders.services.hurrying import rush_order
from orders.services.placing import NewLine, NewOrder, place_order
from orders.services.refiring import refire_line
from orders.services.serving import serve_order

__all__ = [
    "Change",
    "Hour",
    "NewLine",
    "NewOrder",
    "OrdersBoard",
    "cancel_line",
    "cancel_order",
    "change_order",
    "count_late",
    "count_open",
    "drop_line",
    "find_order",
    "fire_course",
    "follow_guests",
    "follow_kitchen",
    "mark_preparing",
    "newest_number",
    "orders_board",
    "place_order",
    "placed_by_hour",
    "refire_line",
    "rush_order",
    "serve_order",
]
