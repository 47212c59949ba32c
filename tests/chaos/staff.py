"""Cooks, waiters, and who looks at the pass."""

import asyncio
import os
import time
from decimal import Decimal
from uuid import uuid4

import httpx2

from tests.chaos import guests
from tests.chaos.callers import Caller
from tests.chaos.crowd import Crowd
from tests.chaos.history import Json

#: Seconds by which a sleep of 0.1 s may last too long before the machine counts as busy.
LAG = 0.6
#: So many processes that want to run, over the last minute: more than the product and its callers.
CROWDED = 3.0 * (os.cpu_count() or 1)


async def act(crowd: Crowd) -> None:
    """Everybody; returns when it is over."""
    load = crowd.load
    async with crowd.client() as client, asyncio.TaskGroup() as everybody:
        everybody.create_task(dine(crowd, client))
        for number in range(load.cooks):
            everybody.create_task(cook(crowd, crowd.caller(client, "cook", number)))
        everybody.create_task(stopper(crowd, crowd.caller(client, "cook", load.cooks)))
        for number in range(load.waiters):
            everybody.create_task(waiter(crowd, crowd.caller(client, "waiter", number)))
        everybody.create_task(taster(crowd, crowd.caller(client, "manager", 0)))
        everybody.create_task(witness(crowd))


async def dine(crowd: Crowd, client: httpx2.AsyncClient) -> None:
    """All guests; when the house is shut and what they have begun has ended, they are gone."""
    waiters = crowd.load.waiters
    async with asyncio.TaskGroup() as everybody:
        for number in range(crowd.load.guests):
            guest = crowd.caller(client, "app", number)
            cashier = crowd.caller(client, "waiter", waiters + number)
            everybody.create_task(guests.come(crowd, guest, cashier))
    crowd.gone.set()


async def cook(crowd: Crowd, cook: Caller) -> None:
    while not crowd.over.is_set():
        async for tray in crowd.trays(cook, "waiting"):
            for ticket in tray["tickets"]:
                await work_on(crowd, cook, ticket)
        await crowd.pause(0.1, 0.3)


async def work_on(crowd: Crowd, cook: Caller, ticket: Json) -> None:
    """Each cook may take any ticket, also one that another is at."""
    if ticket["state"] == "fired":
        await crowd.press(cook, ticket, "start", twice=crowd.load.double)
        await crowd.press(cook, ticket, "done", twice=crowd.load.double)
    elif ticket["state"] == "cooking":
        verb = "stop" if ticket["cancel_requested"] else "done"
        await crowd.press(cook, ticket, verb)
    else:
        return
    if not crowd.shut.is_set() and crowd.happens(crowd.load.recall):
        await crowd.press(cook, ticket, "recall")


async def stopper(crowd: Crowd, cook: Caller) -> None:
    """Confirms what was cancelled while it was cooking."""
    while not crowd.over.is_set():
        async for tray in crowd.trays(cook, "void"):
            for ticket in tray["tickets"]:
                if ticket["state"] == "cooking":
                    await crowd.press(cook, ticket, "stop")
        await asyncio.sleep(2.0)


async def waiter(crowd: Crowd, waiter: Caller) -> None:
    while not crowd.over.is_set():
        async for tray in crowd.trays(waiter, "ready"):
            if not crowd.shut.is_set() and crowd.happens(crowd.load.refire):
                await refire(crowd, waiter, tray)
            else:
                await serve(crowd, waiter, tray)
        await crowd.pause(0.3, 0.8)


async def serve(crowd: Crowd, waiter: Caller, tray: Json) -> None:
    """And with the last tray take what is due, and clear the table, perhaps."""
    order, number = tray["order_ref"], tray["number"]
    path = f"orders/{order}/serve/"
    answer = await waiter.ask(
        "serve", "POST", path, body={"tray": number}, order=order, tray=number
    )
    is_last = answer is not None and answer.is_ok and answer.body["state"] == "served"
    if is_last and crowd.happens(crowd.load.settle):
        await guests.pay(crowd, waiter, order, part=Decimal(1))
        await waiter.ask("close", "POST", f"orders/{order}/close/", body={}, order=order)


async def refire(crowd: Crowd, waiter: Caller, tray: Json) -> None:
    """One line of the tray is cooked once more."""
    lines = [ticket["line"] for ticket in tray["tickets"] if not ticket["wasted"]]
    if not lines:
        return
    line, intent = crowd.rng.choice(lines), f"refires {uuid4().hex[:12]}"
    body, path = {"line": line, "reason": intent}, f"orders/{tray['order_ref']}/refire/"
    await crowd.with_a_key(waiter, "refire", path, body=body, intent=intent, line=line)


async def taster(crowd: Crowd, manager: Caller) -> None:
    """Takes something back from the pass, now and then."""
    while not crowd.shut.is_set():
        async for tray in crowd.trays(manager, "ready"):
            done = [ticket for ticket in tray["tickets"] if ticket["state"] == "done"]
            if done and crowd.happens(crowd.load.recall):
                await crowd.press(manager, crowd.rng.choice(done), "recall")
        await crowd.pause(0.5, 1.5)


async def witness(crowd: Crowd) -> None:
    """Notes when the machine has no time for us: what is late then shows nothing."""
    while not crowd.over.is_set():
        before, began = time.monotonic(), time.time()
        await asyncio.sleep(0.1)
        if time.monotonic() - before > LAG:
            crowd.history.busy(began)
        elif os.getloadavg()[0] > CROWDED:
            crowd.history.crowded(began)
