"""A house in which anything may happen, at random by a seed; and the feed, numbered and heard."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User

from conftest import cook, open_trays
from kitchen import services as kitchen
from kitchen.models import Option, Shop, Ticket, Tray
from kitchen.tasks import call_out
from notifications.tests.conftest import number
from orders import services as orders
from orders.models import Order, OrderLine
from orders.reports import services as reports
from orders.reports.models import OF_PROJECTIONS, Projection
from orders.services import Change, NewLine, NewOrder
from restaurant.errors import DomainError

ITEMS = ("tom-yum", "gai-yang", "pad-krapow", "thai-tea", "water")
EXTRAS: dict[str, list[tuple[str, ...]]] = {
    "pad-krapow": [(), ("pork",), ("tofu", "fried-egg"), ("prawns", "sticky-rice")],
    "gai-yang": [(), ("fried-egg", "sticky-rice")],
}


def hear() -> None:
    """The relay numbers what was said, and the reports hear all of it."""
    number()
    while reports.follow():
        pass


def rows_of(projection: Projection) -> list[list[dict[str, Any]]]:
    """All that a reading of the feed has written, without the numbers of its rows."""
    return [
        sorted(
            (
                {name: value for name, value in row.items() if name not in ("id", "projection_id")}
                for row in kind.objects.filter(projection=projection).values()
            ),
            key=repr,
        )
        for kind in OF_PROJECTIONS
    ]


def shown() -> Projection:
    return Projection.objects.get(current=True)


class House:
    """Guests, cooks and waiters who do whatever may be done, and now and then what may not."""

    def __init__(self, seed: int, guest: User) -> None:
        self.random = Random(seed)
        self.guest = guest
        self.verbs: list[Callable[[Order], None]] = [
            *[self.start] * 6,
            *[self.finish] * 6,
            self.recall,
            self.stop,
            self.serve,
            self.add_line,
            self.cancel_line,
            self.refire,
        ]

    def live_through(self, how_many: int) -> None:
        """Orders come and are cooked, several beside each other; the feed is heard in pieces."""
        at_work: list[Order] = []
        for place in range(how_many):
            at_work.append(self.place(place))
            for order in at_work:
                for _ in range(self.random.randint(1, 4)):
                    self.happen(order)
            if len(at_work) > 4:
                self.end(at_work.pop(0))
            if self.random.random() < 0.3:
                hear()
        for order in at_work:
            self.end(order)
        hear()

    def place(self, number: int) -> Order:
        lines = [self.a_line(tray) for tray in (1, 2) for _ in range(self.random.randint(1, 2))]
        channel = self.random.choice(Order.Channel.values)
        new = NewOrder(
            channel=channel,
            client_ref=f"guest-{number}",
            lines=lines,
            table="A1" if channel == "dine_in" else "",
        )
        order, _lines = orders.place_order(new, principal=self.guest)
        if self.random.random() < 0.1:
            self.cancel(order)
        open_trays(order)
        return order

    def a_line(self, tray: int) -> NewLine:
        item = self.random.choice(ITEMS)
        options = self.random.choice(EXTRAS.get(item, [()]))
        return NewLine(item, self.random.randint(1, 3), tray, options=options)

    def happen(self, order: Order) -> None:
        with suppress(DomainError):
            self.random.choice(self.verbs)(order)
        self.settle(order)

    def settle(self, order: Order) -> None:
        """What the workers do: trays are called out anew and plated, the order follows."""
        for tray in Tray.objects.of_order(order.ref):
            kitchen.plate(tray.pk, tray.canvas)
        if Ticket.objects.filter(tray__order_ref=order.ref, started_at__isnull=False).exists():
            orders.mark_preparing(order.ref)
        orders.follow_kitchen(order.ref)

    def end(self, order: Order) -> None:
        """Most are cooked, served and now and then sent back; some are cancelled."""
        if self.random.random() < 0.15:
            self.cancel(order)
        self.cook_all(order)
        if self.random.random() < 0.7:
            self.serve(order)
        if self.random.random() < 0.15:
            with suppress(DomainError):
                self.refire(order)
            self.cook_all(order)
            self.serve(order)

    def cook_all(self, order: Order) -> None:
        while to_do := list(self.tickets(order, state__in=("fired", "cooking"))):
            for ticket in to_do:
                if ticket.cancel_requested:
                    kitchen.stop(ticket.pk)
                else:
                    cook(ticket)
        self.settle(order)

    def tickets(self, order: Order, **having: Any) -> list[Ticket]:
        found = Ticket.objects.filter(tray__order_ref=order.ref, **having)
        return list(found.order_by("tray__number", "track", "position"))

    def one_of(self, rows: Iterable[Any]) -> Any:
        """Raises DomainError if there is none."""
        found = list(rows)
        if not found:
            raise DomainError("There is none.")
        return self.random.choice(found)

    def start(self, order: Order) -> None:
        kitchen.start(self.one_of(self.tickets(order, state="fired")).pk)

    def finish(self, order: Order) -> None:
        kitchen.finish(self.one_of(self.tickets(order, state="cooking")).pk)

    def stop(self, order: Order) -> None:
        kitchen.stop(self.one_of(self.tickets(order, cancel_requested=True)).pk)

    def recall(self, order: Order) -> None:
        ticket = self.one_of(self.tickets(order, state="done"))
        kitchen.recall(ticket.pk)
        self.drive(ticket.tray_id)

    def serve(self, order: Order) -> None:
        for tray in Tray.objects.of_order(order.ref).filter(state="ready"):
            orders.serve_order(order, tray.number)

    def cancel(self, order: Order) -> None:
        with suppress(DomainError):
            orders.cancel_order(order, self.random.choice(["no time", "ยกเลิก", "=1+1"]))

    def add_line(self, order: Order) -> None:
        tray = self.random.randint(1, 3)
        orders.change_order(order.ref, known, Change(add=[self.a_line(tray)]))
        for one in Tray.objects.of_order(order.ref):
            self.drive(one.pk)

    def cancel_line(self, order: Order) -> None:
        line = self.one_of(self.lines(order))
        orders.change_order(order.ref, known, Change(cancel=[line.pk]))

    def refire(self, order: Order) -> None:
        line, reason = self.one_of(self.lines(order)), self.random.choice(["cold", "it fell"])
        orders.refire_line(order, line.pk, reason, by="somchai")
        self.drive(Tray.objects.get(order_ref=order.ref, number=line.tray).pk)

    def lines(self, order: Order) -> Iterable[OrderLine]:
        return OrderLine.objects.filter(order=order, cancelled_at=None).order_by("place")

    def drive(self, tray: UUID) -> None:
        kitchen.drive(tray, call_out)


def known(order: Order, progress: kitchen.Progress) -> bool:
    """Whoever changes it has seen it as it is."""
    return True


@pytest.fixture
def house(
    choices: dict[str, Option], food_court: dict[str, Shop], guest: User
) -> Callable[[int], House]:
    """`house(seed)`: with an open kitchen, two shops and options to choose."""
    return lambda seed: House(seed, guest)
