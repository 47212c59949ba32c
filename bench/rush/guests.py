"""Guests: what they order, when they come, and how they place it."""

import asyncio
import random
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.rush.api import Api, Json, Unanswered
from bench.rush.demo import Stopped
from bench.rush.record import Guest, Record

#: What a step is taken to need, in seconds: the API tells an item's zones, not its prep times.
#: The demo's fry and boil steps, where it gets narrow, are a little shorter on average.
STEP_SECONDS = {"dish": 150, "drink": 60}
#: The share of the busiest zone's time that guests fill unless they are told another rate.
BUSY = 0.75
#: How many orders ask for something of which only a few portions are left.
SCARCE = 0.1
#: How many guests choose something where they need not; of what they may add, how much.
CHOOSY, HUNGRY = 0.5, 0.25
CHANNELS = {"dine_in": 6, "takeaway": 3, "delivery": 2}
#: For this many seconds a guest sends the same order again while nobody takes it.
PATIENCE = 60.0
#: A zone and the seconds of work that one line of an item brings it.
Work = tuple[str, int]
NO_ANSWER = f"no answer in {PATIENCE:.0f} s"


def plan_orders(menu: Sequence[Json], count: int, rng: random.Random) -> list[Json]:
    """Orders without a client_ref; the same menu and generator make the same ones.

    An item with few portions is asked for now and then. What is sold out already nobody orders,
    nor what can't be had without an option that is.
    Raises Stopped if the menu offers too little.
    """
    on_offer = sorted(
        (item for item in menu if on_sale(item)),
        key=lambda item: str(item["code"]),
    )
    plenty = [item for item in on_offer if item["portions_left"] is None]
    if not plenty:
        raise Stopped("Nothing unlimited is on the menu: make something available, then try again.")
    scarce = [item for item in on_offer if item["portions_left"] is not None]
    dishes = [item for item in plenty if item["kind"] == "dish"]
    drinks = [item for item in plenty if item["kind"] == "drink"]
    return [one_order(dishes, drinks, scarce, rng) for _ in range(count)]


def on_sale(item: Json) -> bool:
    """It can be ordered, with something of each group of which something must be chosen."""
    required = [group for group in item["options"] if group["required"]]
    all_there = all(on_hand(group) for group in required)
    return bool(item["available"]) and item["portions_left"] != 0 and all_there


def on_hand(group: Json) -> list[str]:
    """The codes of a group's options that are not sold out."""
    return [option["code"] for option in group["options"] if option["available"]]


def made_to_order(item: Json, rng: random.Random) -> list[str]:
    """What a guest chooses about the item."""
    chosen: list[str] = []
    for group in item["options"]:
        offered = on_hand(group)
        wanted = (
            [code for code in offered if rng.random() < HUNGRY]
            if group["choose"] == "any"
            else some(offered, int(rng.random() < CHOOSY), rng)
        )
        chosen += wanted or some(offered, int(group["required"]), rng)
    return chosen


def one_order(
    dishes: Sequence[Json], drinks: Sequence[Json], scarce: Sequence[Json], rng: random.Random
) -> Json:
    """1 to 3 dishes and 1 or 2 drinks, each once or twice, on one tray or two."""
    items = some(dishes, rng.randint(1, 3), rng) + some(drinks, rng.randint(1, 2), rng)
    if scarce and rng.random() < SCARCE:
        items[0:1] = [rng.choice(scarce)]
    trays = min(rng.randint(1, 2), len(items))
    lines = [
        # The first lines make sure that no tray stays empty.
        {
            "item": item["code"],
            "options": made_to_order(item, rng),
            "quantity": rng.randint(1, 2),
            "tray": place if place <= trays else rng.randint(1, trays),
        }
        for place, item in enumerate(items, start=1)
    ]
    channel = rng.choices(list(CHANNELS), list(CHANNELS.values()))[0]
    table = {"table": f"{rng.choice('ABCD')}{rng.randint(1, 9)}"} if channel == "dine_in" else {}
    return {"channel": channel, **table, "lines": lines}


def one_dish(order: Json) -> Json:
    """The same guest, with the first dish of it alone."""
    return {**order, "lines": [{**order["lines"][0], "quantity": 1, "tray": 1}]}


def some(items: Sequence[Any], count: int, rng: random.Random) -> list[Any]:
    return rng.sample(items, min(count, len(items)))


def sensible_rate(menu: Sequence[Json], orders: Sequence[Json], cooks: int) -> float:
    """Orders per minute of kitchen time that keep the busiest zone's cooks at work, not flooded."""
    items = {item["code"]: item for item in menu}
    work: Counter[str] = Counter()
    for order in orders:
        for line in order["lines"]:
            item = items[line["item"]]
            for zone in zones_of(item, line["options"]):
                work[zone] += STEP_SECONDS[item["kind"]]
    busiest = max(work.values()) / len(orders)
    return BUSY * cooks * 60 / busiest


def zones_of(item: Json, chosen: Sequence[str]) -> list[str]:
    """The zones of its steps, and of those of its options."""
    options = [option for option in all_options([item]) if option["code"] in chosen]
    return [*item["zones"], *(zone for option in options for zone in option["zones"])]


def all_options(menu: Sequence[Json]) -> list[Json]:
    """What can be chosen about any of these items; what they share, several times."""
    return [option for item in menu for group in item["options"] for option in group["options"]]


def rate_for(
    load: float, recipes: Mapping[str, Sequence[Work]], orders: Sequence[Json], cooks: int
) -> float:
    """Orders per minute of kitchen time that bring the busiest zone `load` times its capacity.

    Raises Stopped for an item or an option without a recipe.
    """
    work: Counter[str] = Counter()
    for order in orders:
        for line in order["lines"]:
            for code in (line["item"], *line["options"]):
                if code not in recipes:
                    raise Stopped(f"Of {code} no recipe is known: give a --rate, not a --load.")
                for zone, seconds in recipes[code]:
                    work[zone] += seconds
    return load * cooks * 60 / (max(work.values()) / len(orders))


def read_recipes(menu: Path) -> dict[str, list[Work]]:
    """Of items and of options, from the file that the demo's menu was loaded of.

    The API tells no prep times.
    """
    known = tomllib.loads(menu.read_text())
    steps = {item["code"]: chain.from_iterable(item["tracks"]) for item in known["items"]}
    for group in known["groups"]:
        steps |= {option["code"]: option.get("steps", []) for option in group["options"]}
    return {
        code: [(step["zone"], step["seconds"]) for step in steps_of]
        for code, steps_of in steps.items()
    }


def arrivals(orders: Sequence[Json], rate: float, rng: random.Random) -> list[Guest]:
    """The first guest comes at once, the others after random gaps as at a real door."""
    guests, now = [], 0.0
    for order in orders:
        guests.append(Guest(now, order))
        now += rng.expovariate(rate / 60)
    return guests


async def send_guests(api: Api, guests: Sequence[Guest], speed: float, record: Record) -> None:
    """Place every order at its time; returns when the last one is answered."""
    async with asyncio.TaskGroup() as door:
        async for order in at_the_door(guests, speed):
            door.create_task(place(api, order, record))


async def at_the_door(guests: Sequence[Guest], speed: float) -> AsyncIterator[Json]:
    """What each guest wants, when they come."""
    # A client_ref is unique for ever, so those of two runs of one seed must differ.
    run = uuid4().hex[:8]
    clock = asyncio.get_running_loop()
    opened = clock.time()
    for number, guest in enumerate(guests, start=1):
        await asyncio.sleep(opened + guest.arrives / speed - clock.time())
        yield {**guest.order, "client_ref": f"rush-{run}-{number:06}"}


async def place(api: Api, order: Json, record: Record) -> Json | None:
    """POST it; the same again with the same key while the product is away. None: not taken."""
    try:
        answer = await api.post("orders/", order, patience=PATIENCE)
    except Unanswered:
        record.refused[NO_ANSWER] += 1
        return None
    record.answered(answer)
    return answer.body if answer.status == 201 else None
