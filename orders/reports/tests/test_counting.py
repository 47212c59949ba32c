"""What counts as sold, late, wasted and refused; and percentiles, to the microsecond."""

import math
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from conftest import bring_to_pass, cook
from kitchen import services as kitchen
from kitchen.models import Option, Ticket
from orders import services as orders
from orders.models import Order
from orders.reports import services as reports
from orders.reports.models import CookedTicket, Projection, TakenOrder
from orders.reports.services import Days, Percentiles
from orders.reports.tests.conftest import hear, known
from orders.services import Change, NewLine, NewOrder, place_order
from restaurant.events.models import EventRecord

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


def test_what_is_sold_costs_what_its_options_cost_and_is_of_the_zone_with_most_work(
    choices: dict[str, Option], guest: User
) -> None:
    lines = [
        NewLine("pad-krapow", 2, 1, options=("tofu", "fried-egg")),
        NewLine("tom-yum", 1, 1),
    ]
    new = NewOrder(channel="takeaway", client_ref="1", lines=lines)
    place_order(new, principal=guest)
    hear()
    rows = reports.sales(reports.ever(), "zone").rows
    assert [(row["key"], row["quantity"], row["amount"]) for row in rows] == [
        ("boil", 1, Decimal("120.00")),
        ("fry", 2, Decimal("130.00")),
    ]


def test_a_cancelled_line_is_not_sold_and_wasted_only_if_it_was_begun(opened: Place) -> None:
    order = opened("tom-yum", "water", "thai-tea")
    kitchen.start(Ticket.objects.get(item="water").pk)
    cancel = Change(cancel=[order.lines.get(item=item).pk for item in ("water", "thai-tea")])
    orders.change_order(order.ref, known, cancel)
    kitchen.stop(Ticket.objects.get(item="water").pk)
    hear()
    assert [row["key"] for row in reports.sales(reports.ever(), "item").rows] == ["tom-yum"]
    (row,) = reports.waste(reports.ever()).rows
    assert (row["key"], row["kind"], row["quantity"]) == ("water", "line_cancelled", 1)
    assert row["amount"] == Decimal("10.00")


def test_of_a_cancelled_order_what_the_guest_has_stays_sold(opened: Place) -> None:
    order = opened("tom-yum", ("water", 2), ("thai-tea", 3))
    bring_to_pass(order, 2)
    orders.mark_preparing(order.ref)
    orders.serve_order(order, 2)
    cook(Ticket.objects.get(item="thai-tea"))
    orders.cancel_order(order, "the guest has left")
    hear()
    assert [row["key"] for row in reports.sales(reports.ever(), "item").rows] == ["water"]
    (row,) = reports.waste(reports.ever()).rows
    assert (row["key"], row["kind"], row["reason"]) == (
        "thai-tea",
        "order_cancelled",
        "the guest has left",
    )
    assert reports.lateness(reports.ever()).total["cancelled"] == 1


def test_what_is_cooked_again_is_sold_once_and_wasted_with_its_reason(opened: Place) -> None:
    order = opened("tom-yum")
    bring_to_pass(order)
    orders.follow_kitchen(order.ref)
    orders.refire_line(order, order.lines.get().pk, "too salty", by="somchai")
    hear()
    assert reports.sales(reports.ever()).total["quantity"] == 1
    (row,) = reports.waste(reports.ever()).rows
    assert (row["key"], row["kind"], row["reason"], row["times"]) == (
        "tom-yum",
        "refired",
        "too salty",
        1,
    )


def test_an_order_is_late_by_the_promise_that_it_has_when_it_is_ready(opened: Place) -> None:
    in_time, late, open_still = opened("water"), opened("water"), opened("water")
    for order in (in_time, late):
        bring_to_pass(order)
        orders.follow_kitchen(order.ref)
    ready_at = Order.objects.get(pk=late.pk).promised_at + timedelta(seconds=90)
    EventRecord.objects.filter(subject=late.ref, name="order.ready").update(happened_at=ready_at)
    hear()
    report = reports.lateness(reports.ever())
    total = {name: report.total[name] for name in ("orders", "ready", "late", "cancelled")}
    assert total == {"orders": 3, "ready": 2, "late": 1, "cancelled": 0}
    assert report.rows[0]["late_by"] == Percentiles(90.0, 90.0)
    assert open_still.state == "placed"


def test_who_is_promised_more_is_late_by_the_later_promise(opened: Place) -> None:
    order = opened("water")
    first = order.promised_at
    added = Change(add=[NewLine("tom-yum", 1, 1)])
    orders.change_order(order.ref, known, added)
    later = Order.objects.get().promised_at
    assert later > first
    hear()
    assert TakenOrder.objects.get().promised_at == later


def test_what_is_brought_back_from_the_pass_is_not_ready(opened: Place) -> None:
    order = opened("water")
    bring_to_pass(order)
    orders.follow_kitchen(order.ref)
    kitchen.recall(Ticket.objects.get().pk)
    orders.follow_kitchen(order.ref)
    hear()
    assert reports.lateness(reports.ever()).total["ready"] == 0
    assert CookedTicket.objects.get().cooked is None


@pytest.mark.parametrize("many", [1, 2, 3, 19, 20, 21, 100])
def test_percentiles_are_the_values_that_one_counts_off_by_hand(many: int) -> None:
    projection = Projection.objects.create(current=True)
    random, today = Random(many), reports.today()
    spans = {zone: [random.randrange(10**9) for _ in range(many)] for zone in ("fry", "grill")}
    CookedTicket.objects.bulk_create(
        CookedTicket(
            projection=projection,
            order_ref=uuid4(),
            ticket=uuid4(),
            tray=uuid4(),
            item="x",
            zone=zone,
            day=today,
            waited=span,
            cooked=span if place % 2 else None,
        )
        for zone, of_zone in spans.items()
        for place, span in enumerate(of_zone)
    )
    rows = {row["key"]: row for row in reports.kitchen_times(Days(today, today)).rows}
    for zone, of_zone in spans.items():
        assert rows[zone]["tickets"] == many
        assert rows[zone]["waited"] == by_hand(of_zone)
        assert rows[zone]["cooked"] == by_hand(of_zone[1::2])
        assert rows[zone]["at_pass"] == Percentiles()


def by_hand(spans: list[int]) -> Percentiles:
    ranked = [span / 1_000_000 for span in sorted(spans)]
    if not ranked:
        return Percentiles()
    return Percentiles(*(ranked[math.ceil(len(ranked) * p / 100) - 1] for p in (50, 95)))


@pytest.mark.usefixtures("food_court")
def test_events_of_the_release_before_are_understood(opened: Place) -> None:
    """They told no prices, no zones, no channel, no shops, and no lines of tickets."""
    order = opened("water")
    bring_to_pass(order)
    for event in EventRecord.objects.all():
        for name in ("channel", "line", "to_pass"):
            event.data.pop(name, None)
        for told in event.data.get("lines", []):
            told.pop("unit_price", None)
            told.pop("zone", None)
            assert told.pop("shop") == "nam"
        event.save(update_fields=["data"])
    hear()
    (row,) = reports.sales(reports.ever(), "channel").rows
    assert (row["key"], row["quantity"], row["amount"]) == ("", 1, Decimal("0.00"))
    assert [row["key"] for row in reports.sales(reports.ever(), "shop").rows] == [""]
    assert reports.kitchen_times(reports.ever()).total == {"tickets": 1}


def test_news_of_an_order_that_nobody_has_heard_of_do_no_harm(opened: Place) -> None:
    order = opened("water")
    orders.cancel_order(order, "no time")
    EventRecord.objects.filter(name="order.placed").delete()
    hear()
    assert reports.lateness(reports.ever()).rows == []
