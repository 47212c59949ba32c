"""What screens cost is measured on real parts: a small run, and what is made of its figures."""

import io
import time
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bench.streams.__main__ import main, show_orders
from bench.streams.house import Round
from bench.streams.screens import Heard

FEW = ["--screens", "4", "--seconds", "2", "--rounds", "1", "--database", "sqlite"]


def test_a_delivery_takes_from_when_the_event_happened_to_its_arrival() -> None:
    heard = Heard()
    happened = datetime.fromtimestamp(time.time() - 3, UTC).isoformat()
    for _ in range(2):
        heard.note(b'{"position": 7, "happened_at": "%s"}' % happened.encode())
    heard.note(b'{"position": 7, "at": "%s"}' % happened.encode())
    assert (heard.times, heard.pings) == ({7: 2}, 1)
    assert heard.percentile(0.5) >= 3000


def test_the_two_ways_are_held_against_each_other() -> None:
    said = io.StringIO()
    alone = Round([10.0, 20.0], 1.0, {"web": 0.02})
    among = Round([10.0, 20.0], 1.0, {"web": 0.02}) + Round([30.0, 40.0], 1.0, {"web": 0.04})
    show_orders(100, (alone, among), Heard(), Console(file=said, width=200))
    assert "p99 is 2.00 times as long (goal: at most 1.2)" in said.getvalue()
    assert "15.0" in said.getvalue()


@pytest.mark.once
@pytest.mark.timeout(300)
def test_every_screen_hears_every_press_and_orders_are_taken_beside_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(FEW) == 0
    said = capsys.readouterr().out
    assert "4 screens, 20 presses" in said
    assert " 0 missed, 0 lost" in said
    assert "4 screens, 4 long polls" in said
    assert "deliveries, 0 clients lost" in said
