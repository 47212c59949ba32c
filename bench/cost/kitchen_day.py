"""One kitchen's day: orders are placed, and cooks press start and done on whatever is fired.

`python -m bench.cost.kitchen_day services|http ORDERS AT_ONCE`: by calling the services in this
process, or over HTTP from outside. Which tickets are fired and which orders ready is read from the
database beside it; that is the watcher's own work and counted as nobody's.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import django

django.setup()
logging.getLogger("httpx2").setLevel(logging.WARNING)

import httpx2  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import close_old_connections, connection  # noqa: E402

from bench.cost.told import Told, begin  # noqa: E402
from bench.cost.workload import LINES, one_order  # noqa: E402
from kitchen import services as kitchen  # noqa: E402
from orders import services as orders  # noqa: E402
from orders.models import Order  # noqa: E402

#: Seconds between two looks when there was nothing to do.
GLANCE = 0.005
#: Presses and orders under way at once, over HTTP.
HANDS = 4


class ByServices:
    """Calls what the views call; counts the CPU time of the calls alone."""

    def __init__(self) -> None:
        self.guest = User.objects.get(username="demo-app")
        self.cpu = 0.0

    def do(self, call: Callable[[], Any]) -> None:
        before = time.process_time()
        call()
        self.cpu += time.process_time() - before

    def place(self) -> None:
        new = orders.NewOrder(
            channel="dine_in",
            table="A3",
            client_ref=uuid4().hex,
            lines=[orders.NewLine(**line) for line in LINES],
        )
        self.do(lambda: orders.place_order(new, principal=self.guest))

    def cook(self, ticket: UUID) -> None:
        self.do(lambda: kitchen.start(ticket))
        self.do(lambda: kitchen.finish(ticket))


class ByHttp:
    """Asks the web process; what it costs the client is not counted."""

    cpu = 0.0

    def __init__(self) -> None:
        self.client = httpx2.Client(base_url=os.environ["API_URL"], timeout=30, trust_env=False)
        self.hands = ThreadPoolExecutor(HANDS)
        self.asked: list[Future[None]] = []

    def ask(self, call: Callable[[], None]) -> None:
        """Have it done; what failed until now is raised."""
        for asked in [asked for asked in self.asked if asked.done()]:
            self.asked.remove(asked)
            asked.result()
        self.asked.append(self.hands.submit(call))

    def post(self, path: str, token: str, body: Any, **headers: str) -> None:
        headers = {"Authorization": f"Bearer {os.environ[token]}", **headers}
        self.client.post(path, json=body, headers=headers).raise_for_status()

    def place(self) -> None:
        key = {"Idempotency-Key": uuid4().hex}
        self.ask(lambda: self.post("orders/", "GUEST", one_order(), **key))

    def cook(self, ticket: UUID) -> None:
        def presses() -> None:
            self.post(f"tickets/{ticket}/start/", "COOK", {})
            self.post(f"tickets/{ticket}/done/", "COOK", {})

        self.ask(presses)


class Watch:
    """What has happened since it began to look."""

    def __init__(self) -> None:
        self.seen: set[Any] = set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(number), 0) FROM orders_order")
            (self.last,) = cursor.fetchone()

    def fired(self) -> list[UUID]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM kitchen_ticket WHERE finished_at IS NULL AND state = 'fired'"
            )
            new = [ref for (ref,) in cursor.fetchall() if ref not in self.seen]
        self.seen.update(new)
        return [ref if isinstance(ref, UUID) else UUID(ref) for ref in new]

    def ready(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM orders_order WHERE number > %s AND state = 'ready'",
                [self.last],
            )
            (count,) = cursor.fetchone()
        return int(count)

    def milliseconds(self) -> list[float]:
        """For each order, from placed to ready."""
        placed = Order.objects.filter(number__gt=self.last)
        return [
            (order.ready_at - order.placed_at).total_seconds() * 1000
            for order in placed
            if order.ready_at
        ]


def main(by: str, wanted: int, at_once: int) -> Told:
    hands: ByServices | ByHttp = ByServices() if by == "services" else ByHttp()
    # Cooks who press at once would wait for what is held back.
    kitchen.change_settings(pacing=False)
    watch = Watch()
    told, placed, ready = Told(), 0, 0
    begin()
    started = time.monotonic()
    while ready < wanted:
        while placed < wanted and placed - ready < at_once:
            hands.place()
            placed += 1
        fired = watch.fired()
        for ticket in fired:
            hands.cook(ticket)
        ready = watch.ready()
        if not fired:
            time.sleep(GLANCE)
    told.seconds = time.monotonic() - started
    told.cpu = hands.cpu
    told.milliseconds = watch.milliseconds()
    close_old_connections()
    return told


if __name__ == "__main__":
    by, *counts = sys.argv[1:]
    main(by, *map(int, counts)).tell()
