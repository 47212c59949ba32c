"""The hot moves are written twice; whatever the database, both do and say the same."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import ANY
from uuid import uuid4

import pytest
from django.db import connection

from conftest import cook, open_trays
from kitchen import moves
from kitchen.events import TicketDone, TicketFired, TicketStarted, TraysReady, TraysStarted
from kitchen.models import Ticket, Tray
from orders.models import Order
from restaurant.events.models import EventRecord

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]

FORMS = ["step_by_step", "in_one_statement"][: 1 + (connection.vendor == "postgresql")]


@pytest.fixture(params=FORMS, autouse=True)
def form(request: pytest.FixtureRequest) -> str:
    """The form that a test is about; the second one is PostgreSQL's."""
    return str(request.param)


def move(form: str, verb: str, *arguments: Any) -> Any:
    return getattr(moves, f"_{verb}_{form}")(*arguments)


def ticket_of(item: str, position: int = 1) -> Ticket:
    return Ticket.objects.select_related("tray").get(item=item, position=position)


def rows(model: Any) -> Iterator[dict[str, Any]]:
    yield from model.objects.order_by("pk").values()


def changed(before: Any, after: Any) -> dict[str, Any]:
    return {name: value for name, value in after.items() if before[name] != value}


def told(since: int) -> list[tuple[str, dict[str, Any], bool]]:
    """Name, data, and whether a message goes out with it."""
    events = EventRecord.objects.filter(pk__gt=since).order_by("pk")
    for event in events:
        assert event.tellings == 0
        assert (event.position, event.sent_at, event.due_at) == (None, None, None)
        assert event.uuid
        assert event.happened_at
        assert str(event.subject) == event.data["order_ref"]
    return [(event.name, event.data, event.release is not None) for event in events]


def newest() -> int:
    return max(EventRecord.objects.values_list("pk", flat=True), default=0)


def news_of(ticket: Ticket) -> dict[str, Any]:
    return {
        "order_ref": str(ticket.tray.order_ref),
        "tray_ref": str(ticket.tray_id),
        "tray": ticket.tray.number,
        "ticket_ref": str(ticket.pk),
        "line": str(ticket.line_ref),
        "zone": ticket.zone_id,
        "item": ticket.item,
    }


def test_start_moves_the_ticket_and_says_so(form: str, place: Place) -> None:
    order = place("tom-yum", ("water", 2))
    open_trays(order)
    soup, water = ticket_of("tom-yum"), ticket_of("water")
    tray, row, since = Tray.objects.values().get(number=1), Ticket.objects.values(), newest()
    before = row.get(pk=soup.pk)
    moved = move(form, "start", soup.pk)
    after = row.get(pk=soup.pk)
    assert changed(before, after) == {"state": "cooking", "started_at": ANY}
    assert changed(tray, Tray.objects.values().get(number=1)) == {
        "version": tray["version"] + 1,
        "touched_at": ANY,
        "started_at": ANY,
    }
    assert (moved.pk, moved.state, moved.started_at) == (soup.pk, "cooking", after["started_at"])
    assert moved.tray.version == tray["version"] + 1
    assert told(since) == [
        ("ticket.started", news_of(soup), False),
        ("trays.started", {"order_ref": str(order.ref)}, False),
    ]
    # The order has begun already, though this tray has not.
    since = newest()
    move(form, "start", water.pk)
    assert told(since) == [("ticket.started", news_of(water), False)]


def test_done_moves_the_ticket_fires_the_next_and_says_both(form: str, place: Place) -> None:
    open_trays(place("tom-yum", "water"))
    moves.start(ticket_of("tom-yum").pk)
    boil, fry = ticket_of("tom-yum"), ticket_of("tom-yum", 2)
    before, since, parked = list(rows(Ticket)), newest(), boil.parked
    moved = move(form, "done", boil.pk)
    changes = {row["id"]: changed(old, row) for old, row in zip(before, rows(Ticket), strict=True)}
    assert {pk: change for pk, change in changes.items() if change} == {
        boil.pk: {
            "state": "done",
            "done_at": ANY,
            "finished_at": ANY,
            "finished_version": boil.tray.version + 1,
            "parked": None,
        },
        fry.pk: {"state": "fired", "fired_at": ANY},
    }
    assert Tray.objects.get().version == boil.tray.version + 1
    assert (moved.pk, moved.state, moved.tray.version) == (boil.pk, "done", boil.tray.version + 1)
    assert told(since) == [
        ("ticket.done", {**news_of(boil), "to_pass": False}, True),
        ("ticket.fired", news_of(fry), False),
    ]
    assert EventRecord.objects.get(name="ticket.done").release == parked


def test_an_event_has_the_time_of_its_row(form: str, place: Place) -> None:
    open_trays(place("water"))
    water = ticket_of("water").pk
    move(form, "start", water)
    move(form, "done", water)
    move(form, "plate", Tray.objects.get(), 1)
    ticket, tray = ticket_of("water"), Tray.objects.get()
    times = dict(EventRecord.objects.values_list("name", "happened_at"))
    assert times["ticket.fired"] == ticket.fired_at
    assert times["ticket.started"] == times["trays.started"] == ticket.started_at
    assert times["ticket.done"] == ticket.done_at
    assert times["tray.ready"] == times["trays.ready"] == tray.ready_at


def test_done_of_an_older_canvas_sends_nothing(form: str, place: Place) -> None:
    open_trays(place("water"))
    water = ticket_of("water")
    moves.start(water.pk)
    Tray.objects.update(canvas=2)
    since = newest()
    assert move(form, "done", water.pk) is not None
    assert told(since) == [("ticket.done", {**news_of(water), "to_pass": True}, False)]


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        *(("start", s) for s in ("held", "cooking", "done", "void", "quarantined")),
        *(("done", s) for s in ("held", "fired", "done", "void", "quarantined")),
    ],
)
def test_what_is_not_legal_changes_and_says_nothing(
    form: str, place: Place, verb: str, state: str
) -> None:
    open_trays(place("tom-yum", "water"))
    ticket = ticket_of("tom-yum")
    Ticket.objects.filter(pk=ticket.pk).update(state=state)
    before, since = [*rows(Ticket), *rows(Tray)], newest()
    assert move(form, verb, ticket.pk) is None
    assert [*rows(Ticket), *rows(Tray)] == before
    assert told(since) == []


@pytest.mark.parametrize("verb", ["start", "done"])
def test_a_ticket_that_never_was_is_not_moved(form: str, place: Place, verb: str) -> None:
    assert move(form, verb, uuid4()) is None


def test_what_was_cancelled_is_not_done(form: str, place: Place) -> None:
    open_trays(place("water"))
    ticket = moves.start(ticket_of("water").pk)
    Ticket.objects.update(cancel_requested=True)
    assert ticket is not None
    assert move(form, "done", ticket.pk) is None


def finish_all(number: int) -> Tray:
    tray = Tray.objects.get(number=number)
    for ticket in tray.tickets.order_by("track", "position"):
        cook(ticket)
    return tray


def test_plate_moves_the_tray_and_the_last_one_says_so_for_all(form: str, place: Place) -> None:
    order = place("tom-yum", "water", ("thai-tea", 2))
    open_trays(order)
    for number in (2, 1):
        tray = finish_all(number)
        before, since = Tray.objects.values().get(number=number), newest()
        assert move(form, "plate", tray, 1) is True
        assert changed(before, Tray.objects.values().get(number=number)) == {
            "state": "ready",
            "ready_at": ANY,
            "version": before["version"] + 1,
            "touched_at": ANY,
        }
        data = {"order_ref": str(order.ref), "tray_ref": str(tray.pk), "tray": number, "canvas": 1}
        said = [("tray.ready", data, False)]
        if number == 1:
            said.append(("trays.ready", {"order_ref": str(order.ref)}, False))
        assert told(since) == said
        assert move(form, "plate", tray, 1) is False
        assert told(since) == said


def test_a_served_tray_does_not_keep_the_last_one_from_saying_so(form: str, place: Place) -> None:
    open_trays(place("water", ("thai-tea", 2)))
    for number in (1, 2):
        finish_all(number)
    moves.plate(Tray.objects.get(number=1), 1)
    moves.move_tray(Tray.objects.get(number=1).pk, "serve")
    since = newest()
    assert move(form, "plate", Tray.objects.get(number=2), 1) is True
    assert [name for name, *_ in told(since)] == ["tray.ready", "trays.ready"]


def unfinished(tray: Tray) -> None:
    ticket = tray.tickets.first()
    assert ticket is not None
    Ticket.objects.filter(pk=ticket.pk).update(state="quarantined", finished_at=None)


def all_void(tray: Tray) -> None:
    tray.tickets.update(state="void")


def newer_canvas(tray: Tray) -> None:
    Tray.objects.filter(pk=tray.pk).update(canvas=2)


def void(tray: Tray) -> None:
    Tray.objects.filter(pk=tray.pk).update(state="void")


@pytest.mark.parametrize("fault", [unfinished, all_void, newer_canvas, void])
def test_a_tray_that_is_not_complete_is_not_plated(
    form: str, place: Place, fault: Callable[[Tray], None]
) -> None:
    open_trays(place("water", "thai-tea"))
    tray = finish_all(1)
    fault(tray)
    before, since = [*rows(Tray)], newest()
    assert move(form, "plate", tray, 1) is False
    assert ([*rows(Tray)], told(since)) == (before, [])


def test_the_statement_tells_what_the_event_says(form: str) -> None:
    """A field added to TicketEvent must be added to the statement too."""
    in_the_statement = set(moves._NEWS.split("'")[1::2])
    for event in (TicketStarted, TicketFired):
        assert set(event.told()) == in_the_statement
    assert set(TicketDone.told()) == in_the_statement | {"to_pass"}
    assert TraysStarted.told() == TraysReady.told() == ["order_ref"]


@pytest.mark.parametrize(("verb", "state"), [("start", "fired"), ("done", "cooking")])
def test_a_move_that_saw_an_earlier_life_of_the_ticket_is_not_made(
    form: str, place: Place, verb: str, state: str
) -> None:
    open_trays(place("water"))
    Ticket.objects.update(state=state, recalls=2)
    ticket = ticket_of("water")
    before, since = list(rows(Ticket)), newest()
    assert move(form, verb, ticket.pk, 1) is None
    assert (list(rows(Ticket)), told(since)) == (before, [])
    assert move(form, verb, ticket.pk, 2) is not None
