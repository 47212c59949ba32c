"""Guests: what they order, when they come, and how they place it."""

import asyncio
import random
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bench.rush.api import Api, Json, Unanswered
from bench.rush.demo import Stopped
from bench.rush.record import Record

#: What a step is taken to need, in seconds: the API tells an item's zones, not its prep times.
#: The demo's fry and boil steps, where it gets narrow, are a little shorter on average.
STEP_SECONDS = {"dish": 150, "drink": 60}
#: The share of the busiest zone's time that guests fill unless they are told another rate.
BUSY = 0.75
#: How many orders ask for something of which only a few portions are left.
SCARCE = 0.1
CHANNELS = {"dine_in": 6, "takeaway": 3, "delivery": 2}
#: For this many seconds a guest sends the same order again while nobody takes it.
PATIENCE = 60.0
#: A zone and the seconds of work that one line of an item brings it.
Work = tuple[str, int]
NO_ANSWER = f"no answer in {PATIENCE:.0f} s"


@dataclass(frozen=True)
class Guest:
    """Comes `arrives` seconds of kitchen time after the opening, with this order."""

    arrives: float
    order: Json


def plan_orders(menu: Sequence[Json], count: int, rng: random.Random) -> list[Json]:
    """Orders without a client_ref; the same menu and generator make the same ones.

    An item with few portions is asked for now and then. What is sold out already nobody orders.
    Raises Stopped if the menu offers too little.
    """
    on_offer = sorted(
        (item for item in menu if item["available"] and item["portions_left"] != 0),
        key=lambda item: str(item["code"]),
    )
    plenty = [item for item in on_offer if item["portions_left"] is None]
    if not plenty:
        raise Stopped("Nothing unlimited is on the menu: make something available, then try again.")
    scarce = [item["code"] for item in on_offer if item["portions_left"] is not None]
    dishes = [item["code"] for item in plenty if item["kind"] == "dish"]
    drinks = [item["code"] for item in plenty if item["kind"] == "drink"]
    return [one_order(dishes, drinks, scarce, rng) for _ in range(count)]


def one_order(
    dishes: Sequence[str], drinks: Sequence[str], scarce: Sequence[str], rng: random.Random
) -> Json:
    """1 to 3 dishes and 1 or 2 drinks, each once or twice, on one tray or two."""
    items = some(dishes, rng.randint(1, 3), rng) + some(drinks, rng.randint(1, 2), rng)
    if scarce and rng.random() < SCARCE:
        items[0:1] = [rng.choice(scarce)]
    trays = min(rng.randint(1, 2), len(items))
    lines = [
        # The first lines make sure that no tray stays empty.
        {
            "item": item,
            "quantity": rng.randint(1, 2),
            "tray": place if place <= trays else rng.randint(1, trays),
        }
        for place, item in enumerate(items, start=1)
    ]
    channel = rng.choices(list(CHANNELS), list(CHANNELS.values()))[0]
    table = {"table": f"{rng.choice('ABCD')}{rng.randint(1, 9)}"} if channel == "dine_in" else {}
    return {"channel": channel, **table, "lines": lines}


def some(items: Sequence[str], count: int, rng: random.Random) -> list[str]:
    return rng.sample(items, min(count, len(items)))


def sensible_rate(menu: Sequence[Json], orders: Sequence[Json], cooks: int) -> float:
    """Orders per minute of kitchen time that keep the busiest zone's cooks at work, not flooded."""
    items = {item["code"]: item for item in menu}
    work: Counter[str] = Counter()
    for order in orders:
        for line in order["lines"]:
            item = items[line["item"]]
            for zone in item["zones"]:
                work[zone] += STEP_SECONDS[item["kind"]]
    busiest = max(work.values()) / len(orders)
    return BUSY * cooks * 60 / busiest


def rate_for(
    load: float, recipes: Mapping[str, Sequence[Work]], orders: Sequence[Json], cooks: int
) -> float:
    """Orders per minute of kitchen time that bring the busiest zone `load` times its capacity.

    Raises Stopped for an item without a recipe.
    """
    work: Counter[str] = Counter()
    for order in orders:
        for line in order["lines"]:
            if line["item"] not in recipes:
                raise Stopped(f"Of {line['item']} no recipe is known: give a --rate, not a --load.")
            for zone, seconds in recipes[line["item"]]:
                work[zone] += seconds
    return load * cooks * 60 / (max(work.values()) / len(orders))


def read_recipes(menu: Path) -> dict[str, list[Work]]:
    """From the file that the demo's menu was loaded of: the API tells no prep times."""
    return {
        item["code"]: [
            (step["zone"], step["seconds"]) for track in item["tracks"] for step in track
        ]
        for item in tomllib.loads(menu.read_text())["items"]
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
    # A client_ref is unique for ever, so those of two runs of one seed must differ.
    run = uuid4().hex[:8]
    clock = asyncio.get_running_loop()
    opened = clock.time()
    async with asyncio.TaskGroup() as door:
        for number, guest in enumerate(guests, start=1):
            await asyncio.sleep(opened + guest.arrives / speed - clock.time())
            order = {**guest.order, "client_ref": f"rush-{run}-{number:06}"}
            door.create_task(place(api, order, record))


async def place(api: Api, order: Json, record: Record) -> None:
    """POST it; the same again with the same key while the product is away."""
    try:
        record.answered(await api.post("orders/", order, patience=PATIENCE))
    except Unanswered:
        record.refused[NO_ANSWER] += 1
