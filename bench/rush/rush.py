"""The rush itself: who is there, and when it is over."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from rich.console import Console

from bench.rush.api import REQUEST_TIMEOUT, Api, Json, Unanswered, understood
from bench.rush.cooks import work_zone
from bench.rush.demo import Demo
from bench.rush.guests import (
    Guest,
    all_options,
    arrivals,
    plan_orders,
    rate_for,
    read_recipes,
    send_guests,
    sensible_rate,
)
from bench.rush.record import Record
from bench.rush.show import show
from bench.rush.watch import look_back, watch

#: What the demo's zones need for each item.
MENU = Path(__file__).parents[2] / "kitchen" / "demo_menu.toml"
#: Seconds in which cooks may finish what they have in hand when the rush is over.
LAST_HANDS = 20.0
#: For how long the manager tries to put things back.
PATIENCE = 10.0


@dataclass(frozen=True)
class Options:
    """`rate` in orders per minute of kitchen time, or None for one that brings the busiest zone
    `load` times what it can do, or None for a sensible one.

    `pace` and `quote_limit` are set for the rush; None leaves them as they are.
    """

    orders: int
    cooks: int
    speed: float
    rate: float | None
    seed: int
    timeout: float
    load: float | None = None
    pace: bool | None = None
    quote_limit: int | None = None

    @property
    def settings(self) -> Json:
        """What the kitchen is set to while the rush lasts."""
        wanted: Json = {"time_scale": self.speed}
        if self.pace is not None:
            wanted["pacing"] = self.pace
        if self.quote_limit is not None:
            wanted["quote_limit_minutes"] = self.quote_limit
        return wanted


@dataclass(frozen=True)
class Change:
    """What the rush wants otherwise than it finds it at an address."""

    path: str
    found: Json
    wanted: Json

    @property
    def before(self) -> Json:
        return {name: self.found[name] for name in self.wanted}


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
        zones = await house.cook.get("zones/")
        guests = invite(menu, options, console)
        record = Record(
            options.orders,
            {item["code"]: len(item["zones"]) for item in menu},
            {option["code"]: len(option["zones"]) for option in all_options(menu)},
        )
        changes = [
            Change("settings/", await house.manager.get("settings/"), options.settings),
            *(Change(f"zones/{z['code']}/", z, {"cooks": options.cooks}) for z in zones),
        ]
        async with (
            changed(house.manager, changes, console),
            restocked(house.manager, menu, console),
        ):
            await keep_open(
                house,
                zones=[zone["code"] for zone in zones],
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
    rate = options.rate or rate_of(options, menu, orders)
    guests = arrivals(orders, rate, rng)
    console.print(
        f"{len(guests)} orders in about {guests[-1].arrives / options.speed:.0f} s: {rate:.2f} "
        f"a minute in the kitchen, where time runs {options.speed:g} times as fast; "
        f"{options.cooks} cooks in each zone",
        highlight=False,
        soft_wrap=True,
    )
    return guests


def rate_of(options: Options, menu: Sequence[Json], orders: Sequence[Json]) -> float:
    if options.load is None:
        return sensible_rate(menu, orders, options.cooks)
    return rate_for(options.load, read_recipes(MENU), orders, options.cooks)


@asynccontextmanager
async def changed(manager: Api, changes: Sequence[Change], console: Console) -> AsyncIterator[None]:
    """The kitchen as the rush wants it, and as before when all is over."""
    to_make = [change for change in changes if change.wanted != change.before]
    made: list[Change] = []
    try:
        for change in to_make:
            made.append(change)
            await patch(manager, change.path, change.wanted)
        yield
    finally:
        await put_back(manager, made, console)


@asynccontextmanager
async def restocked(manager: Api, menu: Sequence[Json], console: Console) -> AsyncIterator[None]:
    """As many portions as before when all is over: the next run of this seed has equal guests."""
    scarce = [item for item in menu if item["portions_left"] is not None]
    portions = [
        Change(f"menu/{item['code']}/", item, {"portions_left": item["portions_left"]})
        for item in scarce
    ]
    try:
        yield
    finally:
        await put_back(manager, portions, console)


async def put_back(manager: Api, changes: Sequence[Change], console: Console) -> None:
    for change in changes:
        try:
            await patch(manager, change.path, change.before)
        except Unanswered:
            console.print(
                f"Nobody answered: PATCH {change.path} {json.dumps(change.before)} puts "
                "back what was there before the rush.",
                highlight=False,
                soft_wrap=True,
            )


async def patch(manager: Api, path: str, body: Json) -> None:
    understood(path, await manager.ask("PATCH", path, body=body, patience=PATIENCE))


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
