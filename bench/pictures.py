"""`python -m bench.pictures [NAME…]`: the pictures of the documents, of a house that is running.

Start it (`./run`), put it to work (`./run rush`), and call this while it is busy. CHROMIUM says
where the browser is.
"""

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, sync_playwright

DESK, PHONE = (1440, 900), (390, 844)
#: Each order has another one.
TRACKING = "/track/"
#: Picture: address, window, scheme, language.
PICTURES: dict[str, tuple[str, tuple[int, int], Literal["light", "dark"], str]] = {
    "dashboard": ("/admin/", DESK, "light", "en"),
    "dashboard-phone": ("/admin/", PHONE, "dark", "en"),
    "dashboard-thai": ("/admin/", DESK, "dark", "th"),
    "order": ("/admin/orders/order/?shown=open", DESK, "light", "en"),
    "menu-item": ("/admin/kitchen/menuitem/tom-yum/change/", DESK, "light", "en"),
    "screen-zone": ("/kitchen/fry/", DESK, "dark", "en"),
    "screen-pass": ("/pass/", DESK, "dark", "en"),
    "screen-phone": ("/kitchen/fry/", PHONE, "dark", "th"),
    "track-phone": (TRACKING, PHONE, "light", "en"),
    "track-thai": (TRACKING, PHONE, "dark", "th"),
    "how-it-runs": ("/admin/doctor/signoflife/", DESK, "light", "en"),
    "reports": ("/admin/reports/projection/", DESK, "light", "en"),
    "option-group": ("/admin/kitchen/optiongroup/egg/change/", DESK, "light", "en"),
}


@contextmanager
def manager(demo: dict[str, Any], browser: Any, name: str) -> Iterator[Page]:
    """A page of somebody who has logged in."""
    _address, (width, height), scheme, language = PICTURES[name]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        base_url=demo["url"],
        locale=language,
        reduced_motion="reduce",
    )
    page = context.new_page()
    log_in(page, demo)
    yield page
    context.close()


def log_in(page: Page, demo: dict[str, Any]) -> None:
    page.goto("/admin/")
    page.fill("#id_username", demo["admin"]["username"])
    page.fill("#id_password", demo["admin"]["password"])
    page.click("button[type=submit]")


def address_of(name: str, page: Page, demo: dict[str, Any]) -> str:
    """Where it is to be seen; what a guest sees, of the order that the kitchen was at first."""
    address = PICTURES[name][0]
    if address != TRACKING:
        return address
    token = demo["tokens"]["manager"]
    orders = page.request.get(
        "/api/v1/orders/?state=preparing", headers={"Authorization": f"Bearer {token}"}
    )
    return str(orders.json()["results"][-1]["tracking_url"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=Path("var/demo.json"))
    parser.add_argument("--into", type=Path, default=Path("docs/images"))
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(PICTURES))
    given = parser.parse_args()
    demo = json.loads(given.demo.read_text())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"]
        )
        for name in given.names:
            with manager(demo, browser, name) as page:
                page.goto(address_of(name, page, demo))
                if name == "order":
                    page.locator("#result_list a[href*='/change/']").last.click()
                if name.startswith(("screen-", "track-")):
                    # Its stream never ends.
                    page.wait_for_selector("#line[data-line=live]")
                else:
                    page.wait_for_load_state("networkidle")
                page.screenshot(path=given.into / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
