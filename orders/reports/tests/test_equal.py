"""The reports say what the rows say, whatever has happened; and again when they are made anew."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from kitchen.models import Ticket
from orders.models import Order, OrderLine
from orders.reports import services as reports
from orders.reports.models import CookedTicket, Projection, SoldLine, Waste
from orders.reports.tests.conftest import House, hear, rows_of, shown
from restaurant.events.models import EventRecord

pytestmark = pytest.mark.django_db

Lived = Callable[[int], House]


def test_reports_equal_a_straight_query_over_the_rows_and_so_they_do_made_anew(
    house: Lived,
) -> None:
    house(1).live_through(16)
    assert Order.objects.filter(state="cancelled").exists()
    assert OrderLine.objects.exclude(cancelled_at=None).exists()
    assert Ticket.objects.filter(refire__gt=0).exists()
    assert set(Waste.objects.values_list("kind", flat=True)) == set(Waste.Kind.values)
    call_command("check_reports", stdout=StringIO())
    assert_what_was_served_stood_at_the_pass_since_it_was_done()
    before, old = rows_of(shown()), shown()
    assert all(before)
    call_command("rebuild_reports", stdout=StringIO())
    assert shown().pk != old.pk
    assert (shown().position, shown().as_of) == (old.position, old.as_of)
    assert rows_of(shown()) == before
    call_command("check_reports", stdout=StringIO())


def assert_what_was_served_stood_at_the_pass_since_it_was_done() -> None:
    """Of trays that were served twice the row knows the last time only: they are left out."""
    twice = Ticket.objects.filter(refire__gt=0).values("tray")
    served = Ticket.objects.filter(next_zone="", wasted=False, done_at__isnull=False)
    rows = served.filter(tray__state="served").exclude(tray__in=twice)
    spans = rows.annotate(span=F("tray__served_at") - F("done_at"))
    straight = dict(spans.values_list("pk", "span"))
    assert len(straight) > 10
    known = CookedTicket.objects.filter(projection=shown(), ticket__in=straight)
    reported = dict(known.values_list("ticket", "at_pass"))
    assert reported == {pk: round(span.total_seconds() * 1e6) for pk, span in straight.items()}


def test_heard_one_by_one_they_are_what_they_are_heard_at_once(
    house: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    house(5).live_through(3)
    before = rows_of(shown())
    monkeypatch.setattr("orders.reports.services.following.BATCH", 1)
    reports.rebuild()
    assert rows_of(shown()) == before


def test_the_command_that_compares_finds_what_is_wrong(house: Lived) -> None:
    house(7).live_through(2)
    said = StringIO()
    call_command("check_reports", stdout=said)
    assert "sold by zone" in said.getvalue()
    SoldLine.objects.update(quantity=F("quantity") + 1)
    with pytest.raises(CommandError, match=r"sold by day.*sold by channel"):
        call_command("check_reports", stdout=StringIO())
    call_command("rebuild_reports", stdout=StringIO())
    call_command("check_reports", stdout=StringIO())


def test_the_command_that_compares_waits_for_nobody(house: Lived) -> None:
    house(7).live_through(1)
    EventRecord.objects.update(position=None)
    with pytest.raises(CommandError, match="does a relay run"):
        call_command("check_reports", stdout=StringIO())


def test_an_empty_house_has_empty_reports() -> None:
    call_command("check_reports", stdout=StringIO())
    said = StringIO()
    call_command("rebuild_reports", stdout=said)
    assert "There is no event yet." in said.getvalue()
    assert reports.sales(reports.ever()).rows == []
    hear()
    assert Projection.objects.get(current=True).position == 0
