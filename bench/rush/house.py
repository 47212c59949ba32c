"""Everybody who calls the API, and what of the house is otherwise while a rush lasts."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
from rich.console import Console

from bench.rush.api import REQUEST_TIMEOUT, Api, Json, Unanswered, understood
from bench.rush.demo import Demo

#: For how long the manager tries to put things back.
PATIENCE = 10.0


@dataclass(frozen=True)
class House:
    """Everybody who calls the API."""

    guest: Api
    cook: Api
    waiter: Api
    manager: Api


@asynccontextmanager
async def doors_of(
    demo: Demo, transport: httpx2.AsyncBaseTransport | None = None
) -> AsyncIterator[House]:
    """`transport` stands in for the network in tests."""
    async with httpx2.AsyncClient(
        base_url=f"{demo.url.rstrip('/')}/api/v1/",
        timeout=REQUEST_TIMEOUT,
        limits=httpx2.Limits(max_connections=None),
        # A proxy of the environment knows nothing of a product on this host.
        trust_env=False,
        transport=transport,
    ) as client:
        yield House(
            Api(client, demo.guest),
            Api(client, demo.cook),
            Api(client, demo.waiter),
            Api(client, demo.manager),
        )


@dataclass(frozen=True)
class Change:
    """What the rush wants otherwise than it finds it at an address."""

    path: str
    found: Json
    wanted: Json

    @property
    def before(self) -> Json:
        return {name: self.found[name] for name in self.wanted}


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
