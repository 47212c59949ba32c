"""What the reports must say, asked of the rows of orders and tickets themselves.

It reads all that ever was, and is no report: the reports are held against it.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from kitchen import services as kitchen
from orders.lifecycle import OrderState
from orders.models import Order, OrderLine

#: For a group: orders, quantity and amount.
Sold = dict[Any, tuple[int, int, Decimal]]


def count_sold() -> dict[str, Sold]:
    """By day, hour, item, zone, channel and shop what was ordered and not cancelled."""
    zones = zones_of_lines()
    lines = list(OrderLine.objects.filter(cancelled_at=None).select_related("order"))
    return {
        "day": grouped(lines, lambda line: placed(line).date()),
        "hour": grouped(lines, lambda line: placed(line).hour),
        "item": grouped(lines, lambda line: line.item),
        "zone": grouped(lines, lambda line: zones.get(line.pk, "")),
        "channel": grouped(lines, lambda line: line.order.channel),
        "shop": grouped(lines, lambda line: line.shop),
    }


def placed(line: OrderLine) -> Any:
    return timezone.localtime(line.order.placed_at, timezone.get_default_timezone())


def grouped(lines: Iterable[OrderLine], group: Callable[[OrderLine], Any]) -> Sold:
    found: dict[Any, list[OrderLine]] = {}
    for line in lines:
        found.setdefault(group(line), []).append(line)
    return {
        key: (
            len({line.order_id for line in of_group}),
            sum(line.quantity for line in of_group),
            sum((line.quantity * line.unit_price for line in of_group), Decimal(0)),
        )
        for key, of_group in found.items()
    }


def zones_of_lines() -> dict[UUID, str]:
    """For each line the zone with the most seconds of its tickets."""
    found = {}
    for line, tickets in groupby(kitchen.all_cooked(), key=lambda ticket: ticket.line):
        seconds: Counter[str] = Counter()
        for ticket in tickets:
            if not ticket.refire:
                seconds[ticket.zone] += ticket.prep_seconds
        found[line] = seconds.most_common(1)[0][0]
    return found


def count_orders() -> dict[str, int]:
    """How many were placed, were ready, were late, were cancelled."""
    late = Order.objects.filter(ready_at__gt=F("promised_at"))
    return {
        "orders": Order.objects.count(),
        "ready": Order.objects.filter(~Q(ready_at=None)).count(),
        "late": late.count(),
        "cancelled": Order.objects.filter(state=OrderState.CANCELLED).count(),
    }


def count_wasted() -> Counter[str]:
    """By item how much of it was begun and thrown away.

    Of a line each cooking but the last was, and the last one if the line was cancelled after it
    had begun.
    """
    lines = {line.pk: line for line in OrderLine.objects.all()}
    wasted: Counter[str] = Counter()
    for ref, of_line in groupby(kitchen.all_cooked(), key=lambda ticket: ticket.line):
        line, tickets = lines[ref], list(of_line)
        last = max(ticket.refire for ticket in tickets)
        begun = any(ticket.started_at for ticket in tickets if ticket.refire == last)
        times = last + bool(begun and line.cancelled_at)
        if times:
            wasted[line.item] += times * line.quantity
    return wasted


def count_times() -> dict[UUID, tuple[Any, Any]]:
    """For each ticket that was begun how long it waited, and how long it cooked, if it is done."""
    return {
        one.ticket: (one.started_at - one.fired_at, one.done_at and one.done_at - one.started_at)
        for one in kitchen.all_cooked()
        if one.started_at and one.fired_at
    }
