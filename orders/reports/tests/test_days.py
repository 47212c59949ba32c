"""Days are those of the house's clock, and so are hours."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import override_settings

from conftest import bring_to_pass
from orders.models import Order
from orders.reports import services as reports
from orders.reports.services import Days
from orders.reports.tests.conftest import hear
from restaurant.events.models import EventRecord

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


def placed_at(place: Place, *moments: datetime) -> None:
    for moment in moments:
        order = place("water")
        EventRecord.objects.filter(subject=order.ref).update(happened_at=moment)
    hear()


def counted(by: str, first: date, last: date) -> dict[Any, int]:
    return {row["key"]: row["orders"] for row in reports.sales(Days(first, last), by).rows}


NOVEMBER_20, NOVEMBER_21 = date(2026, 11, 20), date(2026, 11, 21)


def test_a_day_ends_at_midnight_in_bangkok(place: Place) -> None:
    before_midnight = datetime(2026, 11, 20, 16, 59, 59, 999_999, UTC)
    midnight = datetime(2026, 11, 20, 17, tzinfo=UTC)
    placed_at(place, before_midnight, midnight)
    assert counted("day", NOVEMBER_20, NOVEMBER_20) == {NOVEMBER_20: 1}
    assert counted("day", NOVEMBER_21, NOVEMBER_21) == {NOVEMBER_21: 1}
    assert counted("hour", NOVEMBER_20, NOVEMBER_21) == {0: 1, 23: 1}


@override_settings(TIME_ZONE="America/New_York")
def test_where_the_clock_goes_back_an_hour_is_there_twice_and_a_day_once(place: Place) -> None:
    twice = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6)]
    last = datetime(2026, 11, 2, 4, 59, 59, tzinfo=UTC)
    next_day = datetime(2026, 11, 2, 5, tzinfo=UTC)
    placed_at(place, *twice, last, next_day)
    sunday = date(2026, 11, 1)
    assert counted("day", sunday, sunday) == {sunday: 3}
    assert counted("hour", sunday, sunday) == {1: 2, 23: 1}


def test_a_line_that_was_added_after_midnight_is_of_the_day_of_its_order(place: Place) -> None:
    order = place("water")
    EventRecord.objects.update(happened_at=datetime(2026, 11, 20, 16, 59, tzinfo=UTC))
    assert order.lines.count() == 1
    hear()
    assert counted("day", NOVEMBER_20, NOVEMBER_21) == {NOVEMBER_20: 1}


def test_a_ticket_is_of_the_day_on_which_a_cook_began_with_it(
    opened: Place,
) -> None:
    order = opened("water")
    bring_to_pass(order)
    times = {
        "order.placed": datetime(2026, 11, 20, 16, 50, tzinfo=UTC),
        "ticket.fired": datetime(2026, 11, 20, 16, 51, tzinfo=UTC),
        "ticket.started": datetime(2026, 11, 20, 17, 1, tzinfo=UTC),
        "ticket.done": datetime(2026, 11, 20, 17, 3, 30, tzinfo=UTC),
    }
    for name, moment in times.items():
        EventRecord.objects.filter(name=name).update(happened_at=moment)
    hear()
    assert reports.kitchen_times(Days(NOVEMBER_20, NOVEMBER_20)).rows == []
    (row,) = reports.kitchen_times(Days(NOVEMBER_21, NOVEMBER_21)).rows
    assert (row["waited"].p50, row["cooked"].p95, row["at_pass"].p50) == (600.0, 150.0, None)
