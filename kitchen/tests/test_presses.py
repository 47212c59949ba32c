"""A cook presses start, done, recall and stop: what moves, what is told, and what is refused."""

from collections.abc import Callable
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, cook
from kitchen.lifecycle import TicketState
from kitchen.models import Ticket, Tray
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord

Opened = Callable[..., Order]

VERBS = ("start", "done", "recall", "stop")
#: Where a press leads; what is not here is refused.
AFTER = {
    ("fired", "start"): "cooking",
    ("cooking", "start"): "cooking",
    ("cooking", "done"): "done",
    ("done", "done"): "done",
    ("done", "recall"): "cooking",
    ("cooking", "recall"): "cooking",
    ("void", "stop"): "void",
}


@pytest.fixture
def screen(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("cook")


def press(screen: APIClient, verb: str, ticket: Ticket, **more: Any) -> Any:
    return screen.post(f"/api/v1/tickets/{ticket.pk}/{verb}/", **more)


def at(zone: str) -> Ticket:
    return Ticket.objects.get(zone=zone)


def told() -> list[str]:
    return [event.name for event in EventRecord.objects.order_by("id")]


def in_state(ticket: Ticket, state: str) -> Ticket:
    """The row as it would be after a life up to this state; nobody is told."""
    Ticket.objects.filter(pk=ticket.pk).update(state=state)
    return Ticket.objects.get(pk=ticket.pk)


def test_a_press_answers_with_the_ticket_as_the_contract_says(
    screen: APIClient, opened: Opened
) -> None:
    order = opened("tom-yum", note="no rush", allergies="nuts", quantity=2)
    ticket = at("boil")
    answer = press(screen, "start", ticket)
    assert answer.status_code == 200
    ticket.refresh_from_db()
    assert ticket.fired_at is not None
    assert ticket.started_at is not None

    def as_json(moment: Any) -> str:
        return str(moment.isoformat()).replace("+00:00", "Z")

    assert answer.json() == {
        "id": str(ticket.pk),
        "order_ref": str(order.ref),
        "order_label": f"#{order.number} · takeaway",
        "tray": 1,
        "line": str(order.lines.get().pk),
        "item": "tom-yum",
        "name": "Tom Yum",
        "quantity": 2,
        "options": [],
        "note": "ALLERGIES: nuts · no rush",
        "allergies": "nuts",
        "zone": "boil",
        "track": 1,
        "position": 1,
        "previous_zone": None,
        "next_zone": "fry",
        "state": "cooking",
        "prep_seconds": 240,
        "fire_at": as_json(ticket.fire_at),
        "fired_at": as_json(ticket.fired_at),
        "started_at": as_json(ticket.started_at),
        "done_at": None,
        "attempts": 0,
        "recalls": 0,
        "cancel_requested": False,
        "rushed": False,
        "refire": 0,
        "wasted": False,
        "change": None,
        "changed_at": None,
        "over_limit_at": None,
        "course": 1,
        "printed": None,
    }


@pytest.mark.parametrize(("state", "verb"), [*product(TicketState.values, VERBS)])
def test_each_press_in_each_state(screen: APIClient, opened: Opened, state: str, verb: str) -> None:
    opened("water", "thai-tea")
    ticket = in_state(Ticket.objects.get(item="water"), state)
    bystander = Ticket.objects.filter(item="thai-tea").values().get()
    events = len(told())
    answer, after = press(screen, verb, ticket), AFTER.get((state, verb))
    if after is None:
        assert_problem(answer, 409, "illegal_transition")
    else:
        assert (answer.status_code, answer.json()["state"]) == (200, after)
    assert Ticket.objects.get(pk=ticket.pk).state == (after or state)
    assert (len(told()) > events) is (after not in (None, state))
    assert Ticket.objects.filter(item="thai-tea").values().get() == bystander


def test_the_same_press_again_has_no_effect(screen: APIClient, opened: Opened) -> None:
    opened("water")
    ticket = at("drinks")
    for verb in ("start", "done", "recall"):
        first = press(screen, verb, ticket)
        row, events = Ticket.objects.values().get(), told()
        again = press(screen, verb, ticket)
        assert (again.status_code, again.json()) == (200, first.json())
        assert (Ticket.objects.values().get(), told()) == (row, events)


def test_an_order_starts_with_its_first_ticket_only(screen: APIClient, opened: Opened) -> None:
    opened("water", ("gai-yang", 2))
    for zone in ("grill", "drinks"):
        press(screen, "start", at(zone))
    assert [name for name in told() if name.endswith("started")] == [
        "ticket.started",
        "trays.started",
        "ticket.started",
    ]
    press(screen, "done", at("grill"))
    press(screen, "recall", at("grill"))
    assert told().count("trays.started") == 1


def test_done_sends_the_parked_message_and_fires_the_next_zone(
    screen: APIClient, opened: Opened
) -> None:
    opened("tom-yum", "water")
    parked, fry = at("boil").parked, at("fry")
    assert parked is not None
    assert (fry.state, fry.fired_at) == ("held", None)
    press(screen, "start", at("boil"))
    assert at("fry").state == "held"
    press(screen, "done", at("boil"))
    boil, fry = at("boil"), at("fry")
    assert (boil.state, boil.parked) == ("done", None)
    assert boil.done_at == boil.finished_at is not None
    fired, done = EventRecord.objects.order_by("-id")[:2]
    assert (done.name, done.release) == ("ticket.done", parked)
    assert (fired.name, fired.release) == ("ticket.fired", None)
    assert (fired.data["ticket_ref"], fired.data["zone"]) == (str(fry.pk), "fry")
    assert (fry.state, fry.fired_at) == ("fired", boil.done_at)
    assert fry.parked is not None
    assert at("drinks").state == "fired"
    assert Tray.objects.get().state == "waiting"


def test_what_was_parked_for_an_older_canvas_is_not_released(
    screen: APIClient, opened: Opened
) -> None:
    opened("water")
    Tray.objects.update(canvas=2)
    press(screen, "start", at("drinks"))
    press(screen, "done", at("drinks"))
    assert EventRecord.objects.get(name="ticket.done").release is None


def test_a_recalled_ticket_takes_its_tray_and_order_back(screen: APIClient, opened: Opened) -> None:
    order = opened("gai-yang", ("water", 2))
    bring_to_pass(order)
    orders.follow_kitchen(order.ref)
    before = Tray.objects.get(number=1)
    assert press(screen, "recall", at("grill")).json()["done_at"] is None
    tray = Tray.objects.get(number=1)
    assert (tray.state, tray.ready_at) == ("waiting", None)
    assert tray.canvas > before.canvas
    assert Tray.objects.get(number=2).state == "ready"
    orders.follow_kitchen(order.ref)
    order.refresh_from_db()
    assert (order.state, order.ready_at) == ("preparing", None)
    assert told()[-3:] == ["tray.reopened", "ticket.recalled", "order.reopened"]


def test_a_recall_before_the_tray_was_ready_reopens_nothing(
    screen: APIClient, opened: Opened
) -> None:
    opened("gai-yang", "water")
    cook(at("grill"))
    assert press(screen, "recall", at("grill")).status_code == 200
    assert told()[-1] == "ticket.recalled"
    assert "tray.reopened" not in told()


@pytest.mark.parametrize("following", ["cooking", "done"])
def test_a_ticket_is_not_recalled_once_the_next_zone_has_begun(
    screen: APIClient, opened: Opened, following: str
) -> None:
    opened("tom-yum")
    cook(at("boil"))
    in_state(at("fry"), following)
    events = told()
    assert_problem(press(screen, "recall", at("boil")), 409, "illegal_transition")
    assert (at("boil").state, at("fry").state, told()) == ("done", following, events)


def test_a_recall_takes_the_next_zones_call_back(screen: APIClient, opened: Opened) -> None:
    opened("tom-yum", "pad-krapow")
    cook(at("boil"))
    soup, rice = Ticket.objects.get(zone="fry", item="tom-yum"), at("rice")
    assert (soup.state, rice.state) == ("fired", "fired")
    assert press(screen, "recall", at("boil")).status_code == 200
    soup.refresh_from_db()
    assert (soup.state, soup.fired_at, soup.parked) == ("held", None, None)
    rice.refresh_from_db()
    assert rice.state == "fired"


@pytest.mark.parametrize("state", ["served", "void"])
def test_nothing_is_recalled_from_a_tray_that_has_left(
    screen: APIClient, opened: Opened, state: str
) -> None:
    order = opened("water")
    bring_to_pass(order)
    if state == "served":
        orders.serve_order(order)
    else:
        orders.cancel_order(order, "gone")
    events = told()
    assert_problem(press(screen, "recall", at("drinks")), 409, "illegal_transition")
    assert (at("drinks").state, Tray.objects.get().state, told()) == ("done", state, events)


def test_a_ticket_that_never_was_is_not_found(screen: APIClient, opened: Opened) -> None:
    opened("water")
    for verb in VERBS:
        answer = press(screen, verb, Ticket(pk=uuid4()))
        assert_problem(answer, 404, "not_found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"force": true}', "unknown_field"),
        ("[]", "invalid_body"),
        ("null", "invalid_body"),
        ("{", "invalid_body"),
    ],
)
def test_a_press_says_no_more_than_its_address(
    screen: APIClient, opened: Opened, body: str, code: str
) -> None:
    opened("water")
    ticket = at("drinks")
    answer = press(screen, "start", ticket, data=body, content_type="application/json")
    assert_problem(answer, 400, code)
    assert at("drinks").state == "fired"
    assert press(screen, "start", ticket, data={}, format="json").status_code == 200


def test_a_press_that_comes_after_a_recall_acts_only_if_it_has_seen_it(
    screen: APIClient, opened: Opened
) -> None:
    def saw(recalls: int) -> dict[str, Any]:
        return {"data": {"seen": recalls}, "format": "json"}

    opened("water")
    for verb in ("start", "done", "recall"):
        press(screen, verb, at("drinks"), **saw(0))
    row, events = Ticket.objects.values().get(), told()
    assert row["recalls"] == 1
    problem = assert_problem(
        press(screen, "done", at("drinks"), **saw(0)), 409, "illegal_transition"
    )
    assert problem["detail"] == "It was taken back since you looked."
    assert (Ticket.objects.values().get(), told()) == (row, events)
    assert press(screen, "done", at("drinks"), **saw(1)).status_code == 200
    assert_problem(press(screen, "recall", at("drinks"), **saw(0)), 409, "illegal_transition")
    assert at("drinks").state == "done"


def test_control_a_press_that_does_not_say_what_it_saw_finishes_what_was_taken_back(
    screen: APIClient, opened: Opened
) -> None:
    opened("water")
    for verb in ("start", "done", "recall", "done"):
        assert press(screen, verb, at("drinks")).status_code == 200
    assert at("drinks").state == "done"


@pytest.mark.parametrize("seen", [-1, "0", True, None, 32768])
def test_what_a_press_saw_is_a_count(screen: APIClient, opened: Opened, seen: Any) -> None:
    opened("water")
    answer = press(screen, "start", at("drinks"), data={"seen": seen}, format="json")
    assert_problem(answer, 400, "invalid_body")
    assert at("drinks").state == "fired"
