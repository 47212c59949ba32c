"""What is forgotten, and what is not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from conftest import bring_to_pass
from orders.models import Order
from orders.reports import services as reports
from orders.reports.models import OF_PROJECTIONS, CookedTicket, Projection, SoldLine
from orders.reports.tests.conftest import hear, rows_of, shown

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


def test_what_was_replaced_is_read_on_for_a_while_and_then_deleted(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.reports.services.forgetting.SLICE", 2)
    for _ in range(3):
        bring_to_pass(opened("tom-yum"))
    hear()
    old = shown()
    reports.rebuild()
    reports.forget()
    assert rows_of(old) == rows_of(shown()) != [[] for _ in OF_PROJECTIONS]
    Projection.objects.filter(pk=old.pk).update(replaced_at=timezone.now() - timedelta(hours=1))
    before = rows_of(shown())
    reports.forget()
    assert list(Projection.objects.all()) == [shown()]
    assert rows_of(old) == [[] for _ in OF_PROJECTIONS]
    assert rows_of(shown()) == before


def test_a_rebuilding_that_has_died_is_deleted_a_day_later(opened: Place) -> None:
    opened("water")
    hear()
    died = Projection.objects.create()
    reports.forget()
    assert Projection.objects.filter(pk=died.pk).exists()
    Projection.objects.update(begun_at=timezone.now() - timedelta(days=2))
    reports.forget()
    assert list(Projection.objects.all()) == [shown()]


def test_the_times_of_old_tickets_are_forgotten_and_what_was_sold_is_not(opened: Place) -> None:
    for item in ("water", "thai-tea"):
        bring_to_pass(opened(item))
    hear()
    old = reports.today() - settings.REPORT_TICKETS_KEPT - timedelta(days=1)
    CookedTicket.objects.filter(item="water").update(day=old)
    SoldLine.objects.filter(item="water").update(day=old)
    reports.forget()
    assert [ticket.item for ticket in CookedTicket.objects.all()] == ["thai-tea"]
    assert SoldLine.objects.count() == 2
