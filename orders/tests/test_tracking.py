"""The guest's page without a browser: what it says in each state, and what it never says."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from conftest import bring_to_pass, open_trays
from kitchen import services as kitchen
from kitchen.models import KitchenSettings, Option, Ticket, Tray
from orders import services
from orders.models import Order
from orders.services import NewLine, NewOrder

Place = Callable[..., Order]
THAI = {"Accept-Language": "th-TH,th;q=0.9,en;q=0.8"}


def url(order: Order, part: str = "", query: str = "") -> str:
    return f"/track/{order.tracking_secret}/{part}{query}"


def text(order: Order, query: str = "", **more: Any) -> str:
    """What is to be read on the page, without its marks."""
    html = Client().get(url(order, query=query), **more).content.decode()
    body = re.sub(r"(?s)<script.*?</script>|<[^>]+>", " ", html[html.index("<body") :])
    return re.sub(r"\s+", " ", unescape(body))


def follow(order: Order) -> None:
    services.follow_kitchen(order.ref)
    services.follow_guests(order.ref)


@pytest.mark.parametrize(
    ("channel", "ready", "served"),
    [
        ("dine_in", "We are bringing it to your table.", "Everything is served."),
        ("takeaway", "Please come and collect it.", "You have your order."),
        ("delivery", "It will be on its way to you soon.", "has left the kitchen."),
    ],
)
def test_each_state_has_its_plain_words(
    place: Place, channel: str, ready: str, served: str
) -> None:
    order = place("water", channel=channel, table="A3" if channel == "dine_in" else "")
    assert "We have your order." in text(order)
    open_trays(order)
    kitchen.start(Ticket.objects.get().pk)
    services.mark_preparing(order.ref)
    assert "The kitchen is preparing your order." in text(order)
    kitchen.finish(Ticket.objects.get().pk)
    tray = Tray.objects.get()
    kitchen.plate(tray.pk, tray.canvas)
    follow(order)
    assert ready in text(order)
    services.serve_order(order)
    assert served in text(order)


def test_a_cancelled_order_says_why(place: Place) -> None:
    order = place("water")
    services.cancel_order(order, "<b>no gas</b>")
    said = text(order)
    assert "This order was cancelled." in said
    assert "Why: <b>no gas</b>" in said
    assert "Expected at" not in said
    assert "<b>no gas" not in Client().get(url(order)).content.decode()


def test_what_the_house_itself_says_is_said_in_thai(place: Place) -> None:
    order = place("water")
    services.following.cancel(order.ref, "The kitchen can make nothing of it.")
    assert "ครัวไม่สามารถทำอาหารในออเดอร์นี้ได้" in text(order, headers=THAI)


def test_each_part_of_a_dish_is_shown_by_its_zone(opened: Place) -> None:
    order = opened("tom-yum", "pad-krapow")
    assert "Boil: waiting Fry: waiting" in text(order)
    kitchen.start(Ticket.objects.get(zone="boil").pk)
    assert "Boil: cooking Fry: waiting" in text(order)
    kitchen.finish(Ticket.objects.get(zone="boil").pk)
    kitchen.start(Ticket.objects.get(zone="fry", item="pad-krapow").pk)
    said = text(order)
    assert "Boil: done Fry: waiting" in said
    assert "Fry: cooking Rice: waiting" in said


def test_of_a_dish_that_is_cooked_again_the_new_parts_are_shown(opened: Place) -> None:
    order = opened("water", "tom-yum")
    water = Ticket.objects.get(item="water")
    kitchen.start(water.pk)
    kitchen.finish(water.pk)
    assert "Drinks: done" in text(order)
    services.refire_line(order, water.line_ref, "it fell", by="somsak")
    said = text(order)
    assert said.count("Drinks:") == 1
    assert "Drinks: done" not in said
    assert "somsak" not in said


def test_a_line_that_was_cancelled_says_so(opened: Place) -> None:
    order = opened("water", "tom-yum")
    line = order.lines.get(item="tom-yum")
    services.cancel_line(order, line.pk)
    html = Client().get(url(order)).content.decode()
    assert html.count("#shape-cancelled") == 1
    assert "cancelled" in text(order)


def test_a_promise_that_moves_tells_what_was_promised_first(opened: Place) -> None:
    order = opened("tom-yum")
    first = order.promised_at
    assert "First promised for" not in text(order)
    Tray.objects.update(expected_at=first + timedelta(minutes=7))
    said, local = text(order), timezone.localtime
    assert f"Expected at {local(first + timedelta(minutes=7)):%H:%M}" in said
    assert f"First promised for {local(first):%H:%M}" in said
    assert "longer than we promised" not in said


def test_a_promise_that_is_missed_is_regretted(place: Place) -> None:
    order = place("tom-yum")
    past = timezone.now() - timedelta(minutes=3)
    Order.objects.update(promised_at=past, tray_promises={"1": past.isoformat()})
    assert "It takes longer than we promised. We are sorry." in text(order)


def test_each_of_several_trays_has_its_own_promise(place: Place) -> None:
    order = place("tom-yum", ("water", 2))
    assert text(order).count("Expected at") == 3
    assert text(place("tom-yum")).count("Expected at") == 1


def in_two_courses(order_of: Any) -> Order:
    lines = [NewLine("water", 1, 1), NewLine("gai-yang", 1, 2, course=2)]
    new = NewOrder(channel="dine_in", table="A3", client_ref="two-courses", lines=lines)
    order, _ = services.place_order(new, principal=order_of)
    open_trays(order)
    return order


def test_between_two_courses_nothing_is_promised(menu: Any, guest: Any) -> None:
    order = in_two_courses(guest)
    said = text(order)
    assert "Tray 2 · Course 2 when you are ready for it" in said
    assert said.count("Expected at") == 2
    bring_to_pass(order, 1)
    follow(order)
    # What is ready is not expected any more, and nobody has called for the rest.
    assert "Expected at" not in text(order)
    services.serve_order(order, 1)
    Order.objects.update(promised_at=timezone.now() - timedelta(hours=1))
    order.refresh_from_db()
    assert order.between_courses
    said = text(order)
    assert "We begin with your next course when you are ready for it." in said
    assert "Expected at" not in said
    assert "longer than we promised" not in said
    services.fire_course(order, 2)
    assert "Expected at" in text(order)


def test_the_browser_says_the_language_and_the_link_says_it_louder(
    place: Place, choices: dict[str, Option]
) -> None:
    order = place("tom-yum")
    thai, english = text(order, headers=THAI), text(order)
    assert "เราได้รับออเดอร์ของคุณแล้ว" in thai
    assert "1 × tom-yum" in thai
    assert "English" in thai
    assert "1 × Tom Yum" in english
    assert "ไทย" in english
    assert "We have your order." in text(order, "?lang=en", headers=THAI)
    assert "เราได้รับออเดอร์ของคุณแล้ว" in text(order, "?lang=th")
    for nonsense in ("xx", "", "th'", "th&lang=zz"):
        assert "We have your order." in text(order, f"?lang={nonsense}")
    answer = Client().get(url(order, query="?lang=th"))
    assert answer.headers["Content-Language"] == "th"
    assert "Accept-Language" in answer.headers["Vary"]
    assert 'data-board="board/?lang=th"' in answer.content.decode()
    # The next page in this thread is not Thai because this one was.
    assert "We have your order." in text(order)


def test_what_was_chosen_and_noted_is_there_and_can_not_be_html(
    menu: Any, choices: dict[str, Option], guest: Any
) -> None:
    line = NewLine("pad-krapow", 2, 1, "<script>x</script>", ["pork"])
    new = NewOrder(
        channel="takeaway", client_ref="x", lines=[line], note="our secret", allergies="peanuts"
    )
    order, _ = services.place_order(new, principal=guest)
    said = text(order)
    assert "2 × Pad Krapow Pork <script>x</script>" in said
    assert "<script>x" not in Client().get(url(order)).content.decode()
    # Whoever is shown the link need not know of what makes somebody ill.
    assert "peanuts" not in said
    assert guest.username not in said


def test_a_page_shows_its_own_order_only(opened: Place) -> None:
    mine, other = opened("tom-yum"), opened("gai-yang", note="of others")
    html = Client().get(url(mine)).content.decode()
    assert "Gai Yang" not in html
    for known in (other.tracking_secret, str(other.ref), str(mine.ref), f"#{other.number}<"):
        assert known not in html


@pytest.mark.parametrize("part", ["", "board/", "stream/"])
def test_an_unknown_secret_and_one_that_is_nearly_right_are_told_the_same(
    place: Place, part: str
) -> None:
    order, client = place("tom-yum"), Client()
    wrong = [
        "somebody-elses",
        order.tracking_secret[:-1],
        order.tracking_secret + "x",
        order.tracking_secret.swapcase(),
        str(order.ref),
        str(order.number),
    ]
    answers = [client.get(f"/track/{secret}/{part}") for secret in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert b"Tom" not in answers[0].content
    assert client.get(url(order, part)).status_code == 200


@pytest.mark.parametrize("part", ["", "board/", "stream/"])
def test_the_link_is_told_to_nobody_and_kept_nowhere(place: Place, part: str) -> None:
    order = place("tom-yum")
    for answer in (Client().get(url(order, part)), Client().get(f"/track/wrong/{part}")):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["X-Frame-Options"] == "DENY"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert not answer.cookies


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_can_only_be_looked_at(place: Place, method: str) -> None:
    order = place("tom-yum")
    for part in ("", "board/", "stream/"):
        assert Client().generic(method, url(order, part)).status_code == 405


@pytest.fixture
def one_minute(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The clock of the limits stands, and nothing has been counted."""
    monkeypatch.setattr(time, "time", lambda: 60 * 1000 + 12.0)
    cache.clear()
    yield
    cache.clear()


def test_who_tries_secrets_is_stopped_and_who_has_one_is_not(
    place: Place, settings: Any, one_minute: None
) -> None:
    settings.RATE_LIMIT_ANONYMOUS = 3
    order, client = place("tom-yum"), Client()
    tried = [client.get(f"/track/wrong-{number}/") for number in range(5)]
    assert [answer.status_code for answer in tried] == [404, 404, 404, 429, 429]
    assert tried[-1].headers["Retry-After"] == "48"
    assert client.get("/track/wrong/stream/").status_code == 429
    # The API counts the same caller.
    assert client.get("/api/v1/menu/").status_code == 429
    for _ in range(5):
        assert client.get(url(order)).status_code == 200


def test_the_stream_begins_with_a_sign_of_life_and_no_number(place: Place) -> None:
    order = place("tom-yum")
    answer = Client().get(url(order, "stream/"), headers={"Last-Event-ID": "0"})
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.content == b"retry: 1000\n\nevent: ping\ndata: {}\n\n"


def test_a_page_asks_the_database_a_few_times(
    opened: Place, django_assert_max_num_queries: Any
) -> None:
    small, large = opened("water"), opened(*[("tom-yum", tray) for tray in range(1, 9)])
    for order in (small, large):
        with django_assert_max_num_queries(10):
            Client().get(url(order))


def test_a_house_that_fires_courses_itself_promises_the_next_one(menu: Any, guest: Any) -> None:
    KitchenSettings.objects.update(auto_fire_courses=True)
    order = in_two_courses(guest)
    bring_to_pass(order, 1)
    follow(order)
    services.serve_order(order, 1)
    said = text(order)
    assert "Expected at" in said
    assert "when you are ready for it" not in said


def test_the_guest_sees_the_bill_and_can_pay_by_promptpay(place: Place) -> None:
    order = place("tom-yum")
    assert "PromptPay" not in text(order)
    services.change_bill_settings(promptpay_id="0812345678")
    assert "PromptPay · ฿120.00" in text(order)
    assert 'class="segno"' in Client().get(url(order)).content.decode()
    services.pay_order(order, services.Tender("cash", Decimal(120)), by="malee")
    assert "PromptPay" not in text(order)
    assert "Left to pay ฿0.00" in text(order)
