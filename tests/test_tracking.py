"""The guest's page in a real Chromium: live, in two languages, without JavaScript, cut off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from conftest import bring_to_pass, open_trays
from kitchen import services as kitchen
from kitchen.models import Ticket, Tray
from orders import services
from orders.models import Order
from tests.conftest import DESK, PATIENCE, PHONE, eventually
from tests.listening import shut

Place = Callable[..., Order]
Guest = Callable[..., BrowserContext]

expect.set_options(timeout=PATIENCE * 1000)

#: By language: placed, preparing, ready, served; a part that waits, cooks, is done.
WORDS = {
    "en": [
        "We have your order.",
        "The kitchen is preparing your order.",
        "Your order is ready. We are bringing it to your table.",
        "Everything is served. Enjoy your meal!",
        "Boil: waiting",
        "Boil: cooking",
        "Boil: done",
    ],
    "th": [
        "เราได้รับออเดอร์ของคุณแล้ว",
        "ครัวกำลังเตรียมออเดอร์ของคุณ",
        "ออเดอร์ของคุณพร้อมแล้ว เรากำลังนำไปเสิร์ฟที่โต๊ะ",
        "เสิร์ฟครบแล้ว ขอให้มีความสุขกับมื้ออาหาร",
        "boil: รอ",
        "boil: กำลังทำ",
        "boil: เสร็จ",
    ],
}


@pytest.fixture
def guest_at(
    chromium: Browser, web: str, only_ours: Callable[..., None]
) -> Callable[..., BrowserContext]:
    """`guest_at(PHONE, "th")`: a browser in which nobody is logged in."""

    def make(window: ViewportSize = PHONE, language: str = "en", **more: Any) -> BrowserContext:
        context = chromium.new_context(
            viewport=window, base_url=web, reduced_motion="reduce", locale=language, **more
        )
        only_ours(context, web)
        return context

    return make


def url(order: Order) -> str:
    return f"/track/{order.tracking_secret}/"


def open_page(context: BrowserContext, order: Order) -> Page:
    """The order's page, once it is live."""
    page = context.new_page()
    page.goto(url(order))
    expect(page.locator("#line[data-line=live]")).to_be_visible()
    return page


def follow(order: Order) -> None:
    with transaction.atomic():
        services.follow_kitchen(order.ref)
        services.follow_guests(order.ref)


@pytest.mark.browser
@pytest.mark.usefixtures("relay")
@pytest.mark.parametrize("language", ["en", "th"])
def test_a_guest_sees_the_order_live_from_placed_to_served(
    guest_at: Guest, place: Place, language: str
) -> None:
    placed, preparing, ready, served, waiting, cooking, done = WORDS[language]
    order = place("tom-yum", channel="dine_in", table="A3")
    page = open_page(guest_at(PHONE, language), order)
    page.evaluate("window.neverReloaded = true")
    state, steps = page.locator(".state"), page.locator(".steps")
    expect(state).to_have_text(placed)
    open_trays(order)
    expect(steps).to_contain_text(waiting)
    kitchen.start(Ticket.objects.get(zone="boil").pk)
    services.mark_preparing(order.ref)
    expect(steps).to_contain_text(cooking)
    expect(state).to_have_text(preparing)
    expect(page.locator("#said")).to_have_text(preparing)
    kitchen.finish(Ticket.objects.get(zone="boil").pk)
    expect(steps).to_contain_text(done)
    bring_to_pass_from(order, "fry")
    follow(order)
    expect(state).to_have_text(ready)
    services.serve_order(order)
    expect(state).to_have_text(served)
    expect(steps).to_have_count(0)
    assert page.evaluate("window.neverReloaded")


def bring_to_pass_from(order: Order, zone: str) -> None:
    ticket = Ticket.objects.get(zone=zone)
    kitchen.start(ticket.pk)
    kitchen.finish(ticket.pk)
    tray = Tray.objects.get(order_ref=order.ref)
    kitchen.plate(tray.pk, tray.canvas)


@pytest.mark.browser
@pytest.mark.usefixtures("relay")
def test_a_cancellation_is_seen_live(guest_at: Guest, place: Place) -> None:
    order = place("tom-yum")
    page = open_page(guest_at(), order)
    services.cancel_order(order, "no gas")
    expect(page.locator(".state")).to_have_text("This order was cancelled.")
    expect(page.locator(".summary")).to_contain_text("Why: no gas")


@pytest.mark.browser
@pytest.mark.usefixtures("relay")
def test_a_page_that_hears_nothing_says_so_and_looks_by_itself(
    guest_at: Guest, opened: Place
) -> None:
    order = opened("tom-yum")
    context = guest_at()
    context.route("**/stream/", lambda route: route.abort())
    page = open_page(context, order)
    banner = page.locator("#banner")
    expect(banner).to_contain_text("No live news just now")
    kitchen.start(Ticket.objects.get(zone="boil").pk)
    expect(page.locator(".steps")).to_contain_text("Boil: cooking")
    context.route("**/board/", lambda route: route.abort())
    expect(banner).to_contain_text("No connection.")
    kitchen.finish(Ticket.objects.get(zone="boil").pk)
    context.unroute("**/stream/")
    context.unroute("**/board/")
    expect(page.locator(".steps")).to_contain_text("Boil: done")
    expect(page.locator("#line[data-line=live]")).to_contain_text("Live")
    expect(banner).to_be_hidden()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "th"])
def test_without_javascript_the_page_reads_the_same_and_renews_itself(
    guest_at: Guest, opened: Place, language: str
) -> None:
    placed, *_, waiting, cooking, _ = WORDS[language]
    order = opened("tom-yum", channel="dine_in", table="A3")
    page = guest_at(PHONE, language, java_script_enabled=False).new_page()
    page.goto(url(order))
    assert placed in page.inner_text("body")
    assert waiting in page.inner_text("body")
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "15"
    kitchen.start(Ticket.objects.get(zone="boil").pk)
    page.locator(".again a").click()
    assert cooking in page.inner_text("body")
    # Nobody has logged in, and nothing was stored: the language is in the link.
    page.locator(".tools a").click()
    other = WORDS["th" if language == "en" else "en"]
    assert other[0] in page.inner_text("body")
    page.locator(".again a").click()
    assert other[5] in page.inner_text("body")
    assert page.context.cookies() == []
    services.cancel_order(order, "no gas")
    page.locator(".again a").click()
    assert page.locator("meta[http-equiv=refresh]").count() == 0


@pytest.mark.browser
@pytest.mark.usefixtures("relay")
def test_the_language_that_was_chosen_stays_when_the_page_looks_anew(
    guest_at: Guest, place: Place
) -> None:
    order = place("tom-yum")
    page = open_page(guest_at(), order)
    page.get_by_role("link", name="ไทย").click()
    expect(page.locator("html")).to_have_attribute("lang", "th")
    services.cancel_order(order, "no gas")
    expect(page.locator(".state")).to_have_text("ออเดอร์นี้ถูกยกเลิกแล้ว")


def make_various(opened: Place) -> list[Order]:
    """Orders that show something of all that a page can show."""
    first = opened("tom-yum", "pad-krapow", ("water", 2), channel="dine_in", table="A3")
    kitchen.start(Ticket.objects.get(tray__order_ref=first.ref, zone="boil").pk)
    bring_to_pass(first, 2)
    services.mark_preparing(first.ref)
    Tray.objects.filter(order_ref=first.ref, number=1).update(expected_at=first.placed_at)
    ready, cancelled = opened("water"), opened("crab", note="quick")
    bring_to_pass(ready)
    follow(ready)
    services.cancel_order(cancelled, "a very long reason, " * 20)
    return [first, ready, cancelled, opened(*[("tom-yum", tray) for tray in range(1, 6)])]


@pytest.mark.once
@pytest.mark.browser
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("window", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "th"])
def test_every_page_fits_and_axe_finds_nothing(
    guest_at: Guest, opened: Place, window: ViewportSize, language: str, colours: str
) -> None:
    axe = Axe()
    orders = make_various(opened)
    context = guest_at(window, language, color_scheme=colours)
    for order in orders:
        page = open_page(context, order)
        found = axe.run(page)
        assert found.violations_count == 0, found.generate_report()
        wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1]
        small = page.evaluate(
            "[...document.querySelectorAll('a')].filter("
            "one => one.getBoundingClientRect().height < 47.5).length"
        )
        assert small == 0
        page.close()


@pytest.mark.browser
def test_a_wrong_link_opens_nothing(guest_at: Guest, place: Place) -> None:
    page = guest_at().new_page()
    order = place("tom-yum")
    for secret in ("somebody-elses", order.tracking_secret[:-1]):
        for part in ("", "board/", "stream/"):
            answer = page.request.get(f"/track/{secret}/{part}")
            assert answer.status == 404
            assert "Tom" not in answer.text()


@contextmanager
def heard(url: str) -> Iterator[list[str]]:
    """All lines of the stream, as they come."""
    lines: list[str] = []

    def hear(answer: httpx2.Response) -> None:
        with suppress(httpx2.TransportError):
            lines.extend(answer.iter_lines())

    with (
        httpx2.Client(timeout=None, trust_env=False) as client,
        client.stream("GET", url, headers={"Last-Event-ID": "0"}) as answer,
    ):
        assert answer.status_code == 200
        assert not {"x-live-audience", "x-live-position"} & set(answer.headers)
        thread = Thread(target=hear, args=[answer], daemon=True)
        thread.start()
        eventually(lambda: "event: ping" in lines)
        yield lines
        shut(answer)
        thread.join()


@pytest.mark.usefixtures("relay")
def test_the_stream_says_look_and_neither_what_nor_how_much(web: str, opened: Place) -> None:
    mine, other = opened("water"), opened("tom-yum")
    with heard(f"{web}{url(mine)}stream/") as lines, heard(f"{web}{url(other)}stream/") as others:
        assert "data: look" not in lines
        bring_to_pass(other)
        eventually(lambda: others.count("data: look") > 3)
        assert "data: look" not in lines
        services.cancel_order(mine, "no time")
        eventually(lambda: "data: look" in lines)
        known = {"retry: 1000", "event: ping", "data: {}", "data: look", ""}
        # Another ping, as those that come while nothing happens.
        eventually(lambda: lines.count("event: ping") > 1)
        assert set(lines) | set(others) == known
