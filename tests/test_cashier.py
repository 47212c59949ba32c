"""Money in the admin and on paper: through the services, and within the permissions."""

import os
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from orders import services
from orders.models import BillSettings, Order, Payment, Refund
from restaurant.events.models import EventRecord

Place = Callable[..., Order]


def client_with_session(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def page(make_user: Callable[..., User]) -> Client:
    """A manager in the admin."""
    user = make_user("manager", "somsri")
    user.is_staff = True
    user.save()
    return client_with_session(user)


@pytest.fixture
def waiter(make_user: Callable[..., User]) -> Client:
    """A waiter who has logged in."""
    return client_with_session(make_user("waiter"))


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def a_payment(method: str, amount: str) -> dict[str, str]:
    """What the form of a payment sends."""
    return {"confirmed": "1", "method": method, "amount": amount, "payment": str(uuid4())}


def page_of(order: Order) -> str:
    return f"/admin/orders/order/{order.pk}/"


def test_a_payment_is_taken_on_the_page_of_the_order(page: Client, place: Place) -> None:
    order = place("tom-yum")
    url = f"{page_of(order)}do/pay/"
    assert url in page.get(f"{page_of(order)}change/").content.decode()
    asked = page.get(url).content.decode()
    assert "Handed over" in asked
    assert "Left to pay: ฿120.00" in asked
    handed = {**a_payment("cash", "150"), "reference": "till 2"}
    assert said(page.post(url, handed, follow=True)) == [f"Paid: {order.label}"]
    payment = Payment.objects.get()
    assert f"{payment.amount} {payment.change} {payment.taken_by}" == "120.00 30.00 somsri"
    assert LogEntry.objects.get().get_change_message() == f"Paid: cash, 150, till 2, {payment.pk}"
    shown = page.get(f"{page_of(order)}change/").content.decode()
    assert "/do/pay/" not in shown
    assert "120.00 paid, Cash; 0.00 are left to pay (somsri)" in shown
    refused = page.post(url, a_payment("card", "150"), follow=True)
    assert said(refused) == [f"{order.label}: There is nothing left to pay."]


def test_a_button_that_is_pressed_twice_takes_one_payment(page: Client, place: Place) -> None:
    order = place("tom-yum")
    url = f"{page_of(order)}do/pay/"
    (key,) = re.findall(r'name="payment" value="([0-9a-f-]{36})"', page.get(url).content.decode())
    handed = {**a_payment("cash", "50"), "payment": key}
    page.post(url, handed)
    again = page.post(url, handed, follow=True)
    assert said(again)[-1] == f"{order.label}: that was done already."
    assert Payment.objects.get().pk == UUID(key)
    services.pay_order(order, services.Tender("cash", Decimal(50), "", UUID(key)), by="x")
    assert Payment.objects.count() == LogEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "reference", "refusal"),
    [
        ("120.01", "", "only of cash change is given."),
        ("1", "4111111111111111", "number of a card"),
    ],
)
def test_a_refused_payment_says_why(
    page: Client, place: Place, amount: str, reference: str, refusal: str
) -> None:
    order = place("tom-yum")
    handed = {**a_payment("card", amount), "reference": reference}
    answer = page.post(f"{page_of(order)}do/pay/", handed, follow=True)
    (words,) = said(answer)
    assert refusal in words
    assert not Payment.objects.exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("amount", ["0", "-1", "1.005", "", "x", "NaN", "1e400"])
def test_an_amount_that_is_none_is_asked_for_again(page: Client, place: Place, amount: str) -> None:
    answer = page.post(f"{page_of(place('tom-yum'))}do/pay/", a_payment("cash", amount))
    assert answer.status_code == 200
    assert not Payment.objects.exists()


def test_orders_that_are_paid_are_closed_from_the_list(page: Client, served: Place) -> None:
    paid, owing = served("tom-yum"), served("water")
    services.pay_order(paid, services.Tender("cash", Decimal(120)), by="x")
    chosen = {"action": "close", "_selected_action": [paid.pk, owing.pk]}
    answer = page.post("/admin/orders/order/", chosen, follow=True)
    assert said(answer) == [
        f"{owing.label}: It is not paid yet.",
        f"Closed: {paid.label}",
    ]
    assert dict(Order.objects.values_list("pk", "state")) == {
        paid.pk: "closed",
        owing.pk: "served",
    }


def test_a_refund_is_seen_and_paid_back(page: Client, place: Place) -> None:
    order = place("tom-yum", "water")
    services.pay_order(order, services.Tender("cash", Decimal(130)), by="x")
    services.cancel_line(order, order.lines.get(item="tom-yum").pk)
    refund = Refund.objects.get()
    url = f"/admin/orders/refund/{refund.pk}/do/pay_back/"
    assert url in page.get(f"{page_of(order)}change/").content.decode()
    listed = page.get("/admin/orders/refund/").content.decode()
    assert "฿120.00" in listed
    assert "Refunds due" in listed
    assert said(page.post(url, follow=True)) == [f"Paid back: {refund}"]
    refund.refresh_from_db()
    assert refund.paid_back_by == "somsri"
    assert LogEntry.objects.get().get_change_message() == "Paid back"
    assert said(page.post(url, follow=True))[-1] == f"{refund}: that was done already."
    assert url not in page.get(f"{page_of(order)}change/").content.decode()
    assert page.get("/admin/orders/refund/").context["cl"].result_list.count() == 0
    assert len(page.get("/admin/orders/refund/?shown=all").context["cl"].result_list) == 1


def test_money_is_written_by_its_services_alone(page: Client, place: Place) -> None:
    order = place("tom-yum")
    services.pay_order(order, services.Tender("cash", Decimal(120)), by="x")
    services.cancel_order(order, "x")
    payment, refund = Payment.objects.get(), Refund.objects.get()
    for url in (
        "/admin/orders/payment/add/",
        f"/admin/orders/payment/{payment.pk}/delete/",
        "/admin/orders/refund/add/",
        f"/admin/orders/refund/{refund.pk}/delete/",
    ):
        assert page.post(url, {"amount": "1"}).status_code == 403, url
    for url in (
        f"/admin/orders/payment/{payment.pk}/change/",
        f"/admin/orders/refund/{refund.pk}/change/",
    ):
        assert page.get(url).status_code == 200
        assert page.post(url, {"amount": "1"}).status_code == 403, url


def test_a_manager_changes_what_bills_say(page: Client, db: None) -> None:
    url = "/admin/orders/billsettings/1/change/"
    assert page.get("/admin/orders/billsettings/", follow=True).redirect_chain == [(url, 302)]
    form = {
        "service_percent": "10",
        "vat_percent": "7",
        "promptpay_id": "0812345679x",
        "receipt_head": "Tamsang",
    }
    assert "10, 13 or 15 digits" in page.post(url, form).content.decode()
    assert not BillSettings.objects.exists()
    page.post(url, {**form, "promptpay_id": "0812345679"})
    bills = BillSettings.objects.get()
    assert (bills.service_percent, bills.prices_include_vat) == (10, False)
    assert (bills.promptpay_id, bills.receipt_head) == ("0812345679", "Tamsang")


# On paper


def test_a_receipt_says_what_was_paid_and_how(waiter: Client, place: Place) -> None:
    services.change_bill_settings(
        service_percent=Decimal(10),
        prices_include_vat=False,
        receipt_head="Tamsang\nTax ID 0123456789012",
        promptpay_id="0812345678",
    )
    order = place("tom-yum", "tom-yum", channel="dine_in", table="A3")
    url = f"/receipt/{order.ref}/"
    bill = waiter.get(url)
    assert bill.headers["Cache-Control"] == "no-store"
    text = bill.content.decode()
    for words in (
        *("Tamsang\nTax ID 0123456789012", f"Bill #{order.number}", "Table A3", "<svg"),
        *("Service charge 10 %", "฿24.00", "VAT 7 %", "฿18.48", "฿282.48"),
    ):
        assert words in text, words
    services.pay_order(order, services.Tender("card", Decimal(100), "slip 9"), by="x")
    services.pay_order(order, services.Tender("cash", Decimal(200)), by="x")
    text = waiter.get(url).content.decode()
    for words in (f"Receipt #{order.number}", "slip 9", "change given ฿17.52"):
        assert words in text, words
    assert "<svg" not in text
    services.cancel_line(order, order.lines.earliest("place").pk)
    text = waiter.get(url).content.decode()
    assert "1 × Tom Yum" in text
    assert "to be paid back" in text
    assert "฿141.24" in text


def test_a_receipt_is_in_thai_for_who_reads_thai(waiter: Client, place: Place) -> None:
    order = place("tom-yum")
    text = waiter.get(f"/receipt/{order.ref}/", headers={"accept-language": "th"}).content.decode()
    assert '<html lang="th"' in text
    for words in ("ใบแจ้งยอด", "ค้างชำระ", "ภาษีมูลค่าเพิ่มที่รวมอยู่ 7 %", "1 × tom-yum"):
        assert words in text, words


def test_a_receipt_is_for_the_staff(client: Client, guest: User, place: Place) -> None:
    url = f"/receipt/{place('tom-yum').ref}/"
    assert client.get(url).headers["Location"] == f"/login/?next={url}"
    assert client_with_session(guest).get(url).status_code == 403


def test_a_receipt_of_nothing_is_not_there(waiter: Client) -> None:
    assert waiter.get("/receipt/00000000-0000-4000-8000-000000000000/").status_code == 404


def test_nothing_that_somebody_types_is_a_tag_on_a_receipt(waiter: Client, place: Place) -> None:
    services.change_bill_settings(receipt_head="<b>Tamsang</b>")
    order = place("tom-yum", channel="dine_in", table="<i>A3")
    services.pay_order(order, services.Tender("cash", Decimal(1), "<u>9"), by="x")
    text = waiter.get(f"/receipt/{order.ref}/").content.decode()
    for typed in ("<b>Tamsang", "<i>A3", "<u>9"):
        assert typed not in text


@pytest.mark.browser
def test_a_receipt_fits_a_phone_and_a_roll_of_paper(web: str, waiter: Client, place: Place) -> None:
    services.change_bill_settings(promptpay_id="0812345678", receipt_head="Tamsang")
    order = place("tom-yum", "water", channel="dine_in", table="A3")
    services.pay_order(order, services.Tender("card", Decimal(100), "x" * 64), by="x")
    session = waiter.cookies["sessionid"].value
    with sync_playwright() as playwright:
        chromium: Browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"],
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        complaints: list[str] = []
        page = chromium.new_page(viewport={"width": 390, "height": 844}, base_url=web)
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": web}])
        page.on("console", lambda told: complaints.extend([told.text] * (told.type == "error")))
        page.goto(f"/receipt/{order.ref}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.locator("svg").bounding_box()["width"] > 150  # type: ignore[index]
        page.emulate_media(media="print")
        assert not page.get_by_role("button").first.is_visible()
        assert page.pdf(width="80mm", height="297mm", print_background=True)
        page.emulate_media(media="screen")
        page.evaluate("window.print = () => { window.printed = true }")
        page.get_by_role("button", name="Print").click()
        assert page.evaluate("window.printed")
        chromium.close()
    assert complaints == []


def test_what_happened_to_the_money_is_in_the_history(
    page: Client, served: Place, client: Client
) -> None:
    order = served("tom-yum")
    services.pay_order(order, services.Tender("promptpay", Decimal(120)), by="somchai")
    services.close_order(order)
    names = list(EventRecord.objects.about(order.ref).values_list("name", flat=True))
    assert names[-3:] == ["order.payment_taken", "order.paid", "order.closed"]
    text = page.get(f"{page_of(order)}change/").content.decode()
    for words in (
        "120.00 paid, PromptPay; 0.00 are left to pay (somchai)",
        "Paid: 120.00",
        "Order closed",
    ):
        assert words in text, words
    thai = page.get(f"{page_of(order)}change/", headers={"accept-language": "th"}).content.decode()
    assert "รับชำระ 120.00 (พร้อมเพย์)" in thai
