"""Cooks: they see what is fired in their zone, press start, cook, and press done."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.rush.api import FOR_EVER, Api, Json
from bench.rush.record import Record

#: Seconds between two looks at a zone's screen.
GLANCE = 0.2


@dataclass(order=True, frozen=True)
class Hung:
    """A ticket that no cook has in hand yet, by its time to be fired; None sends one cook home."""

    fire_at: datetime
    place: int
    ticket: Json | None = field(compare=False)


#: As on the zone's screen: the first of it is cooked first.
Rail = asyncio.PriorityQueue[Hung]


async def work_zone(
    api: Api, zone: str, *, cooks: int, speed: float, record: Record, closing: asyncio.Event
) -> None:
    """Cook what is fired in this zone until it closes; what a cook has in hand is finished then."""
    rail: Rail = asyncio.PriorityQueue()
    async with asyncio.TaskGroup() as staff:
        for _ in range(cooks):
            staff.create_task(cook(api, rail, speed, record))
        await fill_rail(api, zone, rail, closing)
        while not rail.empty():
            rail.get_nowait()
        for place in range(cooks):
            rail.put_nowait(Hung(datetime.now(UTC), place, None))


async def fill_rail(api: Api, zone: str, rail: Rail, closing: asyncio.Event) -> None:
    """Hang up every fired ticket once; one that was recalled and is fired again, once more."""
    hung: set[tuple[str, str]] = set()
    while not closing.is_set():
        async for ticket in api.pages(f"zones/{zone}/tickets/", state="fired"):
            firing = (ticket["id"], ticket["fired_at"])
            if firing not in hung:
                hung.add(firing)
                fire_at = datetime.fromisoformat(ticket["fire_at"])
                rail.put_nowait(Hung(fire_at, len(hung), ticket))
        await asyncio.sleep(GLANCE)


async def cook(api: Api, rail: Rail, speed: float, record: Record) -> None:
    while (ticket := (await rail.get()).ticket) is not None:
        await make(api, ticket, ticket["prep_seconds"] / speed, record)


async def make(api: Api, ticket: Json, seconds: float, record: Record) -> None:
    """One ticket, from start to done."""
    if await press(api, ticket, "start", record):
        await asyncio.sleep(seconds)
        if done := await press(api, ticket, "done", record):
            record.tickets[done["id"]] = done


async def press(api: Api, ticket: Json, verb: str, record: Record) -> Json | None:
    """Press until somebody answers; the ticket, or None if it was refused."""
    answer = await api.post(f"tickets/{ticket['id']}/{verb}/", {}, patience=FOR_EVER)
    if answer.status == 200:
        pressed: Json = answer.body
        return pressed
    record.refused_presses[answer.code] += 1
    return None
