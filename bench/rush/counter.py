"""The stall: each of its people takes one order, does all of it, and then takes the next.

They do it over the same API, one call after the other, and wait for each answer: the guest stands
there all the while.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bench.rush.api import FOR_EVER, Api, Json, understood
from bench.rush.cooks import make
from bench.rush.guests import at_the_door, place
from bench.rush.house import House
from bench.rush.record import Guest, Record

#: Seconds that an order is waited for in one request, and until it is looked for again.
AT_A_TIME = 5
GLANCE = 0.05


@dataclass(frozen=True)
class Waiting:
    """A guest in the line, since this moment of the loop's clock."""

    order: Json
    since: float


#: None sends one of the people home.
Line = asyncio.Queue[Waiting | None]


async def stand_in_line(line: Line, guests: Sequence[Guest], speed: float, people: int) -> None:
    """Returns when all have been served."""
    async for order in at_the_door(guests, speed):
        line.put_nowait(Waiting(order, asyncio.get_running_loop().time()))
    await line.join()
    for _ in range(people):
        line.put_nowait(None)


@dataclass(frozen=True)
class Stall:
    """`dish_minutes`: how long an order takes; None: as its recipes say."""

    house: House
    line: Line
    record: Record
    closing: asyncio.Event
    speed: float
    dish_minutes: float | None = None

    async def work(self) -> None:
        """One of its people."""
        clock = asyncio.get_running_loop()
        while not self.closing.is_set() and (waiting := await self.line.get()):
            began = clock.time()
            order = await place(self.house.guest, waiting.order, self.record)
            if order:
                self.record.in_line[order["id"]] = began - waiting.since
                await self.do_everything(order)
                self.record.at_work += clock.time() - began
            self.line.task_done()

    async def do_everything(self, order: Json) -> None:
        tickets = await tickets_of(self.house.cook, order)
        recipe = sum(ticket["prep_seconds"] for ticket in tickets)
        stretched = self.dish_minutes * 60 / recipe if self.dish_minutes else 1.0
        for ticket in tickets:
            seconds = ticket["prep_seconds"] * stretched / self.speed
            await make(self.house.cook, ticket, seconds, self.record)
        self.record.seen(await until_ready(self.house.guest, order["id"]))
        await self.see_off(f"orders/{order['id']}/")

    async def see_off(self, order: str) -> None:
        """Serve it, take the money, clear the table."""
        waiter = self.house.waiter
        await self.call(f"{order}serve/", {})
        path = f"{order}bill/"
        bill = understood(path, await waiter.ask("GET", path, patience=FOR_EVER))
        if Decimal(bill["due"]):
            await self.call(f"{order}pay/", {"method": "cash", "amount": bill["due"]})
        await self.call(f"{order}close/", {})

    async def call(self, path: str, body: Json) -> None:
        answer = await self.house.waiter.post(path, body, patience=FOR_EVER)
        if answer.status != 200:
            self.record.refused_presses[answer.code] += 1


async def tickets_of(api: Api, order: Json) -> list[Json]:
    """Once the kitchen has opened it: what is to be cooked, one after the other."""
    while True:
        trays = [
            tray
            async for tray in api.pages("trays/", patience=FOR_EVER, state="waiting")
            if tray["order_ref"] == order["id"]
        ]
        if len(trays) == len(order["trays"]):
            tickets = [ticket for tray in trays for ticket in tray["tickets"]]
            return sorted(tickets, key=lambda t: (t["tray"], t["track"], t["position"]))
        await asyncio.sleep(GLANCE)


async def until_ready(api: Api, order: str) -> Json:
    """The order, as soon as it is ready; each request waits until something has changed."""
    path, known = f"orders/{order}/", ""
    while True:
        wait = {"wait": str(AT_A_TIME)} if known else {}
        answer = await api.ask("GET", path, params=wait, known=known, patience=FOR_EVER)
        if answer.status != 304:
            seen: Json = understood(path, answer)
            if seen["ready_at"]:
                return seen
            known = answer.etag
