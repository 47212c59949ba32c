"""All who act in one run, and how they behave."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2

from tests.chaos.callers import Answer, Caller
from tests.chaos.history import Json, Writer

#: With so many trays before the cooks no guest comes in.
FULL = 25


@dataclass(frozen=True)
class Load:
    """Who comes, and how they behave. Shares are between 0 and 1."""

    guests: int = 6
    cooks: int = 3
    waiters: int = 1
    #: Seconds between two orders of one guest, at most.
    thinking: float = 1.5
    #: Sends its order twice at once; so with any other request that has a key or a version.
    double: float = 0.1
    #: Hangs up before the answer comes, then asks again.
    hang_up: float = 0.05
    #: Sends what was answered once more.
    again: float = 0.1
    cancel: float = 0.08
    #: Adds a line to the order, or cancels one.
    change: float = 0.2
    #: Pays a part before the meal is over.
    pay: float = 0.2
    #: Pays what is left when all is served, and goes.
    settle: float = 0.3
    recall: float = 0.04
    #: Has a line of a ready tray cooked once more.
    refire: float = 0.06
    #: Asks for an item of which there are few.
    scarce: float = 0.2
    #: Portions of each counted item.
    portions: int = 400
    poison: float = 0.0

    @property
    def callers(self) -> int:
        """At once: those named, who confirms stops, and who looks at the pass."""
        return self.guests + self.cooks + self.waiters + 2


@dataclass
class Crowd:
    """`shut`: no new orders; `gone`: the guests have left; `over`: everybody goes home."""

    url: str
    tokens: dict[str, str]
    menu: Sequence[Json]
    load: Load
    history: Writer
    rng: random.Random
    shut: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    poisoned: set[str] = field(default_factory=set)
    #: Trays that wait for their cooks, as they last saw them.
    waiting: int = 0

    @property
    def is_full(self) -> bool:
        return self.waiting > FULL

    def client(self) -> httpx2.AsyncClient:
        limits = httpx2.Limits(max_connections=200, max_keepalive_connections=50)
        return httpx2.AsyncClient(
            base_url=f"{self.url}/api/v1/", limits=limits, timeout=None, trust_env=False
        )

    def caller(self, client: httpx2.AsyncClient, role: str, number: int) -> Caller:
        return Caller(f"{role}-{number}", self.tokens[role], client, self.history)

    def happens(self, share: float) -> bool:
        return self.rng.random() < share

    async def pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self.rng.uniform(least, most))

    async def trays(self, caller: Caller, state: str) -> AsyncIterator[Json]:
        """The oldest of these trays, in no order."""
        answer = await caller.ask("look", "GET", f"trays/?state={state}")
        found = answer.body["results"] if answer is not None and answer.status == 200 else []
        if state == "waiting":
            self.waiting = len(found)
        self.rng.shuffle(found)
        for tray in found:
            if not self.over.is_set():
                yield tray

    async def press(self, cook: Caller, ticket: Json, verb: str, twice: float = 0.0) -> None:
        """Once, or by two hands at the same moment. What fails is seen again on the next look."""
        path = f"tickets/{ticket['id']}/{verb}/"
        hands = 2 if self.happens(twice) else 1
        await asyncio.gather(
            *(cook.ask(verb, "POST", path, body={}, ticket=ticket["id"]) for _ in range(hands))
        )

    async def with_a_key(self, caller: Caller, verb: str, path: str, **same: Any) -> Answer | None:
        """POST under one key until it is answered: perhaps hung up first, twice at once, again."""
        same["key"] = uuid4().hex
        if self.happens(self.load.hang_up):
            await caller.hang_up(verb, path, **same)
        hands = 2 if self.happens(self.load.double) else 1
        answers = await asyncio.gather(
            *(caller.insist(self.over, verb, path, **same) for _ in range(hands))
        )
        if answers[0] is not None and answers[0].is_ok and self.happens(self.load.again):
            await self.pause(0.0, 2.0)
            await caller.ask(verb, "POST", path, **same)
        return answers[0]
