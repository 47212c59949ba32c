"""The rush itself: who is there, and when it is over."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
from rich.console import Console

from bench.rush.api import REQUEST_TIMEOUT, Api, Json, Unanswered, understood
from bench.rush.cooks import work_zone
from bench.rush.demo import Demo
from bench.rush.guests import Guest, all_options, arrivals, plan_orders, send_guests, sensible_rate
from bench.rush.record import Record
from bench.rush.show import show
from bench.rush.watch import look_back, watch

#: Seconds in which cooks may finish what they have in hand when the rush is over.
LAST_HANDS = 20.0
#: For how long the manager tries to put the clock back.
PATIENCE = 10.0


@dataclass(frozen=True)
class Options:
    """`rate` in orders per minute of kitchen time, or None for a sensible one."""

    orders: int
    cooks: int
    speed: float
    rate: float | None
    seed: int
    timeout: float


@dataclass(frozen=True)
class House:
    """Everybody who calls the API."""

    guest: Api
    cook: Api
    manager: Api


async def rush(
    demo: Demo,
    options: Options,
    console: Console,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Record:
    """Place the orders, cook them, and return what has happened. Raises Stopped.

    `transport` stands in for the network in tests.
    """
    async with httpx2.AsyncClient(
        base_url=f"{demo.url.rstrip('/')}/api/v1/",
        timeout=REQUEST_TIMEOUT,
        limits=httpx2.Limits(max_connections=None),
        # A proxy of the environment knows nothing of a product on this host.
        trust_env=False,
        transport=transport,
    ) as client:
        house = House(Api(client, demo.guest), Api(client, demo.cook), Api(client, demo.manager))
        menu = await house.guest.get("menu/")
        zones = [zone["code"] for zone in await house.cook.get("zones/")]
        guests = invite(menu, options, console)
        record = Record(
            options.orders,
            {item["code"]: len(item["zones"]) for item in menu},
            {option["code"]: len(option["zones"]) for option in all_options(menu)},
        )
        async with kitchen_clock(house.manager, options.speed, console):
            await keep_open(
                house,
                zones=zones,
                guests=guests,
                options=options,
                record=record,
                console=console,
            )
        await look_back(house.guest, record)
    return record


def invite(menu: Sequence[Json], options: Options, console: Console) -> list[Guest]:
    """The guests of this seed, and a word about how they will come."""
    rng = random.Random(options.seed)  # noqa: S311
    orders = plan_orders(menu, options.orders, rng)
    rate = options.rate or sensible_rate(menu, orders, options.cooks)
    guests = arrivals(orders, rate, rng)
    console.print(
        f"{len(guests)} orders in about {guests[-1].arrives / options.speed:.0f} s: {rate:.2f} "
        f"a minute in the kitchen, where time runs {options.speed:g} times as fast; "
        f"{options.cooks} cooks in each zone",
        highlight=False,
        soft_wrap=True,
    )
    return guests


@asynccontextmanager
async def kitchen_clock(manager: Api, speed: float, console: Console) -> AsyncIterator[None]:
    """The kitchen's time runs `speed` times as fast, and as before when all is over."""
    before = (await manager.get("settings/"))["time_scale"]
    try:
        await set_clock(manager, speed)
        yield
    finally:
        try:
            await set_clock(manager, before)
        except Unanswered:
            console.print(
                f"The kitchen's clock still runs {speed:g} times as fast: nobody answered. "
                f'PATCH settings/ {{"time_scale": {before:g}}} puts it back.',
                highlight=False,
                soft_wrap=True,
            )


async def set_clock(manager: Api, speed: float) -> None:
    answer = await manager.ask("PATCH", "settings/", body={"time_scale": speed}, patience=PATIENCE)
    understood("settings/", answer)


async def keep_open(
    house: House,
    *,
    zones: Sequence[str],
    guests: Sequence[Guest],
    options: Options,
    record: Record,
    console: Console,
) -> None:
    """From the first guest until all that they ordered is ready, or the time is up."""
    closing = asyncio.Event()
    async with asyncio.TaskGroup() as everybody:
        shown = everybody.create_task(show(record, console))
        kitchen = [
            everybody.create_task(
                work_zone(
                    house.cook,
                    zone,
                    cooks=options.cooks,
                    speed=options.speed,
                    record=record,
                    closing=closing,
                )
            )
            for zone in zones
        ]
        arriving = everybody.create_task(send_guests(house.guest, guests, options.speed, record))
        watching = everybody.create_task(watch(house.guest, record, arriving))
        await asyncio.wait([arriving])
        await asyncio.wait([watching], timeout=options.timeout)
        closing.set()
        await asyncio.wait(kitchen, timeout=LAST_HANDS)
        for task in (watching, *kitchen, shown):
            task.cancel()
