"""Orders that are really lived through: over the API, by a relay and a worker, in one process."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from celery.contrib.testing.worker import start_worker
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.rush.guests import plan_orders
from kitchen import moves
from kitchen.channels import zone_queues
from kitchen.lifecycle import TicketState
from kitchen.models import Ticket, Tray
from orders.models import Order
from restaurant.celery import app
from restaurant.events.models import EventRecord
from restaurant.events.relay import tell_again, tell_new

API = "/api/v1/"
#: One in so many guests cancels: more than in any restaurant, so that few orders fill a page too.
CANCELLED = 5
#: As few as that, for the same reason.
TABLES = ("A1", "A2", "A3")
PATIENCE = 30.0
LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Clients:
    """Who asks: two apps, a waiter, a cook, a manager, and the admin's user."""

    app: Client
    app2: Client
    waiter: Client
    cook: Client
    manager: Client
    admin: Client

    @classmethod
    def hired(cls) -> "Clients":
        """The demo's users, with fresh tokens, and the demo's menu."""
        said = StringIO()
        call_command("demo", stdout=said)
        tokens: dict[str, str] = json.loads(said.getvalue())["tokens"]
        admin = Client(raise_request_exception=True)
        admin.force_login(User.objects.get(username="admin"))
        bearers = {
            name: Client(headers={"Authorization": f"Bearer {token}"})
            for name, token in tokens.items()
            if name in cls.__annotations__
        }
        return cls(**bearers, admin=admin)


def get(client: Client, path: str, **query: Any) -> Any:
    answer = client.get(path, query, follow=True)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")
    return answer


def post(client: Client, path: str, body: Any = None) -> Any:
    answer = client.post(
        API + path,
        body or {},
        content_type="application/json",
        headers={"Idempotency-Key": uuid4().hex},
    )
    if answer.status_code not in (200, 201):
        raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")
    return answer.json()


@contextmanager
def at_work() -> Iterator[None]:
    """A relay and a worker, each in a thread; messages stay in this process's memory."""
    app.conf.broker_transport_options = {"polling_interval": 0.005}
    app.loader.import_default_modules()
    stop = Event()

    def relay() -> None:
        while not stop.is_set():
            tell_new(app)
            tell_again(app)
            stop.wait(0.03)
        connection.close()

    thread = Thread(target=relay)
    thread.start()
    try:
        with start_worker(
            app,
            pool="solo",
            loglevel="error",
            perform_ping_check=False,
            queues=["pass", "orders", *zone_queues()],
        ):
            yield
    finally:
        stop.set()
        thread.join()


def eventually(true: Callable[[], Any]) -> None:
    until = monotonic() + PATIENCE
    while not true():
        if monotonic() > until:
            raise TimeoutError("the house stands still")
        sleep(0.005)


def orders_of(clients: Clients, count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Place so many orders, and give them as they were answered."""
    menu = get(clients.app, f"{API}menu/").json()
    unlimited = [item for item in menu if item["portions_left"] is None]
    for place, body in enumerate(plan_orders(unlimited, count, random.Random(seed))):  # noqa: S311
        client = clients.app if place % 3 else clients.app2
        if body["channel"] == "dine_in":
            body["table"] = TABLES[place % len(TABLES)]
        yield post(client, "orders/", {**body, "client_ref": f"past-{seed}-{place}"})


def live_through(clients: Clients, count: int) -> None:
    """So many orders from the guest's wish to the empty plate."""
    with at_work():
        placed = [order["id"] for order in orders_of(clients, count, seed=1)]
        eventually(lambda: Ticket.objects.filter(state=TicketState.HELD, position=1).count() == 0)
        eventually(lambda: Tray.objects.values("order_ref").distinct().count() == count)
        for ref in placed[::CANCELLED]:
            post(clients.waiter, f"orders/{ref}/cancel/", {"reason": "They have left."})
        eventually(lambda: not cook_what_is_fired(clients) and all_ready(len(placed)))
        for ref in set(placed) - set(placed[::CANCELLED]):
            post(clients.waiter, f"orders/{ref}/serve/")
        eventually(lambda: not EventRecord.objects.filter(position=None).exists())
        # All have heard everything; the relay would find out some seconds later.
        EventRecord.objects.filter(due_at__isnull=False).update(due_at=None)


def cook_what_is_fired(clients: Clients) -> int:
    fired = Ticket.objects.filter(state=TicketState.FIRED).values_list("pk", flat=True)
    for ref in (refs := list(fired)):
        post(clients.cook, f"tickets/{ref}/start/")
        post(clients.cook, f"tickets/{ref}/done/")
    return len(refs)


def all_ready(count: int) -> bool:
    return Order.objects.filter(state__in=["ready", "cancelled"]).count() == count


def open_orders(clients: Clients, count: int) -> None:
    """So many orders in the kitchen: placed, preparing and ready; some late, one in quarantine."""
    with at_work():
        refs = [order["id"] for order in orders_of(clients, count, seed=2)]
        trays = Tray.objects.filter(order_ref__in=refs)
        eventually(lambda: trays.values("order_ref").distinct().count() == count)
        tickets = Ticket.objects.filter(tray__order_ref__in=refs)
        eventually(lambda: not tickets.filter(state=TicketState.HELD, position=1).exists())
        cook_some(clients, refs)
        eventually(lambda: not EventRecord.objects.filter(position=None).exists())
        EventRecord.objects.filter(due_at__isnull=False).update(due_at=None)
    make_late(refs[:: max(1, count // 5)])
    waits = tickets.filter(state=TicketState.HELD, tray__order_ref=refs[0]).first()
    if waits is not None:
        moves.move_tickets("quarantine", having={"pk": waits.pk})


def cook_some(clients: Clients, refs: list[str]) -> None:
    """Of the second third one ticket is begun, of the last third everything is done."""
    third = len(refs) // 3
    for ref in refs[third : 2 * third]:
        begun = Ticket.objects.filter(tray__order_ref=ref, state=TicketState.FIRED).first()
        if begun is not None:
            post(clients.cook, f"tickets/{begun.pk}/start/")
    ready = Order.objects.filter(ref__in=refs[2 * third :], state="ready")
    while ready.count() < len(refs) - 2 * third:
        fired = Ticket.objects.filter(tray__order_ref__in=refs[2 * third :])
        for ticket in fired.filter(state=TicketState.FIRED):
            post(clients.cook, f"tickets/{ticket.pk}/start/")
            post(clients.cook, f"tickets/{ticket.pk}/done/")
        sleep(0.01)


def make_late(refs: list[str]) -> None:
    past = timezone.now() - LATE
    Order.objects.filter(ref__in=refs).update(promised_at=past)
    Tray.objects.filter(order_ref__in=refs).update(promised_at=past)
