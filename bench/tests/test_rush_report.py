"""The figures at the end of a rush."""

from collections import Counter
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from bench.rush.api import Answer
from bench.rush.options import COUNTER
from bench.rush.record import PROMISE, Record
from bench.rush.report import (
    complaints,
    figures_of,
    is_kept,
    is_on_time,
    percentile,
    promise_error,
    share_of,
    table_of,
    tray_spreads,
)

NOON = "2025-01-01T12:00:00+07:00"


def at(second: int) -> str:
    return f"2025-01-01T12:00:{second:02}+07:00"


def order(number: int = 1, ready: int | None = 10, promised: int = 20) -> dict[str, Any]:
    return {
        "id": f"order-{number}",
        "number": number,
        "state": "preparing" if ready is None else "ready",
        "placed_at": NOON,
        "promised_at": at(59),
        PROMISE: at(promised),
        "ready_at": None if ready is None else at(ready),
        "trays": [{"lines": [{"item": "tom-yum", "options": []}]}],
    }


def ticket(done: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"ticket-{done}",
        "order_ref": "order-1",
        "tray": 1,
        "zone": "boil",
        "next_zone": None,
        "started_at": NOON,
        "done_at": at(done),
        **more,
    }


def record_of(*orders: dict[str, Any]) -> Record:
    return Record(len(orders), orders={each["id"]: each for each in orders})


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7], 0.5, 7),
        ([7], 0.95, 7),
        ([4, 1, 3, 2], 0.5, 2),
        (range(1, 101), 0.95, 95),
        (range(1, 21), 0.95, 19),
        ([1, 2, 3], 1.0, 3),
    ],
)
def test_a_percentile_is_the_nearest_rank(
    values: list[float], share: float, expected: float | None
) -> None:
    assert percentile(values, share) == expected


def test_a_trays_spread_lies_between_its_first_and_its_last_part() -> None:
    assert tray_spreads([ticket(9), ticket(2), ticket(5)]) == [7]


def test_a_step_that_goes_on_to_another_zone_is_not_a_part() -> None:
    assert tray_spreads([ticket(1, next_zone="fry"), ticket(6), ticket(8)]) == [2]


def test_a_tray_of_one_part_has_no_spread() -> None:
    assert tray_spreads([ticket(1), ticket(9, tray=2), ticket(9, order_ref="order-2")]) == []


def test_times_of_different_zones_are_compared_as_moments() -> None:
    later = ticket(0, done_at="2025-01-01T05:00:03Z")
    assert tray_spreads([ticket(1), later]) == [2]


def test_ready_at_the_promised_moment_is_on_time() -> None:
    on_time, late = order(1, ready=20, promised=20), order(2, ready=21, promised=20)
    assert share_of([on_time, late], is_on_time) == 0.5


@pytest.mark.parametrize(("ready", "kept"), [(10, True), (20, True), (22, True), (23, False)])
def test_a_tenth_of_the_promised_wait_later_is_still_as_promised(ready: int, kept: bool) -> None:
    assert is_kept(order(1, ready=ready, promised=20)) is kept


def test_the_promise_of_the_first_answer_counts_whatever_is_promised_later() -> None:
    record, placed = Record(1), order(1, ready=None, promised=20)
    record.answered(Answer(201, {**placed, "promised_at": at(20)}, 0, 1.0))
    record.seen({**order(1, ready=30), "promised_at": at(30)})
    record.seen(order(2))
    (known,) = record.orders.values()
    assert promise_error(known) == 10


def test_an_order_that_never_came_was_not_on_time() -> None:
    assert share_of([order(1), order(2, ready=None)], is_on_time) == 0.5


def test_of_no_orders_there_is_no_share() -> None:
    assert share_of([], is_on_time) is None


def test_the_figures_count_what_happened() -> None:
    record = record_of(order(1, ready=10), order(2, ready=30), order(3, ready=None))
    record.tickets = {"a": ticket(3), "b": ticket(5), "other": ticket(59, order_ref="not ours")}
    record.refused = Counter(sold_out=2)
    record.post_milliseconds = [10.0, 30.0]
    record.repairs = 0
    figures = figures_of(record, 60)
    assert (figures.placed, figures.ready, figures.tickets_done) == (3, 2, 2)
    assert figures.placed_to_ready_seconds.p50 == 10
    assert figures.placed_to_ready_seconds.p95 == 30
    assert figures.tray_spread_seconds.p50 == 2
    assert figures.post_milliseconds.p95 == 30
    assert figures.not_ready == [{"number": 3, "state": "preparing"}]
    assert figures.on_time_share == figures.kept_share == pytest.approx(1 / 3)
    assert figures.late == 1
    assert figures.promise_error_seconds.p50 == -10
    assert figures.promise_error_seconds.p95 == 10


def test_dishes_waits_and_work_are_counted_from_the_first_order_to_the_last_ready() -> None:
    record = record_of(order(1, ready=10), order(2, ready=30), order(3, ready=None))
    record.tickets = {"a": ticket(3), "b": ticket(9)}
    record.staff = {"boil": 2, "grill": 1}
    figures = figures_of(record, 60)
    assert figures.utilisation == {"boil": pytest.approx(12 / 60), "grill": 0}
    # Two lines in half an hour of the kitchen.
    assert figures.dishes_per_hour == pytest.approx(4)
    assert (figures.wait_seconds.p50, figures.wait_seconds.p95) == (10, 30)


def test_at_a_counter_the_wait_in_line_counts_and_the_time_with_a_guest() -> None:
    record = record_of(order(1, ready=10), order(2, ready=30))
    record.staff, record.at_work = {COUNTER: 2}, 45.0
    record.in_line = {"order-1": 0.0, "order-2": 20.0}
    figures = figures_of(record, 60)
    assert (figures.wait_seconds.p50, figures.wait_seconds.p95) == (10, 50)
    assert figures.utilisation == {COUNTER: pytest.approx(45 / 60)}


def test_the_table_shows_the_figures_in_both_times() -> None:
    record = record_of(order(1, ready=10))
    record.refused = Counter(sold_out=2)
    written = StringIO()
    Console(file=written, width=100).print(table_of(figures_of(record, 60)))
    rows = [line.replace("│", " ").split() for line in written.getvalue().splitlines()]
    assert ["Orders", "placed", "1", "of", "1"] in rows
    assert ["Orders", "refused", "2", "sold_out"] in rows
    assert ["Placed", "to", "ready,", "s", "10.0", "10.0"] in rows
    assert ["in", "the", "kitchen's", "minutes", "10.0", "10.0"] in rows
    assert ["Tray", "spread,", "s", "–", "–"] in rows
    assert ["On", "time", "100%"] in rows
    assert ["Repairs", "unknown"] in rows


def test_a_rush_without_losses_has_nothing_to_complain_of() -> None:
    record = record_of(order(1))
    record.refused = Counter(sold_out=3, zone_closed=1, kitchen_full=1)
    assert complaints(figures_of(record, 60)) == []


def test_what_did_not_become_ready_is_named() -> None:
    record = record_of(order(41), order(42, ready=None))
    assert complaints(figures_of(record, 60)) == ["Not ready: #42 (preparing)"]


def test_a_refusal_that_is_no_business_is_a_complaint() -> None:
    record = record_of(order(1))
    record.refused = Counter(sold_out=3, internal=2)
    assert complaints(figures_of(record, 60)) == [
        "Not placed, and not for want of food: 2 internal"
    ]


def test_a_rush_that_placed_nothing_has_proved_nothing() -> None:
    assert complaints(figures_of(Record(30), 60)) == ["No order was placed at all."]
