"""The planner beside the rush: the same guests, and a table of both."""

import argparse
from io import StringIO

import pytest
from rich.console import Console

from bench.plan.__main__ import parser, setting, taken
from bench.plan.predict import predict, ways_of
from bench.plan.report import Compared, Seen, table_of
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
    found = predict(cooks, holds=False, scale=60, guests=[[0.0, [soup, tea]], [0.0, [tea]]])
    ways = ways_of(60)
    steps = 240 + 60 + 2 * (ways.seen + ways.pressed)
    assert found["p95"] == pytest.approx(ways.opened + steps + ways.plated)
    assert found["utilisation"]["drinks"] == pytest.approx(2 * (60 + ways.pressed) / found["p95"])


def test_the_table_tells_how_far_apart_they_are() -> None:
    zones = {"fry": 0.8, "rice": 0.0}
    compared = Compared("here", Seen(11, 20, zones), Seen(10, 25, {**zones, "fry": 0.5}))
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
