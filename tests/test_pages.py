"""The pages in a real Chromium, on a phone and on a desk: they open, and ask nobody else."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, ViewportSize, sync_playwright

from conftest import open_trays
from orders.models import Order

Place = Callable[..., Order]
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1440, height=900)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.once,
    pytest.mark.parametrize("window", [PHONE, DESK], ids=str),
]


@contextmanager
def browser(web: str, window: ViewportSize) -> Iterator[Page]:
    """A page that must not complain, nor ask anybody but us.

    Playwright runs a loop in this thread, so the database is not to be asked inside.
    """
    complaints: list[str] = []
    asked_urls: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"],
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        page = chromium.new_page(viewport=window, base_url=web)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.extend([said.text] * (said.type == "error")))
        page.on("request", lambda asked: asked_urls.append(asked.url))
        yield page
        chromium.close()
    assert complaints == []
    assert [url for url in asked_urls if not url.startswith(web)] == []


def test_the_manager_logs_in_and_looks_at_an_order(
    web: str, place: Place, window: ViewportSize
) -> None:
    User.objects.create_superuser("boss", password="made-to-order")
    order = place("tom-yum", ("water", 2))
    open_trays(order)
    with browser(web, window) as page:
        page.goto("/admin/orders/order/")
        page.fill("#id_username", "boss")
        page.fill("#id_password", "made-to-order")
        page.click("button[type=submit]")
        page.get_by_role("link", name=order.label).click()
        text = page.inner_text("#content")
        assert "Tray 1" in text
        assert "Waiting" in text
        assert "Order taken" in text
        assert page.locator("#content input:not([type=hidden]), #content select").count() == 0
