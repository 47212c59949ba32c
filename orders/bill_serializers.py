"""The shapes of what comes in and what is answered about money."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, TypedDict
from uuid import UUID

from rest_framework import serializers

from orders import promptpay
from orders.billing import Amounts, divide
from orders.lifecycle import OrderState
from orders.models import BillSettings, Order, OrderLine, Payment, Refund
from orders.services import Bill, Tender, promptpay_payload
from restaurant.fields import (
    QuerySerializer,
    StrictBooleanField,
    StrictCharField,
    StrictDecimalField,
    StrictRegexField,
    StrictSerializer,
)
from restaurant.shapes import Money, Pattern

#: 0.01 to 999999999999.99.
AMOUNT = r"\A(?:[1-9][0-9]{0,11}(?:\.[0-9]{1,2})?|0\.(?:0[1-9]|[1-9][0-9]?))\Z"
#: 0 to 100.00.
PERCENT = r"\A(?:100(?:\.0{1,2})?|[0-9]{1,2}(?:\.[0-9]{1,2})?)\Z"
MOST_GUESTS = 100
ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

Percent = Annotated[str, Pattern(r"^\d{1,3}\.\d{2}$")]


class PaySerializer(StrictSerializer):
    """What a guest hands over; of more cash than is due change is given.

    `reference`: the number of the slip; never that of a card.
    """

    method = serializers.ChoiceField(choices=Payment.Method.choices)
    amount = StrictDecimalField(
        AMOUNT, error_messages={"invalid": "More than nothing, with at most two decimals."}
    )
    reference = StrictCharField(max_length=64, allow_blank=True, default="")


def as_tender(body: dict[str, Any]) -> Tender:
    """What a body of POST pay/ hands over."""
    return Tender(**body)


class BillQuery(QuerySerializer):
    """`lines`: ids of lines, with commas between them, for who pays for these alone."""

    lines = serializers.RegexField(
        rf"\A{ID}(?:,{ID})*\Z",
        required=False,
        error_messages={"invalid": "Ids of lines, with commas between them."},
    )
    guests = serializers.IntegerField(min_value=1, max_value=MOST_GUESTS, required=False)

    def validate_lines(self, ids: str) -> list[UUID]:
        return [UUID(one) for one in ids.split(",")]


class ChangeBillSettings(StrictSerializer):
    """Orders that were placed before keep their charges.

    `service_percent`: for guests at a table alone. `promptpay_id`: a mobile number, a tax or
    national ID, or an e-wallet; null: no QR code.
    """

    service_percent = StrictDecimalField(
        PERCENT, required=False, error_messages={"invalid": "0 to 100, at most two decimals."}
    )
    vat_percent = StrictDecimalField(
        PERCENT, required=False, error_messages={"invalid": "0 to 100, at most two decimals."}
    )
    prices_include_vat = StrictBooleanField(required=False)
    promptpay_id = StrictRegexField(
        promptpay.PATTERN,
        required=False,
        allow_null=True,
        error_messages={"invalid": "10, 13 or 15 digits."},
    )
    receipt_head = StrictCharField(max_length=500, allow_blank=True, required=False)

    def validate_promptpay_id(self, promptpay_id: str | None) -> str:
        if promptpay_id and not promptpay.is_id(promptpay_id):
            raise serializers.ValidationError("Its last digit is another one.", "check_digit")
        return promptpay_id or ""


class BillSettingsJson(TypedDict):
    """What comes to the prices, and what bills say."""

    service_percent: Percent
    vat_percent: Percent
    prices_include_vat: bool
    promptpay_id: str | None
    receipt_head: str


class ChargedJson(TypedDict):
    """What lines cost: their sum, and their part of service charge and VAT."""

    subtotal: Money
    service_charge: Money
    vat: Money
    total: Money


class BillLineJson(ChargedJson):
    """A line, with its part of service charge and VAT; `shop` sells it, null: the house does."""

    id: UUID
    item: str
    name: str
    shop: str | None
    options: list[str]
    quantity: int
    unit_price: Money


class ShopSumsJson(ChargedJson):
    """What the lines of one shop cost; null: those of the house."""

    shop: str | None


class PaymentJson(TypedDict):
    """Money that was taken: `amount` of the bill, `change` was given back at once."""

    id: UUID
    method: Annotated[str, Payment.Method]
    amount: Money
    tendered: Money
    change: Money
    reference: str
    taken_at: datetime
    taken_by: str


class RefundJson(TypedDict):
    """What was paid and is not owed any more; null until it was given back."""

    id: UUID
    amount: Money
    reason: str
    made_at: datetime
    paid_back_at: datetime | None


class PromptPayJson(TypedDict):
    """A QR code that pays the amount: what it says, and as SVG."""

    amount: Money
    payload: str
    svg: str


class SplitJson(ChargedJson):
    """What the chosen lines cost; `due`: as much of it as is not paid yet."""

    lines: list[UUID]
    due: Money
    promptpay: PromptPayJson | None


class HeadJson(TypedDict):
    """Whose bill it is, and what comes to its prices."""

    order: UUID
    number: int
    table: str
    state: Annotated[str, OrderState]
    version: int
    currency: str
    service_percent: Percent
    vat_percent: Percent
    prices_include_vat: bool


class BillJson(HeadJson, ChargedJson):
    """What an order costs, each shop's part of it, what was paid of it, and what is due."""

    lines: list[BillLineJson]
    shops: list[ShopSumsJson]
    payments: list[PaymentJson]
    paid: Money
    refunds: list[RefundJson]
    refunded: Money
    due: Money
    promptpay: PromptPayJson | None
    split: SplitJson | None
    guests: list[Money]


class ShopBillJson(HeadJson, ChargedJson):
    """To a shop its part of the bill. What was paid is paid of all of the order."""

    shop: str
    lines: list[BillLineJson]


class PaidJson(BillJson):
    """The bill after a payment; `change` is what the guest gets back of this one."""

    payment: PaymentJson
    change: Money


def bill_settings_as_json(bills: BillSettings) -> BillSettingsJson:
    return {
        "service_percent": f"{bills.service_percent:.2f}",
        "vat_percent": f"{bills.vat_percent:.2f}",
        "prices_include_vat": bills.prices_include_vat,
        "promptpay_id": bills.promptpay_id or None,
        "receipt_head": bills.receipt_head,
    }


def bill_as_json(bill: Bill, chosen: Sequence[UUID] | None = None, guests: int = 0) -> BillJson:
    """The answer of the contract; `chosen` lines make a split, `guests` divide what is due."""
    balance = bill.balance
    return {
        **head_as_json(bill.order),
        **charged_as_json(bill.amounts),
        "lines": [line_as_json(line, of_line) for line, of_line in bill.lines],
        "shops": [
            {"shop": shop or None, **charged_as_json(part)} for shop, part in bill.shops.items()
        ],
        "payments": [payment_as_json(payment) for payment in bill.payments],
        "paid": str(balance.paid),
        "refunds": [refund_as_json(refund) for refund in bill.refunds],
        "refunded": str(balance.refunded),
        "due": str(balance.due),
        "promptpay": promptpay_as_json(bill, balance.due),
        "split": split_as_json(bill, chosen) if chosen else None,
        "guests": [str(part) for part in divide(balance.due, guests)],
    }


def shop_bill_as_json(bill: Bill, shop: str) -> ShopBillJson:
    """Its lines and what they cost, of the bill as all of the order's guests pay it."""
    lines = [(line, amounts) for line, amounts in bill.lines if line.shop == shop]
    return {
        **head_as_json(bill.order),
        **charged_as_json(bill.shops.get(shop, Amounts())),
        "shop": shop,
        "lines": [line_as_json(line, amounts) for line, amounts in lines],
    }


def head_as_json(order: Order) -> HeadJson:
    return {
        "order": order.ref,
        "number": order.number,
        "table": order.table,
        "state": order.state,
        "version": order.version,
        "currency": order.currency,
        "service_percent": f"{order.service_percent:.2f}",
        "vat_percent": f"{order.vat_percent:.2f}",
        "prices_include_vat": order.prices_include_vat,
    }


def charged_as_json(amounts: Amounts) -> ChargedJson:
    return {
        "subtotal": str(amounts.subtotal),
        "service_charge": str(amounts.service_charge),
        "vat": str(amounts.vat),
        "total": str(amounts.total),
    }


def line_as_json(line: OrderLine, amounts: Amounts) -> BillLineJson:
    return {
        **charged_as_json(amounts),
        "id": line.id,
        "item": line.item,
        "name": line.name,
        "shop": line.shop or None,
        "options": [option["code"] for option in line.options],
        "quantity": line.quantity,
        "unit_price": str(line.unit_price),
    }


def payment_as_json(payment: Payment) -> PaymentJson:
    return {
        "id": payment.id,
        "method": payment.method,
        "amount": str(payment.amount),
        "tendered": str(payment.tendered),
        "change": str(payment.change),
        "reference": payment.reference,
        "taken_at": payment.taken_at,
        "taken_by": payment.taken_by,
    }


def refund_as_json(refund: Refund) -> RefundJson:
    return {
        "id": refund.id,
        "amount": str(refund.amount),
        "reason": refund.reason,
        "made_at": refund.made_at,
        "paid_back_at": refund.paid_back_at,
    }


def split_as_json(bill: Bill, chosen: Sequence[UUID]) -> SplitJson:
    amounts = bill.amounts_of(chosen)
    due = min(amounts.total, bill.balance.due)
    return {
        **charged_as_json(amounts),
        "lines": list(dict.fromkeys(chosen)),
        "due": str(due),
        "promptpay": promptpay_as_json(bill, due),
    }


def promptpay_as_json(bill: Bill, amount: Decimal) -> PromptPayJson | None:
    payload = promptpay_payload(bill.order, amount)
    if not payload:
        return None
    return {"amount": str(amount), "payload": payload, "svg": promptpay.picture_of(payload)}


def paid_as_json(payment: Payment, bill: Bill) -> PaidJson:
    """What was taken, what the guest gets back, and how the bill stands then."""
    taken = payment_as_json(payment)
    return {**bill_as_json(bill), "payment": taken, "change": taken["change"]}
