"""`python -m bench.on_screen`: how long from a guest's POST until the cook sees it.

Asks a restaurant that is running (`./run`) for one drink after the other, with the drinks' screen
open in a browser, and takes back what it ordered. CHROMIUM says where the browser is. The exit
code is 1 if one of them took longer than a second.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
from playwright.sync_api import Page, sync_playwright

from bench.pictures import log_in
from bench.rush.report import percentile

GOAL = 1000.0
#: Seconds from one guest to the next.
PAUSE = 0.5


def seen(page: Page, api: httpx2.Client, count: int) -> Iterator[float]:
    """Milliseconds from before the POST until the card is on the screen, for each order."""
    for _ in range(count):
        began = time.monotonic()
        order = ask(
            api,
            "orders/",
            channel="takeaway",
            client_ref=f"on-screen-{uuid4().hex}",
            lines=[{"item": "thai-tea", "quantity": 1}],
        )
        page.wait_for_selector(f"article.card:has-text('#{order['number']}')", timeout=30_000)
        yield (time.monotonic() - began) * 1000
        ask(api, f"orders/{order['id']}/cancel/", reason="bench")
        time.sleep(PAUSE)


def ask(api: httpx2.Client, path: str, **body: object) -> dict[str, object]:
    answer = api.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
    answer.raise_for_status()
    found: dict[str, object] = answer.json()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=Path("var/demo.json"))
    parser.add_argument("--orders", type=int, default=40)
    given = parser.parse_args()
    demo = json.loads(given.demo.read_text())
    headers = {"Authorization": f"Bearer {demo['tokens']['app']}"}
    api = httpx2.Client(base_url=f"{demo['url']}/api/v1/", headers=headers, trust_env=False)
    with sync_playwright() as playwright, api:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"]
        )
        page = browser.new_page(base_url=demo["url"])
        log_in(page, demo)
        page.goto("/kitchen/drinks/")
        page.wait_for_selector("#line[data-line=live]")
        times = list(seen(page, api, given.orders))
        browser.close()
    p50, p99, longest = (percentile(times, share) or 0 for share in (0.5, 0.99, 1.0))
    print(f"{len(times)} orders on the screen: p50 {p50:.0f} ms, p99 {p99:.0f}, max {longest:.0f}")
    return int(longest > GOAL)


if __name__ == "__main__":
    sys.exit(main())
