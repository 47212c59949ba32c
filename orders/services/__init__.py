"""The verbs of an order."""

from orders.services.bills import (
    Bill,
    bill_of,
    change_bill_settings,
    promptpay_payload,
    read_bill,
)
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
    NOTHING_TO_COOK,
    cancel_order,
    find_order,
    follow_kitchen,
    mark_preparing,
)
from orders.services.hurrying import rush_order
from orders.services.paying import Tender, close_order, pay_order
from orders.services.placing import NewLine, NewOrder, place_order
from orders.services.refiring import refire_line
from orders.services.refunding import count_refunds_due, pay_back
from orders.services.seeing import Part, part_for
from orders.services.serving import serve_order
from orders.services.settling import Settled, settle_shops

__all__ = [
    "NOTHING_TO_COOK",
    "Bill",
    "Change",
    "Hour",
    "NewLine",
    "NewOrder",
    "OrdersBoard",
    "Part",
    "Settled",
    "Tender",
    "bill_of",
    "cancel_line",
    "cancel_order",
    "change_bill_settings",
    "change_order",
    "close_order",
    "count_late",
    "count_open",
    "count_refunds_due",
    "drop_line",
    "find_order",
    "fire_course",
    "follow_guests",
    "follow_kitchen",
    "mark_preparing",
    "newest_number",
    "orders_board",
    "part_for",
    "pay_back",
    "pay_order",
    "place_order",
    "placed_by_hour",
    "promptpay_payload",
    "read_bill",
    "refire_line",
    "rush_order",
    "serve_order",
    "settle_shops",
]
