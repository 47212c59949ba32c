"""The planner beside the rush: the same guests, and a table of both."""

import argparse
from io import StringIO

import pytest
from rich.console import Console

from bench.plan.__main__ import parser, setting, taken
from bench.plan.machine import ways_of
from bench.plan.predict import predict
from bench.plan.report import Compared, Seen, table_of
from bench.rush.cooks import GLANCE
from bench.rush.record import Guest, Record
from kitchen.models import MenuItem


def test_only_guests_whose_orders_were_taken_are_played() -> None:
    guests = [Guest(float(seconds), {"lines": [seconds]}) for seconds in range(4)]
    record = Record(4, guests=guests)
    record.orders = {ref: {"client_ref": f"rush-0a1b-00000{ref}"} for ref in ("1", "4")}
    assert taken(record) == [guests[0], guests[3]]


def test_guests_of_a_rush_are_played_by_the_houses_recipes(menu: dict[str, MenuItem]) -> None:
    soup = {"item": "tom-yum", "options": [], "quantity": 2, "tray": 1}
    tea = {"item": "thai-tea", "options": [], "quantity": 1, "tray": 2}
    cooks = {"boil": 1, "fry": 1, "drinks": 1}
    ways = {"opened": 0.1, "seen": 0.2, "pressed": 0.05, "turned": 0.05, "plated": 0.3}
    come = [[0.0, [soup, tea]], [0.0, [tea]]]
    found = predict(cooks, holds=False, scale=60, guests=come, ways=ways)
    # The soup is seen and pressed twice; a second of the wall is a minute of the kitchen.
    assert found["p95"] == pytest.approx(240 + 60 + 60 * (0.1 + 2 * 0.2 + 2 * 0.05 + 0.3))
    assert found["utilisation"]["drinks"] == pytest.approx(2 * (60 + 3) / found["p95"])


def at(second: int) -> str:
    return f"2026-01-01T12:00:0{second}+07:00"


def test_the_machines_part_is_what_no_recipe_says() -> None:
    ticket = {"order_ref": "a", "prep_seconds": 60, "fired_at": at(1), "started_at": at(2)}
    record = Record(1)
    record.orders = {"a": {"id": "a", "placed_at": at(0), "ready_at": at(9)}}
    record.tickets = {
        "soup": {**ticket, "done_at": at(4)},
        "tea": {**ticket, "fired_at": at(3), "started_at": at(3), "done_at": at(7)},
    }
    found = ways_of(record, speed=60)
    # The soup took a second longer than its recipe, the tea three.
    assert found == pytest.approx(
        {"opened": 1, "seen": GLANCE / 2 + 3, "pressed": 2, "turned": 2, "plated": 2}
    )


def test_the_table_tells_how_far_apart_they_are() -> None:
    zones = {"fry": 0.8, "rice": 0.0}
    compared = Compared(
        "here", {"opened": 0.1}, Seen(11, 20, zones), Seen(10, 25, {**zones, "fry": 0.5})
    )
    written = StringIO()
    Console(file=written, width=100).print(table_of([compared]))
    rows = [line.replace("│", " ").split() for line in written.getvalue().splitlines()]
    assert ["wait", "p50,", "min", "11.0", "10.0", "+10%"] in rows
    assert ["wait", "p95,", "min", "20.0", "25.0", "-20%"] in rows
    assert ["busy", "fry,", "%", "80.0", "50.0", "+60%"] in rows
    assert ["busy", "rice,", "%", "0.0", "0.0", "–"] in rows


def test_a_setting_is_cooks_load_and_pacing() -> None:
    assert setting("2:0.8:off") == (2, 0.8, False)
    assert parser().parse_args(["--setting", "1:1:on"]).setting == [(1, 1.0, True)]


@pytest.mark.parametrize("text", ["", "2:0.8", "2:0.8:maybe", "0:1:on", "2:x:on"])
def test_another_setting_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        setting(text)
