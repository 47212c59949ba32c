"""Guests, cooks and waiters: many at once, over HTTP, and every call of theirs is written down."""

import asyncio
import contextlib
import json
import os
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2

from tests.chaos.history import FAIL, OK, UNKNOWN, Json, Writer

#: Longer than the product may take, so that a late answer is seen as one.
GIVE_UP_AFTER = 8.0
#: Asking the same again can help.
PASSING = frozenset({429, 502, 503, 504})
PAUSE = 0.3
#: With so many trays before the cooks no guest comes in.
FULL = 25
#: Seconds for which a caller turns away from a door that nobody opens.
SHUT_OUT = 0.7
#: See `startup.conditions`.
POISONS = ("poison that raises", "poison that kills")


@dataclass(frozen=True)
class Load:
    """Who comes, and how they behave. Shares are between 0 and 1."""

    guests: int = 6
    cooks: int = 3
    waiters: int = 1
    #: Seconds between two orders of one guest, at most.
    thinking: float = 1.5
    #: Sends its order twice at once.
    double: float = 0.1
    #: Hangs up before the answer comes, then asks again.
    hang_up: float = 0.05
    #: Sends an order that was answered once more.
    again: float = 0.1
    cancel: float = 0.08
    recall: float = 0.04
    #: Asks for an item of which there are few.
    scarce: float = 0.2
    #: Portions of each counted item.
    portions: int = 400
    poison: float = 0.0


@dataclass
class Answer:
    status: int
    body: Any
    replayed: bool = False

    @property
    def code(self) -> str:
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    @property
    def is_final(self) -> bool:
        """To ask the same again would bring nothing else."""
        return self.status not in PASSING and self.code != "idempotency_in_progress"


@dataclass
class Caller:
    """One person with one token."""

    who: str
    token: str
    client: httpx2.AsyncClient
    history: Writer

    async def ask(
        self,
        verb: str,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        key: str = "",
        patience: float = GIVE_UP_AFTER,
        **facts: Any,
    ) -> Answer | None:
        """Ask once; None if no answer came."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if key:
            headers["Idempotency-Key"] = key
            facts["key"] = key
        call = self.history.invoke(self.who, verb, **facts)
        began = time.monotonic()
        try:
            async with asyncio.timeout(patience):
                got = await self.client.request(method, path, json=body, headers=headers)
        except (httpx2.TransportError, TimeoutError) as error:
            took = time.monotonic() - began
            # Who was never let in has certainly done nothing.
            outcome = FAIL if isinstance(error, httpx2.ConnectError) else UNKNOWN
            self.history.end(call, outcome, took, code=type(error).__name__)
            await asyncio.sleep(SHUT_OUT)
            return None
        answer = understood(got)
        outcome = OK if got.is_success else FAIL
        told = {"order": answer.body["id"]} if verb == "place" and outcome == OK else {}
        self.history.end(
            *(call, outcome, time.monotonic() - began),
            status=answer.status,
            code=answer.code,
            replayed=answer.replayed,
            **told,
        )
        return answer

    async def hang_up(self, verb: str, path: str, *, body: Json, key: str, **facts: Any) -> None:
        """Send a request, and be gone before the answer."""
        call = self.history.invoke(self.who, verb, key=key, **facts)
        began = time.monotonic()
        place = urlsplit(str(self.client.base_url))
        content = json.dumps(body).encode()
        head = (
            f"POST {place.path}{path} HTTP/1.1\r\nHost: {place.netloc}\r\n"
            f"Authorization: Bearer {self.token}\r\nIdempotency-Key: {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        with contextlib.suppress(OSError):
            _, wire = await asyncio.open_connection(place.hostname, place.port)
            wire.write(head.encode() + content)
            await wire.drain()
            await asyncio.sleep(random.uniform(0, 0.05))
            wire.close()
        self.history.end(call, UNKNOWN, time.monotonic() - began, why="hung up")

    async def insist(self, over: asyncio.Event, verb: str, path: str, **more: Any) -> Answer | None:
        """POST the same, under the same key, until there is an answer; None if all is over."""
        while not over.is_set():
            answer = await self.ask(verb, "POST", path, **more)
            if answer is not None and answer.is_final:
                return answer
            await asyncio.sleep(PAUSE)
        return None


def understood(got: httpx2.Response) -> Answer:
    try:
        body = got.json()
    except ValueError:
        body = None
    return Answer(got.status_code, body, got.headers.get("Idempotency-Replayed") == "true")


@dataclass
class Crowd:
    """All who act in one run. `shut`: no new orders; `over`: everybody goes home."""

    url: str
    tokens: dict[str, str]
    menu: Sequence[Json]
    load: Load
    history: Writer
    rng: random.Random
    shut: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    poisoned: set[str] = field(default_factory=set)
    #: Trays that wait for their cooks, as they last saw them.
    waiting: int = 0

    async def act(self) -> None:
        """Returns when it is over."""
        limits = httpx2.Limits(max_connections=200, max_keepalive_connections=50)
        async with (
            httpx2.AsyncClient(
                base_url=f"{self.url}/api/v1/", limits=limits, timeout=None, trust_env=False
            ) as client,
            asyncio.TaskGroup() as everybody,
        ):
            for number in range(self.load.guests):
                everybody.create_task(self.guest(self.caller(client, "app", number)))
            for number in range(self.load.cooks):
                everybody.create_task(self.cook(self.caller(client, "cook", number)))
            everybody.create_task(self.stopper(self.caller(client, "cook", self.load.cooks)))
            for number in range(self.load.waiters):
                everybody.create_task(self.waiter(self.caller(client, "waiter", number)))
            everybody.create_task(self.witness())

    def caller(self, client: httpx2.AsyncClient, role: str, number: int) -> Caller:
        return Caller(f"{role}-{number}", self.tokens[role], client, self.history)

    def happens(self, share: float) -> bool:
        return self.rng.random() < share

    # Guests

    async def guest(self, guest: Caller) -> None:
        while not self.shut.is_set():
            if self.waiting > FULL:
                await asyncio.sleep(PAUSE)
                continue
            intent = f"{guest.who} wants {uuid4().hex[:12]}"
            body = self.an_order(intent)
            if self.happens(self.load.poison):
                intent = body["note"] = f"{self.rng.choice(POISONS)}, {intent}"
                self.poisoned.add(intent)
            await self.order(guest, intent, body)
            await asyncio.sleep(self.rng.uniform(0, self.load.thinking))

    async def order(self, guest: Caller, intent: str, body: Json) -> None:
        same: Json = {"body": body, "key": uuid4().hex, "intent": intent}
        if self.happens(self.load.hang_up):
            await guest.hang_up("place", "orders/", **same)
        tries = [guest.insist(self.over, "place", "orders/", **same)]
        if self.happens(self.load.double):
            tries.append(guest.insist(self.over, "place", "orders/", **same))
        answer, *_ = await asyncio.gather(*tries)
        if answer is None or answer.status != 201:
            return
        if self.happens(self.load.again):
            await guest.ask("place", "POST", "orders/", **same)
        await self.after_ordering(guest, answer.body["id"])

    async def after_ordering(self, guest: Caller, order: str) -> None:
        if self.happens(self.load.cancel):
            await asyncio.sleep(self.rng.uniform(0, 1.0))
            await guest.insist(
                *(self.over, "cancel", f"orders/{order}/cancel/"),
                body={"reason": "the guest has left"},
                key=uuid4().hex,
                order=order,
            )
        elif self.happens(0.2):
            path = f"orders/{order}/?wait=2"
            await guest.ask("wait", "GET", path, patience=10.0, order=order)

    def an_order(self, intent: str) -> Json:
        """1 to 4 lines on one tray or two."""
        plain = [item for item in self.menu if not item["options"]] or list(self.menu)
        plenty = [item["code"] for item in plain if item["portions_left"] is None]
        scarce = [item["code"] for item in plain if item["portions_left"] is not None]
        items = self.rng.sample(plenty, self.rng.randint(1, 3))
        if scarce and self.happens(self.load.scarce):
            items += self.rng.sample(scarce, self.rng.randint(1, min(2, len(scarce))))
        trays = self.rng.randint(1, min(2, len(items)))
        return {
            "channel": "takeaway",
            "client_ref": uuid4().hex,
            "note": intent,
            "lines": [
                {
                    "item": item,
                    "quantity": self.rng.randint(1, 2),
                    "tray": place if place <= trays else self.rng.randint(1, trays),
                }
                for place, item in enumerate(items, start=1)
            ],
        }

    # Staff

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

    async def cook(self, cook: Caller) -> None:
        while not self.over.is_set():
            async for tray in self.trays(cook, "waiting"):
                for ticket in tray["tickets"]:
                    await self.work_on(cook, ticket)
            await asyncio.sleep(self.rng.uniform(0.1, 0.3))

    async def work_on(self, cook: Caller, ticket: Json) -> None:
        """Each cook may take any ticket, also one that another is at."""
        if ticket["state"] == "fired":
            await self.press(cook, ticket, "start", twice=self.load.double)
            await self.press(cook, ticket, "done", twice=self.load.double)
        elif ticket["state"] == "cooking":
            await self.press(cook, ticket, "done")
        else:
            return
        if not self.shut.is_set() and self.happens(self.load.recall):
            await self.press(cook, ticket, "recall")

    async def press(self, cook: Caller, ticket: Json, verb: str, twice: float = 0.0) -> None:
        """Once, or by two hands at the same moment. What fails is seen again on the next look."""
        path = f"tickets/{ticket['id']}/{verb}/"
        hands = 2 if self.happens(twice) else 1
        await asyncio.gather(
            *(cook.ask(verb, "POST", path, body={}, ticket=ticket["id"]) for _ in range(hands))
        )

    async def stopper(self, cook: Caller) -> None:
        """Confirms what was cancelled while it was cooking."""
        while not self.over.is_set():
            async for tray in self.trays(cook, "void"):
                for ticket in tray["tickets"]:
                    if ticket["state"] == "cooking":
                        await self.press(cook, ticket, "stop")
            await asyncio.sleep(2.0)

    async def waiter(self, waiter: Caller) -> None:
        while not self.over.is_set():
            async for tray in self.trays(waiter, "ready"):
                path = f"orders/{tray['order_ref']}/serve/"
                facts = {"order": tray["order_ref"], "tray": tray["number"]}
                await waiter.ask("serve", "POST", path, body={"tray": tray["number"]}, **facts)
            await asyncio.sleep(self.rng.uniform(0.3, 0.8))

    async def witness(self) -> None:
        """Notes when the machine has no time for us: what is late then shows nothing."""
        while not self.over.is_set():
            before, began = time.monotonic(), time.time()
            await asyncio.sleep(0.1)
            if time.monotonic() - before > LAG:
                self.history.busy(began)
            elif os.getloadavg()[0] > CROWDED:
                self.history.crowded(began)


#: Seconds by which a sleep of 0.1 s may last too long before the machine counts as busy.
LAG = 0.6
#: So many processes that want to run, over the last minute: more than the product and its callers.
CROWDED = 3.0 * (os.cpu_count() or 1)
