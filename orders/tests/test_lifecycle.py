"""Every state of an order against every verb: what is legal moves, nothing else does."""

from collections.abc import Callable
from itertools import product

import pytest

from orders.lifecycle import MOVES, OrderState
from orders.models import Order
from orders.services.following import move

#: The states as people know them (docs/life-of-an-order.md).
LEGAL = {
    ("prepare", "placed"): "preparing",
    ("make_ready", "placed"): "ready",
    ("make_ready", "preparing"): "ready",
    ("reopen", "ready"): "preparing",
    ("reopen", "served"): "preparing",
    ("serve", "ready"): "served",
    ("cancel", "placed"): "cancelled",
    ("cancel", "preparing"): "cancelled",
    ("close", "served"): "closed",
}


def test_the_moves_are_those_of_the_house_plan() -> None:
    assert {
        (verb, source): legal.to for verb, legal in MOVES.items() for source in legal.sources
    } == LEGAL


@pytest.mark.parametrize(("verb", "state"), [*product(MOVES, OrderState.values)])
def test_an_order_moves_only_where_it_may(
    place: Callable[..., Order], verb: str, state: str
) -> None:
    order, bystander = place("water"), place("water")
    Order.objects.filter(pk=order.pk).update(state=state)
    rows = Order.objects.order_by("pk")
    before, untouched = rows.values()
    moved = move(order.ref, verb)
    if to := LEGAL.get((verb, state)):
        assert moved == 2
        assert list(rows.values()) == [{**before, "state": to, "version": 2}, untouched]
    else:
        assert moved == 0
        assert list(rows.values()) == [before, untouched]
    assert bystander.pk == untouched["number"]
