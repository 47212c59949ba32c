"""What an order costs, what was paid of it, and what is left to pay."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.safestring import mark_safe

from orders import promptpay
from orders.billing import NOTHING, Amounts, Balance, charge_by_shop
from orders.exceptions import UnknownLine
from orders.models import BillSettings, Order, OrderLine, Payment, Refund

#: How often a bill is read anew that changes while it is read.
TRIES = 3


@dataclass(frozen=True)
class Bill:
    """All money of one order; `lines` are those that the guests have to pay."""

    order: Order
    lines: list[tuple[OrderLine, Amounts]]
    payments: list[Payment]
    refunds: list[Refund]

    @property
    def amounts(self) -> Amounts:
        return sum((amounts for _, amounts in self.lines), Amounts())

    @property
    def balance(self) -> Balance:
        # Added up here, and not by the database: SQLite would add floats.
        return Balance(
            self.amounts.total,
            sum((payment.amount for payment in self.payments), NOTHING),
            sum((refund.amount for refund in self.refunds), NOTHING),
        )

    @property
    def qr_code(self) -> str:
        """What is due, for PromptPay, as a picture in SVG; empty where there is none."""
        payload = promptpay_payload(self.order, self.balance.due)
        return mark_safe(promptpay.picture_of(payload)) if payload else ""  # noqa: S308  ours

    @property
    def shops(self) -> dict[str, Amounts]:
        """The part of each shop, the house's under an empty code; together they are the bill."""
        parts: dict[str, Amounts] = {}
        for line, amounts in self.lines:
            parts[line.shop] = parts.get(line.shop, Amounts()) + amounts
        return parts

    def amounts_of(self, chosen: Collection[UUID]) -> Amounts:
        """What these lines cost, with their part of the charges. Raises UnknownLine."""
        amounts = {line.pk: amounts for line, amounts in self.lines}
        for line in chosen:
            if line not in amounts:
                raise UnknownLine(pointer="", line=str(line))
        return sum((amounts[line] for line in dict.fromkeys(chosen)), Amounts())


def bill_of(order: Order) -> Bill:
    """The bill of an order whose row the caller has taken."""
    lines = [line for line in order.lines.all() if line.cancelled_at is None]
    prices, shops = [line.price for line in lines], [line.shop for line in lines]
    return Bill(
        order,
        list(zip(lines, charge_by_shop(prices, shops, order.charges), strict=True)),
        list(order.payments.all()),
        list(order.refunds.all()),
    )


def total_of(lines: Iterable[OrderLine]) -> Decimal:
    """What they cost by the menu: the total of an order that has these."""
    return sum((line.price for line in lines), NOTHING)


def read_bill(order: Order) -> Bill:
    """The bill, to be shown: all of it of one moment."""
    bill = bill_of(order)
    for _ in range(TRIES):
        now = Order.objects.get(pk=order.pk)
        if now.version == bill.order.version:
            break
        # Whatever moves money raises the version.
        bill = bill_of(now)
    return bill


def promptpay_payload(order: Order, amount: Decimal) -> str:
    """What the QR code for this amount says; empty where there is none."""
    shop = BillSettings.current().promptpay_id
    if not shop or not amount or order.currency != promptpay.CURRENCY:
        return ""
    return promptpay.payload_of(shop, amount)


def change_bill_settings(**changes: Any) -> BillSettings:
    """Change what bills say, and what comes to the prices of orders that are placed from now on."""
    with transaction.atomic():
        bills, _ = BillSettings.objects.get_or_create(pk=1)
        for name, value in changes.items():
            setattr(bills, name, value)
        bills.save(update_fields=list(changes))
    return bills
