"""One person with one token, over HTTP: every call is written down, and how it ended."""

import asyncio
import contextlib
import json
import random
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.chaos.history import FAIL, OK, UNKNOWN, Json, Writer

#: Longer than the product may take, so that a late answer is seen as one.
GIVE_UP_AFTER = 8.0
#: Asking the same again can help.
PASSING = frozenset({429, 502, 503, 504})
PAUSE = 0.3
#: Seconds for which a caller turns away from a door that nobody opens.
SHUT_OUT = 0.7


@dataclass
class Answer:
    status: int
    body: Any
    etag: str = ""
    replayed: bool = False

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

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
        seen: str = "",
        patience: float = GIVE_UP_AFTER,
        **facts: Any,
    ) -> Answer | None:
        """Ask once; None if no answer came. `seen`: the ETag of what is to be changed."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if seen:
            headers["If-Match"] = seen
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
        outcome = OK if answer.is_ok else FAIL
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
    replayed = got.headers.get("Idempotency-Replayed") == "true"
    return Answer(got.status_code, body, got.headers.get("ETag", ""), replayed)
