"""Every state of trays and tickets against every verb: what is legal moves, nothing else does."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from kitchen.lifecycle import (
    FINISHED,
    OPEN,
    TICKET_MOVES,
    TRAY_MOVES,
    TicketState,
    TrayState,
    line_state,
)
from kitchen.models import Ticket, Tray
from kitchen.moves import move_tickets, move_tray
from orders.models import Order

Opened = Callable[..., Order]

#: The states as people know them (docs/life-of-an-order.md).
LEGAL_FOR_TRAYS = {
    ("plate", "waiting"): "ready",
    ("reopen", "ready"): "waiting",
    ("refire", "ready"): "waiting",
    ("refire", "served"): "waiting",
    ("serve", "ready"): "served",
    ("void", "waiting"): "void",
    ("void", "ready"): "void",
}
LEGAL_FOR_TICKETS = {
    ("fire", "held"): "fired",
    ("hold", "fired"): "held",
    ("start", "fired"): "cooking",
    ("done", "cooking"): "done",
    ("recall", "done"): "cooking",
    ("stop", "cooking"): "void",
    ("void", "held"): "void",
    ("void", "fired"): "void",
    ("void", "quarantined"): "void",
    ("quarantine", "held"): "quarantined",
    ("quarantine", "fired"): "quarantined",
    ("retry", "quarantined"): "held",
}


def test_the_moves_are_those_of_the_house_plan() -> None:
    for moves, plan in ((TRAY_MOVES, LEGAL_FOR_TRAYS), (TICKET_MOVES, LEGAL_FOR_TICKETS)):
        assert {
            (verb, source): legal.to for verb, legal in moves.items() for source in legal.sources
        } == plan
    assert {*FINISHED, *OPEN, "quarantined"} == set(TicketState.values)
    assert not set(FINISHED) & set(OPEN)


@pytest.mark.parametrize(("verb", "state"), [*product(TRAY_MOVES, TrayState.values)])
def test_a_tray_moves_only_where_it_may(opened: Opened, verb: str, state: str) -> None:
    opened("water", ("thai-tea", 2))
    Tray.objects.filter(number=1).update(state=state)
    rows: Any = Tray.objects.order_by("number")
    before, bystander = rows.values()
    moved = move_tray(before["id"], verb)
    after, untouched = rows.values()
    assert untouched == bystander
    if to := LEGAL_FOR_TRAYS.get((verb, state)):
        assert moved is True
        assert after.pop("touched_at") > before.pop("touched_at")
        assert after == {**before, "state": to, "version": before["version"] + 1}
    else:
        assert moved is False
        assert after == before


@pytest.mark.parametrize(("verb", "state"), [*product(TICKET_MOVES, TicketState.values)])
def test_a_ticket_moves_only_where_it_may(opened: Opened, verb: str, state: str) -> None:
    opened("tom-yum")
    Ticket.objects.filter(zone="boil").update(state=state)
    rows: Any = Ticket.objects.order_by("position")
    before, bystander = rows.values()
    moved = move_tickets(verb, having={"pk": before["id"]})
    to = LEGAL_FOR_TICKETS.get((verb, state))
    assert moved == (1 if to else 0)
    after, untouched = rows.values()
    assert untouched == bystander
    if to in FINISHED:
        assert after["finished_at"] is not None
        before |= {name: after[name] for name in ("finished_at", "finished_version")}
        assert after["finished_version"] == Tray.objects.get().version
    assert after == {**before, "state": to or state}


@pytest.mark.parametrize(
    ("tickets", "tray", "told"),
    [
        (["held", "held"], "waiting", "waiting"),
        (["fired", "held"], "waiting", "waiting"),
        (["quarantined"], "waiting", "waiting"),
        (["cooking", "held"], "waiting", "cooking"),
        (["done", "held"], "waiting", "cooking"),
        (["done", "fired"], "waiting", "cooking"),
        (["done", "quarantined"], "waiting", "cooking"),
        (["done", "done"], "waiting", "ready"),
        (["done", "void"], "waiting", "ready"),
        (["done"], "ready", "ready"),
        (["void", "void"], "waiting", "cancelled"),
        (["void"], "ready", "cancelled"),
        (["void"], "served", "cancelled"),
        (["done"], "served", "served"),
        (["done", "void"], "served", "served"),
        (["done"], "void", "cancelled"),
        (["cooking"], "void", "cancelled"),
        (["held"], "void", "cancelled"),
    ],
)
def test_a_guest_is_told_of_a_line_what_its_tickets_and_tray_say(
    tickets: list[str], tray: str, told: str
) -> None:
    assert line_state(tickets, tray) == told
    assert line_state(reversed(tickets), tray) == told
