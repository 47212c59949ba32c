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
ORDERS = 25


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reports_equal_a_straight_query_over_the_rows(house: Lived, seed: int) -> None:
    house(seed).live_through(ORDERS)
    call_command("check_reports", stdout=StringIO())
    assert Order.objects.filter(state="cancelled").exists()
    assert OrderLine.objects.exclude(cancelled_at=None).exists()
    assert Ticket.objects.filter(refire__gt=0).exists()
    kinds = set(Waste.objects.values_list("kind", flat=True))
    assert kinds == set(Waste.Kind.values)
    assert CookedTicket.objects.exclude(at_pass=None).exists()


def test_made_anew_from_the_first_event_they_are_equal_again(house: Lived) -> None:
    house(4).live_through(ORDERS)
    before, old = rows_of(shown()), shown()
    assert all(before)
    call_command("rebuild_reports", stdout=StringIO())
    assert shown().pk != old.pk
    assert (shown().position, shown().as_of) == (old.position, old.as_of)
    assert rows_of(shown()) == before


def test_heard_one_by_one_they_are_what_they_are_heard_at_once(
    house: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    house(5).live_through(8)
    before = rows_of(shown())
    monkeypatch.setattr("orders.reports.services.following.BATCH", 1)
    reports.rebuild()
    assert rows_of(shown()) == before


def test_what_was_served_stood_at_the_pass_since_it_was_done(house: Lived) -> None:
    house(6).live_through(12)
    # Of trays that were served twice the row knows the last time only.
    twice = Ticket.objects.filter(refire__gt=0).values("tray")
    served = Ticket.objects.filter(next_zone="", wasted=False, tray__served_at__isnull=False)
    rows = served.exclude(tray__in=twice).filter(done_at__isnull=False, tray__state="served")
    spans = rows.annotate(span=F("tray__served_at") - F("done_at"))
    straight = dict(spans.values_list("pk", "span"))
    known = CookedTicket.objects.filter(ticket__in=straight, at_pass__isnull=False)
    reported = dict(known.values_list("ticket", "at_pass"))
    assert len(straight) > 10
    in_microseconds = {pk: round(span.total_seconds() * 1e6) for pk, span in straight.items()}
    assert reported == in_microseconds


def test_the_command_that_compares_finds_what_is_wrong(house: Lived) -> None:
    house(7).live_through(5)
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
