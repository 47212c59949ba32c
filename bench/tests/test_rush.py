"""A whole rush against a restaurant of one page."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bench.rush.report import complaints, figures_of, seconds_between
from bench.tests.restaurant import PREP_SECONDS, Restaurant, run

Json = dict[str, Any]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_every_order_becomes_ready_though_answers_are_lost() -> None:
    restaurant = Restaurant()
    record, written = run(restaurant)
    figures = figures_of(record, 500)
    assert complaints(figures) == []
    assert (figures.placed, figures.ready, len(restaurant.orders)) == (8, 8, 8)
    assert figures.posts_repeated == 2  # one lost answer, one 503
    assert figures.refused_presses == {}
    assert figures.tickets_done == len(restaurant.tickets) == record.expected_tickets()
    assert figures.repairs == 1
    assert figures.on_time_share == 1
    assert figures.tray_spread_seconds.p50 is not None
    assert "8/8 ready" in written


def test_a_dish_cooks_for_its_time_divided_by_the_speed() -> None:
    restaurant = Restaurant()
    run(restaurant, orders=2)
    for ticket in restaurant.tickets.values():
        cooked = seconds_between(ticket["started_at"], ticket["done_at"])
        assert cooked >= PREP_SECONDS / 500


def test_what_is_fired_first_is_cooked_first() -> None:
    """As on the zone's screen, also if it came there later."""

    class Reversed(Restaurant):
        def fire(self, order: str, line: Json) -> None:
            super().fire(order, line)
            hour = timedelta(hours=len(self.tickets))
            self.tickets[next(reversed(self.tickets))]["fire_at"] = (NOON - hour).isoformat()

    restaurant = Reversed()
    run(restaurant, orders=6, cooks=1, rate=60_000.0, speed=100.0)
    boiled = [t for t in restaurant.tickets.values() if t["zone"] == "boil"]
    begun = [t["fire_at"] for t in sorted(boiled, key=lambda t: t["started_at"])]
    # The first ones are cooked before the others hang there.
    assert begun[3:] == sorted(begun[3:])


def test_sold_out_is_counted_and_no_failure() -> None:
    record, _ = run(Restaurant(sold_out=True), orders=30, seed=1)
    figures = figures_of(record, 500)
    assert set(figures.refused) == {"sold_out"}
    assert figures.placed + figures.refused["sold_out"] == 30
    assert complaints(figures) == []


def test_an_order_that_stays_behind_is_named_when_the_time_is_up() -> None:
    record, _ = run(Restaurant(slow=True), timeout=1.5)
    figures = figures_of(record, 500)
    assert figures.not_ready == [{"number": 1, "state": "placed"}]
    assert figures.ready == 7
    assert set(figures.refused_presses) == {"illegal_transition"}
    assert complaints(figures) == ["Not ready: #1 (placed)"]


def test_two_runs_never_share_a_client_ref() -> None:
    restaurant = Restaurant()
    run(restaurant, orders=3)
    run(restaurant, orders=3)
    assert len({order["client_ref"] for order in restaurant.orders.values()}) == 6
