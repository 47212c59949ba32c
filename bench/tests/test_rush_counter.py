"""The stall: whoever takes an order does everything, and then takes the next one."""

import json
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from bench.rush.__main__ import show
from bench.rush.arguments import options_of, parser
from bench.rush.kitchens import kitchen_of, narrowest, people_in
from bench.rush.options import COUNTER, ZONES
from bench.rush.record import Record
from bench.rush.report import complaints, figures_of, seconds_between
from bench.tests.restaurant import PREP_SECONDS, Restaurant, run


@pytest.fixture(scope="module")
def alone() -> tuple[Restaurant, Record]:
    """Four guests, and one person at the counter."""
    restaurant = Restaurant()
    record, _ = run(restaurant, kitchen=COUNTER, people=1, orders=4)
    return restaurant, record


def test_one_person_serves_one_guest_after_the_other(alone: tuple[Restaurant, Record]) -> None:
    restaurant, record = alone
    figures = figures_of(record, 500)
    assert complaints(figures) == []
    assert (figures.ready, figures.tickets_done) == (4, record.expected_tickets())
    orders = sorted(restaurant.orders.values(), key=lambda order: order["number"])
    assert all(one["ready_at"] <= other["placed_at"] for one, other in pairwise(orders))


def test_a_guest_is_served_billed_and_the_table_cleared_before_the_next_one_orders(
    alone: tuple[Restaurant, Record],
) -> None:
    restaurant, _ = alone
    each = ["serve", "pay", "close"]
    assert restaurant.seen_off == [(number, verb) for number in (1, 2, 3, 4) for verb in each]


def test_the_wait_begins_at_the_end_of_the_line(alone: tuple[Restaurant, Record]) -> None:
    _, record = alone
    by_number = sorted(record.orders.values(), key=lambda order: order["number"])
    in_line = [record.in_line[order["id"]] for order in by_number]
    assert in_line == sorted(in_line)
    # Before the last one three orders of a dish and a drink, at the least, were cooked.
    assert in_line[-1] >= 6 * PREP_SECONDS / 500


def test_what_is_ordered_is_cooked_step_by_step(alone: tuple[Restaurant, Record]) -> None:
    restaurant, _ = alone
    begun = sorted(restaurant.tickets.values(), key=lambda ticket: ticket["started_at"])
    assert all(one["done_at"] <= other["started_at"] for one, other in pairwise(begun))


def test_as_many_people_as_the_zones_have_and_nothing_is_held_back() -> None:
    restaurant = Restaurant()
    record, _ = run(restaurant, kitchen=COUNTER, orders=1, cooks=3, pace=True)
    assert record.staff == {COUNTER: 6}
    assert restaurant.changes[0] == {"time_scale": 500.0, "pacing": False}


def test_cooks_may_be_placed_where_the_work_is() -> None:
    for kitchen, staff in ((ZONES, {"boil": 3, "drinks": 1}), (COUNTER, {COUNTER: 4})):
        words = ["--kitchen", kitchen, "--cooks", "1", "--placed", "boil=3"]
        (options,) = options_of(parser().parse_args(words))
        assert options.staff(["boil", "drinks"]) == staff


def test_a_dish_may_be_said_to_take_so_many_minutes() -> None:
    restaurant = Restaurant()
    run(restaurant, kitchen=COUNTER, people=1, orders=2, dish_minutes=2.0)
    assert len(restaurant.tickets) == 2
    for ticket in restaurant.tickets.values():
        assert seconds_between(ticket["started_at"], ticket["done_at"]) >= 120 / 500


def test_whoever_is_not_served_in_time_is_complained_of(monkeypatch: pytest.MonkeyPatch) -> None:
    for patience in ("PATIENCE", "LAST_HANDS"):
        monkeypatch.setattr(f"bench.rush.rush.{patience}", 0.1)

    class Closed(Restaurant):
        def trays(self) -> list[dict[str, object]]:
            return []

    record, _ = run(Closed(), kitchen=COUNTER, people=1, orders=2, timeout=0.2)
    found = complaints(figures_of(record, 500))
    assert found[0] == "Not ready: #1 (placed)"
    assert found[1] == "Guests who were not served before the time was up: 1"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], [(ZONES, 2)]),
        (["--kitchen", "counter"], [(COUNTER, 2)]),
        (
            ["--kitchen", "both", "--cooks", "1,4"],
            [(k, n) for n in (1, 4) for k in (COUNTER, ZONES)],
        ),
    ],
)
def test_each_kitchen_is_tried_with_each_number_of_cooks(
    words: list[str], expected: list[tuple[str, int]]
) -> None:
    found = options_of(parser().parse_args(words))
    assert [(options.kitchen, options.cooks) for options in found] == expected
    assert {options.crowd for options in found} == {max(cooks for _, cooks in expected)}


def test_the_same_guests_come_to_both_kitchens_and_are_shown_beside_each_other(
    tmp_path: Path,
) -> None:
    records = [run(Restaurant(), kitchen=name, orders=3, crowd=2)[0] for name in (COUNTER, ZONES)]
    assert records[0].guests == records[1].guests
    found = [figures_of(record, 500) for record in records]
    assert [(kitchen_of(one), people_in(one)) for one in found] == [(COUNTER, 4), (ZONES, 4)]
    assert narrowest(found[0]) == COUNTER
    assert set(found[1].utilisation) == {"boil", "drinks"}
    written, file = StringIO(), tmp_path / "kitchens.json"
    given = parser().parse_args(["--kitchen", "both", "--json", str(file)])
    show(found, given, Console(file=written, width=120))
    assert [line.split()[1:3] for line in written.getvalue().splitlines() if " 4 " in line] == [
        ["counter", "│"],
        ["zones", "│"],
    ]
    assert [one["staff"] for one in json.loads(file.read_text())] == [one.staff for one in found]
    assert "counter p95" in file.with_suffix(".svg").read_text()


def test_of_one_kitchen_the_figures_stand_alone(tmp_path: Path) -> None:
    record, _ = run(Restaurant(), orders=1)
    file = tmp_path / "figures.json"
    given = parser().parse_args(["--json", str(file)])
    show([figures_of(record, 500)], given, Console(file=StringIO()))
    assert json.loads(file.read_text())["placed"] == 1
    assert not file.with_suffix(".svg").exists()
