"""Every page of the admin, from its address map, in a real Chromium: on a phone and on a desk, by
day and by night."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from knox.models import AuthToken
from playwright.sync_api import (
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from conftest import bring_to_pass, new_key, order_body
from kitchen.models import Ticket, Tray
from notifications.models import Delivery, Endpoint, Guest, Mail
from orders.models import Order
from orders.services import Tender, cancel_line, change_bill_settings, pay_order

Opened = Callable[..., Order]
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1440, height=900)
#: Addresses that are no pages: data, redirects, and what is only posted to.
NO_PAGES = {"jsi18n", "autocomplete", "logout", "view_on_site", "search", "app_list", None}
NO_PAGES |= {"password_change_done", "dashboard-live", "doctor-live", "order-by-ref"}

FLAWS = (Path(__file__).parent / "flaws.js").read_text()


@pytest.fixture
def boss(admin_user: User, client: Client) -> Client:
    client.force_login(admin_user)
    return client


@pytest.fixture
def a_busy_house(
    boss: Client, admin_user: User, opened: Opened, choices: Any, food_court: Any
) -> Order:
    """A row of every table, and something of all that can be wrong."""
    order = opened("tom-yum", ("water", 2), channel="dine_in", table="A3", allergies="peanuts")
    opened("thai-tea", note="with a very long note that goes on and on, " * 5)
    bring_to_pass(order, 2)
    cancelled, late = opened("crab"), opened("pad-krapow", "gai-yang")
    boss.post(
        f"/admin/orders/order/{cancelled.pk}/do/cancel/", {"confirmed": "1", "reason": "too slow"}
    )
    Order.objects.filter(pk=late.pk).update(promised_at=timezone.now())
    Tray.objects.filter(order_ref=late.ref).update(promised_at=timezone.now())
    Ticket.objects.filter(tray__order_ref=late.ref, zone="grill").update(state="quarantined")
    AuthToken.objects.create(user=admin_user)
    Group.objects.get_or_create(name="manager")
    webhook = Endpoint.objects.create(principal=admin_user, url="https://shop.example/hook")
    Delivery.objects.create(
        endpoint=webhook, event=uuid4(), name="order.placed", order_ref=order.ref, sequence=1
    )
    change_bill_settings(promptpay_id="0812345678", receipt_head="Tamsang")
    pay_order(order, Tender("cash", Decimal(500)), by="boss")
    pay_order(late, Tender("card", Decimal(150), "slip 7"), by="boss")
    cancel_line(late, late.lines.get(item="pad-krapow").pk)
    guest = Guest.objects.create(
        order_ref=order.ref, email="a@b.example", language="en", number=1, tracking_url="/track/"
    )
    Mail.objects.create(guest=guest, event=uuid4(), name="order.ready", subject="Ready")
    return order


def named_patterns(
    patterns: list[URLPattern | URLResolver], before: str = "/admin/"
) -> Iterator[tuple[str | None, str]]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from named_patterns(pattern.url_patterns, address)
        else:
            yield pattern.name, address


def row_of(model: type[Model]) -> Model:
    rows: Any = model._default_manager
    found: Model | None = rows.order_by("pk").first()
    assert found is not None, f"a_busy_house lacks a row of {model.__name__}"
    return found


def addresses() -> Iterator[str]:
    """All pages of the address map, with a row for each that wants one."""
    models = {f"{m._meta.app_label}/{m._meta.model_name}": m for m in admin.site._registry}
    for name, pattern in named_patterns(admin.site.get_urls()):
        if name in NO_PAGES or pattern.endswith("<path:object_id>/"):
            continue
        model = models.get("/".join(pattern.split("/")[2:4]))
        row = (
            str(row_of(model).pk) if model and ("object_id" in pattern or "<id>" in pattern) else ""
        )
        address = pattern.replace("<path:object_id>", row).replace("<id>", row)
        if "<slug:verb>" in address:
            assert model is not None
            verbs: Any = admin.site._registry[model]
            yield from (address.replace("<slug:verb>", verb.name) for verb in verbs.verbs)
        else:
            yield address
    yield "/admin/orders/order/?shown=late"
    yield "/admin/orders/order/?q=nothing"
    yield "/admin/kitchen/ticket/?shown=quarantined"


@contextmanager
def browser(
    web: str, client: Client, window: ViewportSize, bears: str = "nothing"
) -> Iterator[Page]:
    """A page of somebody logged in, that must not complain nor ask anybody but us.

    Playwright runs a loop in this thread, so the database is not to be asked inside.
    """
    complaints: list[str] = []
    foreign: list[str] = []

    def look_at(asked: Request) -> None:
        if not asked.url.startswith((web, "data:")):
            foreign.append(asked.url)

    session = client.cookies["sessionid"].value
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"],
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        context = chromium.new_context(viewport=window, base_url=web, reduced_motion="reduce")
        context.add_cookies([{"name": "sessionid", "value": session, "url": web}])
        page = context.new_page()

        def hear(text: ConsoleMessage) -> None:
            if text.type == "error" and bears not in text.text:
                complaints.append(f"{page.url}: {text.text}")

        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", hear)
        page.on("request", look_at)
        yield page
        chromium.close()
    assert complaints == []
    assert foreign == []


@pytest.mark.once
@pytest.mark.browser
@pytest.mark.parametrize("window", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_fits_is_quiet_and_can_be_read(
    web: str, boss: Client, a_busy_house: Order, window: ViewportSize
) -> None:
    answers = {url: boss.get(url).status_code for url in addresses()}
    assert {url for url, status in answers.items() if status >= 404} == set()
    # What only services write is neither added, changed nor deleted here.
    forbidden = {url for url, status in answers.items() if status == 403}
    assert all(url.endswith(("/add/", "/delete/")) for url in forbidden), forbidden
    shown = [url for url, status in answers.items() if status == 200]
    assert len(shown) > 35
    with browser(web, boss, window) as page:
        for url in shown:
            page.goto(url)
            page.wait_for_function("document.documentElement.matches(':not([x-cloak])')")
            wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            assert wide[0] <= wide[1], (url, wide)
            for scheme in ("dark", "light"):
                # As unfold's switch does it.
                page.evaluate("s => document.documentElement.className = s", scheme)
                assert page.evaluate(FLAWS) == [], (url, scheme)


@pytest.mark.browser
def test_the_dashboard_follows_the_house_without_a_reload(
    web: str, boss: Client, opened: Opened, make_user: Callable[..., User]
) -> None:
    opened("water")
    _, token = AuthToken.objects.create(user=make_user("waiter"))
    with browser(web, boss, PHONE) as page:
        page.goto("/admin/")
        page.evaluate("window.neverReloaded = true")
        expect(page.locator("#tile-open b")).to_have_text("1")
        page.focus("#zone-fry")
        page.locator("#zones-scroll").evaluate("box => box.scrollLeft = 40")
        top = page.evaluate("window.scrollY")
        placed = page.request.post(
            "/api/v1/orders/",
            data=order_body("tom-yum"),
            headers={"Authorization": f"Bearer {token}", **new_key()},
        )
        assert placed.status == 201
        expect(page.locator("#tile-open b")).to_have_text("2", timeout=10_000)
        expect(page.locator("#board-hours h2")).to_contain_text("2 in the last 24 hours")
        assert page.evaluate("[window.neverReloaded, document.activeElement.id]") == [
            True,
            "zone-fry",
        ]
        assert page.locator("#zones-scroll").evaluate("box => box.scrollLeft") == 40
        assert page.evaluate("window.scrollY") == top


@pytest.mark.browser
def test_the_dashboard_says_when_it_is_old_and_rests_while_nobody_looks(
    web: str, boss: Client, opened: Opened
) -> None:
    opened("water")
    with browser(web, boss, DESK, bears="net::ERR_FAILED") as page:
        page.goto("/admin/")
        stale = page.locator("#stale[role=status]")
        page.route("**/live/", lambda route: route.abort())
        expect(stale).to_have_text(
            "No answer since the time below: the numbers are old.", timeout=10_000
        )
        page.unroute("**/live/")
        expect(stale).to_have_text("", timeout=10_000)
        page.evaluate(
            "window.away = true; Object.defineProperty(document, 'hidden', { get: () => away })"
        )
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.wait_for_timeout(4_000)
        assert asked == []
        page.context.clear_cookies()
        page.evaluate("window.away = false")
        expect(stale).to_have_text("You are logged out: log in again.", timeout=10_000)
