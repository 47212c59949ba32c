"""Portions are counted down by orders, come back from cancelled ones, and never fall below none."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import transaction

from conftest import cook
from kitchen import services
from kitchen.exceptions import SoldOut, UnknownItem, ZoneClosed
from kitchen.models import MenuItem, Ticket, Zone
from kitchen.services import Wanted
from orders.models import Order
from orders.services import cancel_order

pytestmark = pytest.mark.usefixtures("menu")


def wanted(item: str, quantity: int = 1, tray: int = 1) -> Wanted:
    return Wanted(uuid4(), item, quantity, tray)


def reserve(*lines: Wanted) -> None:
    with transaction.atomic():
        services.reserve(lines)


def portions(code: str) -> int | None:
    return MenuItem.objects.get(pk=code).portions_left


def stock(code: str, left: int | None) -> None:
    MenuItem.objects.filter(pk=code).update(portions_left=left)


def test_each_order_takes_its_portions() -> None:
    stock("crab", 10)
    reserve(wanted("crab", 3), wanted("water", 99))
    assert (portions("crab"), portions("water"), portions("lobster")) == (7, None, 1)
    reserve(wanted("crab", 3, tray=1), wanted("crab", 4, tray=2))
    assert portions("crab") == 0


@pytest.mark.parametrize(("left", "asked"), [(0, 1), (1, 2), (5, 6), (98, 99)])
def test_no_more_are_sold_than_are_left(left: int, asked: int) -> None:
    stock("crab", left)
    with pytest.raises(SoldOut) as refused:
        reserve(wanted("crab", asked))
    assert refused.value.facts == {"item": "crab", "left": left}
    assert portions("crab") == left


def test_what_one_item_refuses_gives_the_others_back() -> None:
    stock("gai-yang", 5)
    with pytest.raises(SoldOut):
        reserve(wanted("crab"), wanted("gai-yang", 5), wanted("lobster", 2))
    assert (portions("crab"), portions("gai-yang"), portions("lobster")) == (1, 5, 1)


def test_a_refusal_for_another_reason_takes_nothing() -> None:
    Zone.objects.filter(pk="grill").update(is_open=False)
    with pytest.raises(ZoneClosed):
        reserve(wanted("crab"), wanted("lobster"))
    with pytest.raises(UnknownItem):
        reserve(wanted("crab"), wanted("pizza"))
    assert portions("crab") == 1


def test_an_unavailable_item_keeps_its_portions() -> None:
    MenuItem.objects.filter(pk="crab").update(available=False)
    with pytest.raises(SoldOut) as refused:
        reserve(wanted("crab"))
    assert refused.value.facts == {"item": "crab", "left": 0}
    assert portions("crab") == 1


@pytest.mark.parametrize(
    ("begun", "left"), [("not", 9), ("started", 7), ("done", 7), ("recalled", 7)]
)
def test_only_what_nobody_has_begun_comes_back(
    opened: Callable[..., Order], begun: str, left: int
) -> None:
    stock("lobster", 9)
    order = opened("lobster", quantity=2)
    ticket = Ticket.objects.get()
    if begun == "started":
        services.start(ticket.pk)
    if begun in ("done", "recalled"):
        cook(ticket)
    if begun == "recalled":
        services.recall(ticket.pk)
    lines = [
        Wanted(line.id, line.item, line.quantity, line.tray, line.counted)
        for line in order.lines.all()
    ]
    services.void(order.ref, "#1", lines, "gone")
    assert portions("lobster") == left
    services.void(order.ref, "#1", [], "gone")
    assert portions("lobster") == left


def test_of_two_lines_only_the_one_that_nobody_has_begun_comes_back(
    opened: Callable[..., Order],
) -> None:
    stock("pad-krapow", 9)
    order = opened("pad-krapow", ("pad-krapow", 2), quantity=2)
    # A line of two tracks is begun with the first ticket of either.
    services.start(Ticket.objects.get(zone="rice", tray__number=1).pk)
    cancel_order(order, "gone")
    assert portions("pad-krapow") == 7


def test_what_was_not_counted_when_it_was_ordered_does_not_come_back(
    opened: Callable[..., Order],
) -> None:
    order = opened("gai-yang")
    stock("gai-yang", 5)
    cancel_order(order, "gone")
    assert portions("gai-yang") == 5
