"""Chits as rows: told when they are late, given up when they are old, made again when asked for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, cook
from kitchen import services
from kitchen.models import Chit, KitchenSettings, Ticket, Tray, Zone
from kitchen.services import chits
from orders.models import Order
from restaurant.events.models import EventRecord

Opened = Callable[..., Order]
PRINTER = "tcp://10.0.0.5:9100"

pytestmark = pytest.mark.usefixtures("menu")


@pytest.fixture
def now(opened: Opened) -> datetime:
    """One grilled chicken was fired, and its chit is made."""
    Zone.objects.filter(pk="grill").update(printer=PRINTER)
    opened("gai-yang")
    now = timezone.now()
    assert chits.look(now) == [PRINTER]
    return now


@pytest.fixture
def screen(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("cook")


def ticket() -> Ticket:
    return Ticket.objects.get(item="gai-yang")


def told() -> list[tuple[str, dict[str, Any]]]:
    events = EventRecord.objects.filter(name__startswith="chit").order_by("pk")
    return [(event.name, event.data) for event in events]


def reprint(screen: APIClient) -> Any:
    return screen.post(f"/api/v1/tickets/{ticket().pk}/reprint/")


def print_now(now: datetime) -> list[str]:
    """What is at the head of the chit that is printed now."""
    chit = chits.claim_next(PRINTER, now)
    assert chit is not None
    chits.printed(chit, now)
    return list(chits.slip_of(chit).marks)


def test_where_no_zone_has_a_printer_nothing_is_made(opened: Opened) -> None:
    opened("gai-yang")
    assert not chits.has_printers()
    assert chits.look(timezone.now()) == []
    assert (Chit.objects.count(), ticket().printed) == (0, "")


def test_a_chit_is_told_to_be_missing_once(now: datetime, screen: APIClient) -> None:
    chits.look(now + chits.TOLD_AFTER)
    assert (told(), ticket().printed) == ([], "waiting")
    late = now + chits.TOLD_AFTER + timedelta(seconds=1)
    for _ in range(2):
        assert chits.look(late) == [PRINTER]
    ((name, data),) = told()
    assert (name, data["ticket_ref"], data["why"]) == (
        "chit.failed",
        str(ticket().pk),
        "Nothing prints.",
    )
    (shown,) = screen.get("/api/v1/zones/grill/tickets/").json()["results"]
    assert shown["printed"] == "failed"


def test_what_is_printed_after_all_is_told_too(now: datetime) -> None:
    late = now + timedelta(minutes=5)
    chits.look(late)
    assert print_now(late) == []
    assert [name for name, _ in told()] == ["chit.failed", "chit.printed"]
    assert ticket().printed == "printed"


@pytest.mark.parametrize(
    ("limit", "minutes", "is_printed"), [(60, 59, True), (60, 61, False), (5, 6, False)]
)
def test_a_chit_that_is_too_old_is_not_printed_by_itself(
    now: datetime, limit: int, minutes: int, is_printed: bool
) -> None:
    KitchenSettings.objects.update(chit_limit_minutes=limit)
    later = now + timedelta(minutes=minutes)
    assert chits.look(later) == ([PRINTER] if is_printed else [])
    assert (Chit.objects.get().dropped_at is None) is is_printed
    assert ticket().printed == "failed"
    assert [name for name, _ in told()] == ["chit.failed"]


def test_the_next_morning_it_is_printed_when_somebody_asks(
    now: datetime, screen: APIClient
) -> None:
    chits.look(now + timedelta(hours=12))
    answer = reprint(screen)
    assert (answer.status_code, answer.json()["printed"]) == (200, "waiting")
    assert print_now(timezone.now()) == [*chits.REPRINT]


def test_what_was_fired_long_before_the_zone_had_a_printer_is_not_printed(opened: Opened) -> None:
    opened("gai-yang")
    Zone.objects.filter(pk="grill").update(printer=PRINTER)
    assert chits.look(timezone.now() + timedelta(minutes=61)) == []
    assert chits.look(timezone.now()) == [PRINTER]


def test_a_reprint_says_so(now: datetime, screen: APIClient) -> None:
    assert print_now(now) == []
    assert reprint(screen).json()["printed"] == "waiting"
    assert print_now(timezone.now()) == [*chits.REPRINT]
    assert chits.look(timezone.now()) == []
    assert ticket().printed == "printed"


def test_what_waits_for_its_printer_is_not_doubled_but_tried_at_once(
    now: datetime, screen: APIClient
) -> None:
    chit = chits.claim_next(PRINTER, now)
    assert chit is not None
    chits.not_printed(chit, now + timedelta(hours=1), "It is out of paper.", begun=False)
    assert chits.look(timezone.now()) == []
    for _ in range(2):
        assert reprint(screen).status_code == 200
    assert chits.look(timezone.now()) == [PRINTER]
    assert Chit.objects.count() == 1


def test_a_reprint_does_not_come_between_a_printer_and_who_speaks_with_it(
    now: datetime, screen: APIClient
) -> None:
    assert chits.claim_next(PRINTER, timezone.now())
    reprint(screen)
    assert chits.claim_next(PRINTER, timezone.now()) is None


def test_a_reprint_needs_a_printer(opened: Opened, screen: APIClient) -> None:
    opened("gai-yang")
    assert_problem(reprint(screen), 409, "illegal_transition")
    assert Chit.objects.count() == 0


def test_a_reprint_needs_a_ticket_that_was_fired(opened: Opened, screen: APIClient) -> None:
    Zone.objects.update(printer=PRINTER)
    opened("tom-yum")
    held = Ticket.objects.get(zone="fry")
    answer = screen.post(f"/api/v1/tickets/{held.pk}/reprint/")
    assert_problem(answer, 409, "illegal_transition")


def test_what_was_cooked_without_paper_needs_none(now: datetime) -> None:
    cook(ticket())
    assert chits.look(now + timedelta(minutes=5)) == []
    assert (told(), ticket().printed) == ([], "")


def test_a_recalled_ticket_that_never_had_a_chit_gets_one(now: datetime, opened: Opened) -> None:
    cook(ticket())
    chits.look(now)
    services.recall(ticket().pk)
    assert chits.look(now) == [PRINTER]
    assert Chit.objects.to_print().count() == 1


def test_a_ticket_that_is_held_and_fired_again_keeps_its_chit(opened: Opened) -> None:
    Zone.objects.filter(pk="fry").update(printer=PRINTER)
    opened("tom-yum")
    boil = Ticket.objects.get(zone="boil")
    cook(boil)
    now = timezone.now()
    chits.look(now)
    print_now(now)
    services.recall(boil.pk)
    assert chits.look(now) == []
    services.finish(boil.pk)
    assert Ticket.objects.get(zone="fry").state == "fired"
    assert chits.look(now) == []


def test_a_note_that_is_changed_after_printing_is_printed_again(now: datetime) -> None:
    print_now(now)
    for later in (timedelta(minutes=1), timedelta(minutes=2)):
        Ticket.objects.update(note="no nuts", change="note", changed_at=now + later)
        chits.look(now + later)
        assert chits.look(now + later) == [PRINTER]
        assert print_now(now + later + timedelta(seconds=2)) == [*chits.CHANGED]
        assert chits.look(now + later + timedelta(seconds=3)) == []
    assert Chit.objects.count() == 3


def test_a_note_that_is_changed_before_printing_is_printed_once(now: datetime) -> None:
    Ticket.objects.update(note="no nuts", change="note", changed_at=now)
    assert chits.look(now) == [PRINTER]
    assert print_now(now + timedelta(seconds=2)) == []
    assert chits.look(now + timedelta(seconds=3)) == []


def test_a_note_that_is_changed_while_the_chit_is_under_way_is_printed_again(
    now: datetime,
) -> None:
    chit = chits.claim_next(PRINTER, now)
    assert chit is not None
    Ticket.objects.update(note="no nuts", change="note", changed_at=now)
    assert chits.look(now) == []
    chits.printed(chit, now + timedelta(seconds=5))
    assert chits.look(now + timedelta(seconds=5)) == [PRINTER]
    assert print_now(now + timedelta(seconds=6)) == [*chits.CHANGED]


def test_what_is_cooked_again_or_in_a_hurry_says_so(now: datetime) -> None:
    Ticket.objects.update(refire=1)
    Tray.objects.update(rushed_at=now)
    assert print_now(now) == [*chits.COOK_AGAIN, *chits.RUSH]


def test_a_zone_that_loses_its_printer_has_no_chits_any_more(now: datetime) -> None:
    Zone.objects.update(printer="")
    assert chits.look(now + timedelta(minutes=5)) == []
    assert (told(), ticket().printed) == ([], "")
    Zone.objects.filter(pk="grill").update(printer=PRINTER)
    assert chits.look(now) == [PRINTER]


def test_a_chit_goes_to_the_printer_that_the_zone_has_now(now: datetime) -> None:
    Zone.objects.filter(pk="grill").update(printer="tcp://10.0.0.6:9100")
    assert chits.look(now) == ["tcp://10.0.0.6:9100"]


def test_zones_may_share_a_printer_and_it_prints_one_chit_at_a_time(opened: Opened) -> None:
    Zone.objects.update(printer=PRINTER)
    opened("gai-yang", "water")
    now = timezone.now()
    assert chits.look(now) == [PRINTER]
    assert chits.claim_next(PRINTER, now)
    assert chits.look(now) == []
    assert chits.claim_next(PRINTER, now) is None


def test_a_served_order_has_no_unprinted_tickets(now: datetime) -> None:
    chits.look(now + timedelta(minutes=5))
    assert services.count_unprinted() == 1
    bring_to_pass(Order.objects.get())
    assert services.count_unprinted() == 0


def test_a_manager_prints_it_again_in_the_admin(
    now: datetime, client: Client, admin_user: User
) -> None:
    chits.look(now + timedelta(hours=2))
    client.force_login(admin_user)
    listed = client.get("/admin/kitchen/ticket/?shown=unprinted").content.decode()
    assert "Not printed" in listed
    page = f"/admin/kitchen/ticket/{ticket().pk}/"
    assert chits.TOO_OLD in client.get(f"{page}change/").content.decode()
    client.post(f"{page}do/print_again/")
    assert ticket().printed == "waiting"
    assert print_now(timezone.now()) == [*chits.REPRINT]
    assert 'id="tile-unprinted"' not in client.get("/admin/").content.decode()


def test_the_dashboard_tells_of_what_is_not_printed(
    now: datetime, client: Client, admin_user: User
) -> None:
    chits.look(now + timedelta(minutes=5))
    client.force_login(admin_user)
    assert 'id="tile-unprinted"' in client.get("/admin/").content.decode()


def test_what_is_cooked_again_has_a_chit_of_its_own(now: datetime) -> None:
    first = ticket()
    print_now(now)
    cook(first)
    services.refire(
        first.tray.order_ref, first.tray.number, first.line_ref, "fell to the floor", "somchai"
    )
    chits.look(timezone.now())
    again = Ticket.objects.get(item="gai-yang", refire=1)
    assert again.chits.count() == 1
    assert "COOK AGAIN" in print_now(timezone.now())
