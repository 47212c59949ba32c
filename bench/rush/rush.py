"""The rush itself: who is there, and when it is over."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import httpx2
from rich.console import Console

from bench.rush.api import Json
from bench.rush.cooks import work_zone
from bench.rush.counter import Line, Stall, stand_in_line
from bench.rush.demo import Demo
from bench.rush.guests import (
    PATIENCE,
    all_options,
    arrivals,
    one_dish,
    plan_orders,
    rate_for,
    read_recipes,
    send_guests,
    sensible_rate,
)
from bench.rush.house import Change, House, changed, doors_of, restocked
from bench.rush.options import COUNTER, Options
from bench.rush.record import Guest, Record
from bench.rush.show import show
from bench.rush.watch import look_back, watch

#: What the demo's zones need for each item.
MENU = Path(__file__).parents[2] / "kitchen" / "demo_menu.toml"
#: Seconds in which cooks may finish what they have in hand when the rush is over.
LAST_HANDS = 20.0

Tasks = list["asyncio.Task[None]"]


async def rush(
    demo: Demo,
    options: Options,
    console: Console,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Record:
    """Place the orders, cook them, and return what has happened. Raises Stopped.

    `transport` stands in for the network in tests.
    """
    async with doors_of(demo, transport) as house:
        menu = await house.guest.get("menu/")
        zones = await house.cook.get("zones/")
        guests = invite(menu, options)
        codes = [zone["code"] for zone in zones]
        cooks, staff = options.at_zones(codes), options.staff(codes)
        announce(guests, options, staff, console)
        record = Record(
            options.orders,
            {item["code"]: len(item["zones"]) for item in menu},
            {option["code"]: len(option["zones"]) for option in all_options(menu)},
            guests=guests,
            staff=staff,
        )
        changes = [
            Change("settings/", await house.manager.get("settings/"), options.settings),
            *(Change(f"zones/{z['code']}/", z, {"cooks": cooks[z["code"]]}) for z in zones),
        ]
        async with (
            changed(house.manager, changes, console),
            restocked(house.manager, menu, console),
        ):
            await keep_open(house, options, record, console)
        await look_back(house.guest, record)
    return record


def invite(menu: Sequence[Json], options: Options) -> list[Guest]:
    """The guests of this seed."""
    rng = random.Random(options.seed)  # noqa: S311
    orders = plan_orders(menu, options.orders, rng)
    if options.dish_minutes:
        orders = [one_dish(order) for order in orders]
    return arrivals(orders, options.rate or rate_of(options, menu, orders), rng)


def rate_of(options: Options, menu: Sequence[Json], orders: Sequence[Json]) -> float:
    cooks = options.crowd or options.cooks
    if options.load is None:
        return sensible_rate(menu, orders, cooks)
    return rate_for(options.load, read_recipes(MENU), orders, cooks)


def announce(
    guests: Sequence[Guest], options: Options, staff: dict[str, int], console: Console
) -> None:
    """A word about how they will come."""
    last = guests[-1].arrives
    rate = f"{len(guests) / last * 60:.2f} a minute" if last else "at once"
    cooks = ", ".join(f"{zone} {people}" for zone, people in staff.items())
    console.print(
        f"{len(guests)} orders in about {last / options.speed:.0f} s: {rate} in the kitchen, "
        f"where time runs {options.speed:g} times as fast; cooks: {cooks}",
        highlight=False,
        soft_wrap=True,
    )


async def keep_open(house: House, options: Options, record: Record, console: Console) -> None:
    """From the first guest until all that they ordered is ready, or the time is up."""
    closing = asyncio.Event()
    begin = begin_counter if options.kitchen == COUNTER else begin_zones
    async with asyncio.TaskGroup() as everybody:
        shown = everybody.create_task(show(record, console))
        arriving, kitchen = begin(everybody, house, options, record, closing)
        watching = everybody.create_task(watch(house.guest, record, arriving))
        last = record.guests[-1].arrives / options.speed
        await asyncio.wait([arriving], timeout=last + max(PATIENCE, options.timeout))
        await asyncio.wait([watching], timeout=options.timeout if arriving.done() else 0)
        closing.set()
        await asyncio.wait(kitchen, timeout=LAST_HANDS)
        for task in (arriving, watching, *kitchen, shown):
            task.cancel()


def begin_zones(
    everybody: asyncio.TaskGroup,
    house: House,
    options: Options,
    record: Record,
    closing: asyncio.Event,
) -> tuple["asyncio.Task[None]", Tasks]:
    """Guests who order when they come, and cooks at their zones."""
    kitchen = [
        everybody.create_task(
            work_zone(
                house.cook,
                zone,
                cooks=cooks,
                speed=options.speed,
                record=record,
                closing=closing,
            )
        )
        for zone, cooks in record.staff.items()
    ]
    sending = send_guests(house.guest, record.guests, options.speed, record)
    return everybody.create_task(sending), kitchen


def begin_counter(
    everybody: asyncio.TaskGroup,
    house: House,
    options: Options,
    record: Record,
    closing: asyncio.Event,
) -> tuple["asyncio.Task[None]", Tasks]:
    """Guests in a line, and people who each serve one of them at a time."""
    line: Line = asyncio.Queue()
    stall = Stall(house, line, record, closing, options.speed, options.dish_minutes)
    people = record.staff[COUNTER]
    kitchen = [everybody.create_task(stall.work()) for _ in range(people)]
    standing = stand_in_line(line, record.guests, options.speed, people)
    return everybody.create_task(standing), kitchen
