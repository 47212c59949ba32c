"""The manager's first page: what is late, which zone is drowning, what is sold out; live."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from kitchen import services as kitchen
from orders import services

#: Who sees the numbers sees what they are made of.
NEEDED = ("orders.view_order", "kitchen.view_ticket", "kitchen.view_zone", "kitchen.view_menuitem")


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What `admin/index.html` shows beside its frame."""
    return {**context, **(numbers() if request.user.has_perms(NEEDED) else {})}


def show_live(request: HttpRequest) -> HttpResponse:
    """The numbers alone: the page asks for them again and again."""
    if not request.user.has_perms(NEEDED):
        raise PermissionDenied
    response = render(request, "orders/dashboard.html", numbers())
    response["Cache-Control"] = "no-store"
    return response


def numbers() -> dict[str, Any]:
    """Each tile and each table is one query over what is open, or over the last day."""
    hours = services.placed_by_hour()
    busiest = max(hour.placed for hour in hours)
    zones = kitchen.zone_boards()
    longest = max((board.wait.total_seconds() for board in zones), default=0)
    return {
        "now": timezone.now(),
        "orders": services.orders_board(),
        "zones": [
            (board, round(100 * board.wait.total_seconds() / longest) if longest else 0)
            for board in zones
        ],
        "hours": [(hour, round(100 * hour.placed / busiest) if busiest else 0) for hour in hours],
        "placed": sum(hour.placed for hour in hours),
        "pass": kitchen.pass_board(),
        "quarantined": kitchen.count_quarantined(),
        "unprinted": kitchen.count_unprinted(),
        "stock": kitchen.stock_board(),
    }
