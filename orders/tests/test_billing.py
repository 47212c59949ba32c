"""The arithmetic of a bill: by a table, and with any sums at all."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.billing import (
    NOTHING,
    SATANG,
    Amounts,
    Balance,
    Charges,
    charge,
    charge_by_shop,
    divide,
    rounded,
    spread,
)

sums = st.decimals(min_value=0, max_value=10_000_000, places=2)
percents = st.decimals(min_value=0, max_value=100, places=2)
some_charges = st.builds(Charges, percents, percents, st.booleans())

#: prices, service charge, VAT, included? → sum of the lines, service charge, VAT, total
BILLS = [
    ("", "10", "7", True, "0.00 0.00 0.00 0.00"),
    ("100.00", "0", "0", True, "100.00 0.00 0.00 100.00"),
    ("107.00", "0", "7", True, "107.00 0.00 7.00 107.00"),
    ("100.00", "0", "7", False, "100.00 0.00 7.00 107.00"),
    ("100.00", "10", "7", False, "100.00 10.00 7.70 117.70"),
    ("100.00", "10", "7", True, "100.00 10.00 7.20 110.00"),
    # 120 + 45 + 60: as on the menu.
    ("120.00 45.00 60.00", "10", "7", False, "225.00 22.50 17.33 264.83"),
    ("120.00 45.00 60.00", "10", "7", True, "225.00 22.50 16.19 247.50"),
    # Half a satang is a whole one.
    ("0.05", "10", "0", True, "0.05 0.01 0.00 0.06"),
    ("0.04", "10", "0", True, "0.04 0.00 0.00 0.04"),
    ("0.25", "2", "0", True, "0.25 0.01 0.00 0.26"),
    # VAT is rounded once for all: of each 0.07 by itself it would be nothing.
    ("0.07 " * 10, "0", "7", False, "0.70 0.00 0.05 0.75"),
    ("0.00 0.00", "10", "7", False, "0.00 0.00 0.00 0.00"),
    ("50.00", "100", "100", False, "50.00 50.00 100.00 200.00"),
    ("999999999999.99", "10", "7", False, "999999999999.99 100000000000.00 77000000000.00 "
     "1176999999999.99"),
]  # fmt: skip


@pytest.mark.parametrize(("prices", "service", "vat", "included", "expected"), BILLS)
def test_a_bill_is_worked_out_by_its_rules(
    prices: str, service: str, vat: str, included: bool, expected: str
) -> None:
    charges = Charges(Decimal(service), Decimal(vat), included)
    lines = charge([Decimal(price) for price in prices.split()], charges)
    amounts = sum(lines, Amounts())
    told = (amounts.subtotal, amounts.service_charge, amounts.vat, amounts.total)
    assert " ".join(map(str, told)) == expected


def nearest(exactly: Fraction) -> Decimal:
    """To the satang by other means: in whole numbers, half of one up."""
    return Decimal((exactly * 100 + Fraction(1, 2)).__floor__()) / 100


@given(st.lists(sums, max_size=100), some_charges)
def test_all_lines_together_are_the_bill_whatever_the_prices_are(
    prices: list[Decimal], charges: Charges
) -> None:
    lines = charge(prices, charges)
    amounts = sum(lines, Amounts())
    subtotal = sum(map(Fraction, prices), Fraction(0))
    service_charge = nearest(subtotal * Fraction(charges.service_percent) / 100)
    before = subtotal + Fraction(service_charge)
    vat_percent = Fraction(charges.vat_percent)
    if charges.prices_include_vat:
        vat = nearest(before * vat_percent / (100 + vat_percent))
        total = before
    else:
        vat = nearest(before * vat_percent / 100)
        total = before + Fraction(vat)
    assert amounts == Amounts(nearest(subtotal), service_charge, vat, nearest(total))
    assert [line.subtotal for line in lines] == prices
    for line in lines:
        assert min(line.subtotal, line.service_charge, line.vat) >= 0
        on_top = NOTHING if charges.prices_include_vat else line.vat
        assert line.total == line.subtotal + line.service_charge + on_top


@given(st.data(), st.lists(sums, max_size=30), some_charges)
def test_guests_who_share_out_the_lines_pay_the_bill_and_no_satang_more(
    data: st.DataObject, prices: list[Decimal], charges: Charges
) -> None:
    lines = charge(prices, charges)
    guests = data.draw(st.lists(st.integers(1, 4), min_size=len(lines), max_size=len(lines)))
    paid = [
        sum((line for line, guest in zip(lines, guests, strict=True) if guest == one), Amounts())
        for one in range(1, 5)
    ]
    assert sum(paid, Amounts()) == sum(lines, Amounts())


@given(sums, st.lists(sums, max_size=30))
def test_a_part_is_less_than_a_satang_away_from_what_is_fair(
    whole: Decimal, over: list[Decimal]
) -> None:
    parts = spread(whole, over)
    of_all = sum(map(Fraction, over), Fraction(0))
    assert len(parts) == len(over)
    if not of_all:
        assert not any(parts)
        return
    assert sum(parts) == whole
    for part, amount in zip(parts, over, strict=True):
        assert part == rounded(part) >= 0
        assert abs(Fraction(part) - Fraction(whole) * Fraction(amount) / of_all) <= Fraction(SATANG)


def test_three_guests_divide_a_hundred_baht() -> None:
    assert divide(Decimal("100.00"), 3) == [Decimal("33.33"), Decimal("33.34"), Decimal("33.33")]
    assert divide(Decimal("0.02"), 3) == [Decimal("0.01"), Decimal("0.00"), Decimal("0.01")]
    assert divide(Decimal("100.00"), 0) == []


@given(sums, st.integers(1, 100))
def test_however_many_guests_divide_they_pay_all_of_it_and_nobody_a_satang_more_than_another(
    whole: Decimal, guests: int
) -> None:
    parts = divide(whole, guests)
    assert sum(parts) == whole
    assert max(parts) - min(parts) <= SATANG


@given(sums, sums, sums)
def test_a_bill_is_either_due_or_paid_too_much_and_never_both(
    total: Decimal, paid: Decimal, refunded: Decimal
) -> None:
    balance = Balance(total, paid, refunded)
    assert balance.due - balance.surplus == total - paid + refunded
    assert min(balance.due, balance.surplus) == 0


@given(st.lists(st.tuples(sums, st.sampled_from(["", "krua", "nam"]))), some_charges)
def test_the_parts_of_the_shops_are_the_bill_and_each_is_fair(
    lines: list[tuple[Decimal, str]], charges: Charges
) -> None:
    prices, shops = [price for price, _ in lines], [shop for _, shop in lines]
    charged = charge_by_shop(prices, shops, charges)
    bill = sum(charge(prices, charges), Amounts())
    assert sum(charged, Amounts()) == bill
    assert [amounts.subtotal for amounts in charged] == prices
    for shop in set(shops):
        part = sum((a for a, of in zip(charged, shops, strict=True) if of == shop), Amounts())
        for got, whole in ((part.service_charge, bill.service_charge), (part.vat, bill.vat)):
            fair = Fraction(whole) * Fraction(part.subtotal) / Fraction(bill.subtotal or 1)
            assert abs(Fraction(got) - fair) < Fraction(SATANG)


def test_lines_of_one_shop_cost_what_they_always_did() -> None:
    prices = [Decimal("0.07"), Decimal("3.33"), Decimal("99.99")]
    charges = Charges(Decimal(10), Decimal(7))
    assert charge_by_shop(prices, ["krua"] * 3, charges) == charge(prices, charges)
