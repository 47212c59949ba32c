"""What is asked of the house, from outside and from its own clockwork."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.core import signing
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench.many_orders.lived import API, Clients, get, post
from kitchen.lifecycle import TicketState
from kitchen.models import Ticket, Zone
from kitchen.tasks import reconcile, watch_pass
from orders.models import Order
from restaurant.celery import app
from restaurant.events.models import EventRecord
from restaurant.events.relay import tell_again, tell_new
from restaurant.idempotency.tasks import forget_answers
from restaurant.live import Hub

ORDERS = f"{API}orders/"
#: How many events the clockwork is given at once.
EVENTS = 50


@dataclass(frozen=True)
class Question:
    """`run` is timed, with what `prepare` has made; those `promised` are to stay as fast."""

    name: str
    run: Callable[[Any], Any]
    prepare: Callable[[], Any] = lambda: None
    promised: bool = False


def questions_of(clients: Clients) -> list[Question]:
    return [
        *of_orders(clients),
        *of_the_kitchen(clients),
        *of_writers(clients),
        *of_pages(clients),
        *of_the_clockwork(),
    ]


def read(name: str, client: Client, path: str, *, promised: bool = False, **query: Any) -> Question:
    return Question(name, lambda _: get(client, path, **query), promised=promised)


def of_orders(clients: Clients) -> Iterator[Question]:
    waiter, app_ = clients.waiter, clients.app
    old = Order.objects.filter(state="served").order_by("placed_at")[0]
    middle = Order.objects.order_by("placed_at")[Order.objects.count() // 2]
    preparing = Order.objects.filter(state="preparing")[0]
    recently = (timezone.now() - timedelta(hours=1)).isoformat()
    yield read("order list", waiter, ORDERS, promised=True)
    yield read("order list, an app's own", app_, ORDERS, promised=True)
    for state in ("placed", "served", "cancelled", "closed"):
        yield read(f"order list, {state}", waiter, ORDERS, state=state)
        yield read(f"order list, an app's own, {state}", app_, ORDERS, state=state)
    yield read("order list, one table", waiter, ORDERS, table="A1")
    yield read("order list, one table, ready", waiter, ORDERS, table="A1", state="ready")
    yield read("order list, no such table", waiter, ORDERS, table="none")
    yield read("order list, client_ref", waiter, ORDERS, client_ref=old.client_ref)
    yield read("order list, an app's client_ref", app_, ORDERS, client_ref=old.client_ref)
    yield read("order list, placed_after", waiter, ORDERS, placed_after=recently)
    yield read("order list, deep", waiter, ORDERS, cursor=cursor_at(middle))
    yield read("one order, old", waiter, f"{ORDERS}{old.ref}/", promised=True)
    yield read("one order, open", waiter, f"{ORDERS}{preparing.ref}/", promised=True)
    yield read("one order's events", waiter, f"{ORDERS}{old.ref}/events/")
    yield read("one order's trace", waiter, f"{ORDERS}{old.ref}/trace/")


def cursor_at(order: Order) -> str:
    """As `CursorPages` writes it: offset, reverse, position."""
    return signing.dumps((0, False, str(order.placed_at)), salt=ORDERS)


def of_the_kitchen(clients: Clients) -> Iterator[Question]:
    cook, waiter = clients.cook, clients.waiter
    busiest = Ticket.objects.values("zone").annotate(many=Count("pk")).order_by("-many")
    zone = busiest[0]["zone"]
    tickets = f"{API}zones/{zone}/tickets/"
    yield read("zone tickets", cook, tickets, promised=True)
    for state in ("fired", "done", "void", "quarantined"):
        yield read(f"zone tickets, {state}", cook, tickets, state=state, promised=True)
    yield read("zones", cook, f"{API}zones/")
    yield read("trays", waiter, f"{API}trays/")
    for state in ("waiting", "served", "void"):
        yield read(f"trays, {state}", waiter, f"{API}trays/", state=state)
    yield read("menu", cook, f"{API}menu/")


def of_writers(clients: Clients) -> Iterator[Question]:
    item = get(clients.app, f"{API}menu/").json()[0]["code"]
    body = {
        "channel": "dine_in",
        "table": "A3",
        "lines": [{"item": item, "quantity": 1}, {"item": item, "quantity": 2}],
    }
    yield Question(
        "POST orders/",
        lambda _: post(clients.app, "orders/", {**body, "client_ref": uuid4().hex}),
    )
    fired = Ticket.objects.filter(state=TicketState.FIRED)[0].pk
    cooking = Ticket.objects.filter(state=TicketState.COOKING)[0].pk
    yield Question("POST start", lambda _: post(clients.cook, f"tickets/{fired}/start/"))
    yield Question("POST done", lambda _: post(clients.cook, f"tickets/{cooking}/done/"))
    ready = Order.objects.filter(state="ready")[0].ref
    yield Question("POST serve", lambda _: post(clients.waiter, f"orders/{ready}/serve/"))
    placed = Order.objects.filter(state="placed")[0].ref
    reason = {"reason": "They have left."}
    yield Question(
        "POST cancel", lambda _: post(clients.waiter, f"orders/{placed}/cancel/", reason)
    )


def of_pages(clients: Clients) -> Iterator[Question]:
    manager = clients.admin
    old = Order.objects.filter(state="served").order_by("placed_at")[0]
    yield read("tracking page", clients.app, reverse("track", args=[old.tracking_secret]))
    yield read("admin: dashboard", manager, reverse("admin:index"), promised=True)
    for model in admin.site._registry:
        meta = model._meta
        if meta.app_label in ("orders", "kitchen", "events", "knox"):
            path = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            yield read(f"admin: {meta.verbose_name_plural}", manager, path, promised=True)
    yield read("admin: how it runs", manager, reverse("admin:doctor_signoflife_changelist"))
    yield read("metrics", manager, reverse("metrics"))
    orders = reverse("admin:orders_order_changelist")
    for what, term in {
        "number": old.number,
        "table": "A1",
        "client_ref": old.client_ref,
        "nothing": "no such order",
    }.items():
        yield read(f"admin: orders, search by {what}", manager, orders, q=term)
    for state in ("placed", "served"):
        yield read(f"admin: orders, {state}", manager, orders, state__exact=state)
    for name, order in (("old", old), ("open", Order.objects.filter(state="preparing")[0])):
        page = reverse("admin:orders_order_change", args=[order.pk])
        yield read(f"admin: one order, {name}", manager, page)


def of_the_clockwork() -> Iterator[Question]:
    yield Question("relay, nothing new", lambda _: tell_new(app))
    yield Question("relay, new events", lambda _: tell_new(app), make_new)
    yield Question("relay, heard events", lambda _: tell_again(app), make_due)
    yield Question("feed, where it is", lambda _: Hub().read_after(None))
    yield Question("feed, what is new", Hub().read_after, partial(position_before, EVENTS))
    yield Question("reconciler", lambda _: reconcile())
    yield Question("pass limit", lambda _: watch_pass())
    yield Question("zones' load", lambda _: [Zone.objects.count(), Ticket.objects.load()])
    yield Question("forget old answers", lambda _: forget_answers())


def newest() -> list[EventRecord]:
    """Events of which nobody needs to be told anything any more."""
    found = EventRecord.objects.filter(position__isnull=False, name="ticket.fired")
    return list(found.order_by("-position")[:EVENTS])


def make_new() -> None:
    EventRecord.objects.bulk_create(
        EventRecord(name=event.name, subject=event.subject, data=event.data) for event in newest()
    )


def make_due() -> None:
    due = timezone.now() - timedelta(seconds=1)
    ids = [event.pk for event in newest()]
    EventRecord.objects.filter(pk__in=ids).update(due_at=due, tellings=1)


def position_before(events: int) -> int:
    return Hub().read_after(None) - events
