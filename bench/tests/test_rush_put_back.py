"""What a rush changes in the house is as before when it is over."""

import asyncio
from io import StringIO
from typing import Any

import httpx2
from rich.console import Console

from bench.rush.options import Options
from bench.rush.rush import rush
from bench.tests.restaurant import DEMO, Restaurant, run

Json = dict[str, Any]


def test_the_clock_is_put_back() -> None:
    restaurant = Restaurant()
    run(restaurant, orders=1)
    assert restaurant.changes == [{"time_scale": 500.0}, {"time_scale": 1.0}]


def test_what_is_set_for_the_rush_is_put_back() -> None:
    restaurant = Restaurant()
    before = dict(restaurant.settings)
    run(restaurant, orders=1, pace=False, quote_limit=3)
    wanted = {"time_scale": 500.0, "pacing": False, "quote_limit_minutes": 3}
    assert restaurant.changes == [wanted, before]
    assert restaurant.settings == before


def test_the_next_run_finds_as_many_portions() -> None:
    restaurant = Restaurant()
    restaurant.portions.clear()
    run(restaurant, orders=1)
    assert restaurant.portions == {"crab": 1}


def test_the_kitchen_is_told_how_many_cooks_there_are_until_they_leave() -> None:
    seen = []

    class Watched(Restaurant):
        def place(self, body: Json) -> httpx2.Response:
            seen.append(dict(self.cooks))
            return super().place(body)

    restaurant = Watched()
    restaurant.cooks["boil"] = 5
    run(restaurant, orders=1)
    assert seen == [{"boil": 2, "drinks": 2}]
    assert restaurant.cooks == {"boil": 5, "drinks": 2}


def test_the_clock_is_put_back_when_somebody_interrupts() -> None:
    restaurant = Restaurant()

    async def interrupted() -> None:
        options = Options(50, 2, 500.0, rate=1.0, seed=1, timeout=10)
        transport = httpx2.MockTransport(restaurant.answer)
        console = Console(file=StringIO())
        running = asyncio.create_task(rush(DEMO, options, console, transport))
        while not restaurant.orders:
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()

    asyncio.run(interrupted())
    assert restaurant.changes == [{"time_scale": 500.0}, {"time_scale": 1.0}]
