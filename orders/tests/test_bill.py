"""What an order costs: its lines at the menu's prices, and the house's charges."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, new_key, order_body
from kitchen.models import Option
from orders import services
from orders.models import BillSettings, Order
from orders.promptpay import payload_of

Place = Callable[..., Order]

#: A house that adds service charge and VAT to its prices.
ON_TOP = {
    "service_percent": Decimal(10),
    "vat_percent": Decimal(7),
    "prices_include_vat": False,
}


@pytest.fixture
def bill(client_of: Callable[..., APIClient], guest: User) -> Callable[..., dict[str, Any]]:
    """The bill of an order, as its owner reads it."""
    app = client_of(guest)

    def read(order: Order, **query: Any) -> dict[str, Any]:
        answer = app.get(f"/api/v1/orders/{order.ref}/bill/", query)
        assert answer.status_code == 200, answer.content
        said: dict[str, Any] = answer.json()
        return said

    return read


def money_of(bill: dict[str, Any]) -> list[str]:
    return [bill[name] for name in ("subtotal", "service_charge", "vat", "total")]


def test_a_bill_says_what_was_ordered_and_what_is_due(
    place: Place, bill: Callable[..., Any]
) -> None:
    order = place("tom-yum", ("water", 2), channel="dine_in", table="A3")
    soup, water = order.lines.all()
    assert bill(order) == {
        "order": str(order.ref),
        "number": order.number,
        "table": "A3",
        "state": "placed",
        "version": 1,
        "currency": "THB",
        "lines": [
            {
                "id": str(soup.pk),
                "item": "tom-yum",
                "name": "Tom Yum",
                "shop": None,
                "options": [],
                "quantity": 1,
                "unit_price": "120.00",
                "subtotal": "120.00",
                "service_charge": "0.00",
                "vat": "7.85",
                "total": "120.00",
            },
            {
                "id": str(water.pk),
                "item": "water",
                "name": "Water",
                "shop": None,
                "options": [],
                "quantity": 1,
                "unit_price": "10.00",
                "subtotal": "10.00",
                "service_charge": "0.00",
                "vat": "0.65",
                "total": "10.00",
            },
        ],
        "subtotal": "130.00",
        "service_percent": "0.00",
        "service_charge": "0.00",
        "vat_percent": "7.00",
        "prices_include_vat": True,
        "vat": "8.50",
        "total": "130.00",
        "shops": [
            {
                "shop": None,
                "subtotal": "130.00",
                "service_charge": "0.00",
                "vat": "8.50",
                "total": "130.00",
            }
        ],
        "payments": [],
        "paid": "0.00",
        "refunds": [],
        "refunded": "0.00",
        "due": "130.00",
        "promptpay": None,
        "split": None,
        "guests": [],
    }


def test_the_lines_of_a_bill_are_the_orders_total(
    client_of: Callable[..., APIClient], guest: User, choices: dict[str, Option], bill: Any
) -> None:
    body = order_body("tom-yum", "pad-krapow", "gai-yang")
    body["lines"][1] |= {"quantity": 3, "options": ["tofu", "fried-egg"]}
    made = client_of(guest).post("/api/v1/orders/", body, format="json", headers=new_key())
    order = Order.objects.get()
    services.cancel_line(order, order.lines.get(item="gai-yang").pk)
    read = bill(order)
    # 120 + 3 × (60 - 5 + 10)
    assert made.json()["total"] == "405.00"
    order.refresh_from_db()
    assert (read["subtotal"], read["total"], str(order.total)) == ("315.00", "315.00", "315.00")
    assert [line["item"] for line in read["lines"]] == ["tom-yum", "pad-krapow"]
    assert read["lines"][1]["options"] == ["tofu", "fried-egg"]


def test_service_charge_and_vat_come_on_top_where_the_house_says_so(
    place: Place, bill: Callable[..., Any]
) -> None:
    services.change_bill_settings(**ON_TOP)
    at_a_table = place("tom-yum", "thai-tea", channel="dine_in", table="A3")
    assert money_of(bill(at_a_table)) == ["165.00", "16.50", "12.71", "194.21"]
    # Who takes it away is not served at a table.
    taken_away = place("tom-yum", "thai-tea")
    assert money_of(bill(taken_away)) == ["165.00", "0.00", "11.55", "176.55"]
    services.change_bill_settings(prices_include_vat=True)
    inside = place("tom-yum", "thai-tea", channel="dine_in", table="A3")
    assert money_of(bill(inside)) == ["165.00", "16.50", "11.87", "181.50"]


def test_an_order_keeps_the_charges_of_the_moment_when_it_was_placed(
    place: Place, bill: Callable[..., Any]
) -> None:
    order = place("tom-yum", channel="dine_in", table="A3")
    services.change_bill_settings(**ON_TOP)
    assert money_of(bill(order)) == ["120.00", "0.00", "7.85", "120.00"]


def test_who_pays_for_some_lines_is_told_what_these_cost(
    place: Place, bill: Callable[..., Any]
) -> None:
    services.change_bill_settings(**ON_TOP)
    order = place("tom-yum", "thai-tea", "water", channel="dine_in", table="A3")
    soup, tea, water = (str(line.pk) for line in order.lines.all())
    whole = bill(order)
    one, other = (
        bill(order, lines=soup)["split"],
        bill(order, lines=f"{tea},{water},{tea}")["split"],
    )
    assert one["lines"] == [soup]
    assert other["lines"] == [tea, water]
    for name in ("subtotal", "service_charge", "vat", "total"):
        assert Decimal(one[name]) + Decimal(other[name]) == Decimal(whole[name]), name
    assert one["due"] == one["total"] == "141.24"
    services.pay_order(order, services.Tender("cash", Decimal(150)), by="x")
    left = bill(order, lines=soup)
    # Nobody is asked for more than is left.
    assert left["split"]["total"] == "141.24"
    assert left["split"]["due"] == left["due"] == "55.98"


def test_guests_may_divide_what_is_due(place: Place, bill: Callable[..., Any]) -> None:
    order = place("tom-yum", "water", "water")
    assert bill(order, guests=3)["guests"] == ["46.67", "46.66", "46.67"]
    assert bill(order, guests=1)["guests"] == ["140.00"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("lines=soup", "invalid_query"),
        ("lines=", "invalid_query"),
        ("guests=0", "invalid_query"),
        ("guests=101", "invalid_query"),
        ("for=me", "invalid_query"),
        ("lines=00000000-0000-4000-8000-000000000000", "unknown_line"),
    ],
)
def test_what_can_not_be_split_is_refused(
    place: Place, client_of: Callable[..., APIClient], query: str, code: str
) -> None:
    order = place("tom-yum")
    answer = client_of("waiter").get(f"/api/v1/orders/{order.ref}/bill/?{query}")
    assert_problem(answer, 400, code)


def test_a_cancelled_line_is_nobodys_to_pay(
    place: Place, client_of: Callable[..., APIClient]
) -> None:
    order = place("tom-yum", "water")
    soup = order.lines.get(item="tom-yum").pk
    services.cancel_line(order, soup)
    url = f"/api/v1/orders/{order.ref}/bill/?lines={soup}"
    problem = assert_problem(client_of("waiter").get(url), 400, "unknown_line")
    assert problem["line"] == str(soup)


def test_a_cancelled_order_costs_what_was_served_before(
    place: Place, opened: Place, bill: Callable[..., Any]
) -> None:
    nothing = place("tom-yum")
    services.cancel_order(nothing, "no time")
    assert (bill(nothing)["total"], bill(nothing)["due"]) == ("0.00", "0.00")
    nothing.refresh_from_db()
    assert nothing.total == 0
    order = opened("tom-yum", ("water", 2))
    bring_to_pass(order, 2)
    services.serve_order(order, 2)
    services.cancel_order(order, "no time")
    assert [line["item"] for line in bill(order)["lines"]] == ["water"]
    assert bill(order)["due"] == "10.00"
    # It is still taken, though nothing more is cooked.
    services.pay_order(order, services.Tender("cash", Decimal(10)), by="x")
    assert bill(order)["due"] == "0.00"


def test_the_qr_code_pays_what_is_due_to_the_house(place: Place, bill: Callable[..., Any]) -> None:
    order = place("tom-yum", "water")
    assert bill(order)["promptpay"] is None
    services.change_bill_settings(promptpay_id="0812345678")
    code = bill(order)["promptpay"]
    assert (code["amount"], code["payload"]) == (
        "130.00",
        payload_of("0812345678", Decimal("130.00")),
    )
    assert code["svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    soup = order.lines.get(item="tom-yum").pk
    assert bill(order, lines=soup)["split"]["promptpay"]["amount"] == "120.00"
    services.pay_order(order, services.Tender("cash", Decimal(130)), by="x")
    assert bill(order)["promptpay"] is None


def test_promptpay_pays_baht_alone(place: Place, bill: Callable[..., Any]) -> None:
    services.change_bill_settings(promptpay_id="0812345678")
    order = place("tom-yum")
    Order.objects.update(currency="USD")
    assert bill(order)["promptpay"] is None


def test_a_manager_sets_what_bills_say(client_of: Callable[..., APIClient], db: None) -> None:
    manager, url = client_of("manager"), "/api/v1/settings/bill/"
    assert client_of("cook").get(url).json() == {
        "service_percent": "0.00",
        "vat_percent": "7.00",
        "prices_include_vat": True,
        "promptpay_id": None,
        "receipt_head": "",
    }
    said = {
        "service_percent": "10.00",
        "vat_percent": "7.25",
        "prices_include_vat": False,
        "promptpay_id": "1101700230708",
        "receipt_head": "Tamsang\n1 Rama I Road",
    }
    assert manager.patch(url, said, format="json").json() == said
    assert manager.get(url).json() == said
    one = {"promptpay_id": None, "service_percent": "5"}
    assert manager.patch(url, one, format="json").json() == {
        **said,
        **one,
        "service_percent": "5.00",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"service_percent": "100.01"},
        {"service_percent": "-1"},
        {"vat_percent": "7.125"},
        {"vat_percent": ""},
        {"vat_percent": "7\n"},
        {"vat_percent": "๗"},
        {"promptpay_id": "1101700230709"},
        {"promptpay_id": "0212345678"},
        {"promptpay_id": ""},
    ],
)
def test_settings_that_make_no_sense_are_refused(
    client_of: Callable[..., APIClient], db: None, wrong: dict[str, Any]
) -> None:
    answer = client_of("manager").patch("/api/v1/settings/bill/", wrong, format="json")
    assert_problem(answer, 400, "invalid_body")
    assert not BillSettings.objects.exists()
