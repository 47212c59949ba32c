"""The money of a bill: arithmetic alone, in Decimal, exact to the satang.

What is rounded, and where, stands in docs/bill.md. Decimal's 28 digits hold the product of any two
of these sums, so nothing is rounded that is not rounded here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

SATANG = Decimal("0.01")
NOTHING = Decimal("0.00")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Charges:
    """What comes to the prices of an order, in percent."""

    service_percent: Decimal = NOTHING
    vat_percent: Decimal = NOTHING
    prices_include_vat: bool = True


@dataclass(frozen=True)
class Amounts:
    """What is charged for a line, or for several; `vat` is a part of `total` in any case."""

    subtotal: Decimal = NOTHING
    service_charge: Decimal = NOTHING
    vat: Decimal = NOTHING
    total: Decimal = NOTHING

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.subtotal + other.subtotal,
            self.service_charge + other.service_charge,
            self.vat + other.vat,
            self.total + other.total,
        )


def rounded(amount: Decimal) -> Decimal:
    """To the satang, half of one up."""
    return amount.quantize(SATANG, ROUND_HALF_UP)


def charge(prices: Sequence[Decimal], charges: Charges) -> list[Amounts]:
    """What each line costs, in its order; together they are the bill.

    Service charge and VAT are worked out, and rounded, once for all lines, and then spread over
    them.
    """
    subtotal = sum(prices, NOTHING)
    service_charge = rounded(subtotal * charges.service_percent / HUNDRED)
    vat = vat_of(subtotal + service_charge, charges)
    on_top = NOTHING if charges.prices_include_vat else vat
    spreads = (spread(amount, prices) for amount in (service_charge, vat, on_top))
    return [
        Amounts(price, service, tax, price + service + added)
        for price, service, tax, added in zip(prices, *spreads, strict=True)
    ]


def charge_by_shop(
    prices: Sequence[Decimal], shops: Sequence[str], charges: Charges
) -> list[Amounts]:
    """As `charge`; service charge and VAT of a shop are each less than a satang from fair.

    For that they are spread as if they followed each other: a part is rounded at its end alone.
    """
    order = sorted(range(len(prices)), key=lambda place: shops[place])
    charged = dict(zip(order, charge([prices[place] for place in order], charges), strict=True))
    return [charged[place] for place in range(len(prices))]


def vat_of(amount: Decimal, charges: Charges) -> Decimal:
    """The VAT that is in the amount, or that comes on top of it."""
    inside = charges.vat_percent if charges.prices_include_vat else NOTHING
    return rounded(amount * charges.vat_percent / (HUNDRED + inside))


def spread(whole: Decimal, over: Sequence[Decimal]) -> list[Decimal]:
    """Parts of the whole, as these amounts stand to each other, which together are the whole.

    What is rounded is where each part ends, not the part: no satang is lost or made.
    """
    of_all = sum(over, NOTHING)
    reached, ends = NOTHING, [NOTHING]
    for amount in over:
        reached += amount
        ends.append(rounded(whole * reached / of_all) if of_all else NOTHING)
    return [end - begin for begin, end in pairwise(ends)]


def divide(whole: Decimal, guests: int) -> list[Decimal]:
    """What each of so many guests pays of it; a satang more or less."""
    return spread(whole, [Decimal(1)] * guests)


@dataclass(frozen=True)
class Balance:
    """How a bill stands; what is `refunded` was given back, or is to be."""

    total: Decimal
    paid: Decimal
    refunded: Decimal

    @property
    def due(self) -> Decimal:
        return max(self.total - self.paid + self.refunded, NOTHING)

    @property
    def surplus(self) -> Decimal:
        """What was paid beyond the total, and nobody has promised to give back yet."""
        return max(self.paid - self.refunded - self.total, NOTHING)
