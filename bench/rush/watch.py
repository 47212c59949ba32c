"""The guests' eyes: which orders are ready, and what has happened to them."""

import asyncio
from datetime import datetime, timedelta

from bench.rush.api import FOR_EVER, Api, Unanswered
from bench.rush.record import Record

#: Seconds between two looks at the list of orders.
GLANCE = 0.5
#: `placed_after` excludes the moment itself; the oldest open order must be seen.
MARGIN = timedelta(milliseconds=1)
#: How many histories are read at the same time, and for how long a silent product is asked.
READERS = 8
PATIENCE = 20.0
REPAIR = "tray.repaired"


async def watch(api: Api, record: Record, arriving: "asyncio.Task[None]") -> None:
    """Look until everybody has come and no order is open."""
    while not arriving.done() or record.open_orders():
        await look(api, record)
        await asyncio.sleep(GLANCE)


async def look(api: Api, record: Record, patience: float = FOR_EVER) -> None:
    """See all orders since the oldest open one: mostly one request, however long the rush is."""
    open_orders = record.open_orders()
    if not open_orders:
        return
    oldest = min(datetime.fromisoformat(order["placed_at"]) for order in open_orders)
    since = (oldest - MARGIN).isoformat()
    async for order in api.pages("orders/", patience=patience, placed_after=since):
        record.seen(order)


async def look_back(api: Api, record: Record) -> None:
    """How the orders stand when all is over, and how often the reconciler had to help them.

    Where nobody answers any more, what was seen last stays, and the repairs are not known.
    """
    try:
        await look(api, record, PATIENCE)
        record.repairs = await count_repairs(api, record)
    except* Unanswered:
        record.repairs = None


async def count_repairs(api: Api, record: Record) -> int:
    """By the orders' own histories. Raises a group of Unanswered."""
    readers = asyncio.Semaphore(READERS)

    async def read(order: str) -> int:
        async with readers:
            history = api.pages(f"orders/{order}/events/", patience=PATIENCE)
            return len([event async for event in history if event["name"] == REPAIR])

    async with asyncio.TaskGroup() as group:
        histories = [group.create_task(read(order)) for order in record.orders]
    return sum(history.result() for history in histories)
