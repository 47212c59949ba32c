"""What of an order its caller may see: all of it, or the part of a shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orders.models import Order, OrderLine
from orders.services.bills import total_of
from restaurant.accounts.roles import shop_of


@dataclass(frozen=True)
class Part:
    """An order with those of its lines that are to be seen: the shop's, or all of them."""

    order: Order
    lines: Sequence[OrderLine]
    shop: str | None = None

    @property
    def total(self) -> Decimal:
        """What these cost by the menu."""
        if self.shop is None:
            return self.order.total
        return total_of(line for line in self.lines if line.cancelled_at is None)


def part_for(user: Any, order: Order) -> Part:
    """What the user sees of an order that is visible to it; whoever shows lines asks here."""
    shop = shop_of(user)
    lines = list(order.lines.all())
    return Part(order, [line for line in lines if shop in (None, line.shop)], shop)
