"""Requests reach Django whole: a slow sender holds no thread, and no transaction.

Django's threads are few. One that waited for the rest of a body from a phone with a bad line would
be gone for everybody else, and with it, inside of a transaction, SQLite's one write lock.
"""

import asyncio
import json
import time
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

from restaurant.api import ASK_AGAIN, PROBLEM, problem
from restaurant.longpoll import App, Message, Receive, Scope, Send
from restaurant.parsers import StrictJSONParser
from restaurant.patience import WAITED

#: Seconds that a sender has for the body, and then again that a request waits for a thread: what
#: takes longer is refused, so that nobody goes unanswered. What it has waited it does not wait for
#: the database again (`restaurant.patience`).
PATIENCE = 4.0
#: A body that is too long is read on to here, so that its sender hears why it is refused.
MOST_BYTES_READ = 4 * 1024 * 1024


class WholeRequests:
    """Stands between the server and Django."""

    def __init__(self, django: App, threads: int) -> None:
        self.django = django
        self.free_threads = asyncio.Semaphore(threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                body = await read_whole(receive)
        except TimeoutError:
            await refuse(scope, send, 408, "request_timeout", "The rest of the body did not come.")
            return
        if body is None:
            return
        if len(body) > StrictJSONParser.max_bytes:
            detail = "The body is larger than 256 kB."
            await refuse(scope, send, 413, "too_large", detail)
            return
        came = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                await self.free_threads.acquire()
        except TimeoutError:
            detail = "Too much is asked at once. Nothing was changed; ask again."
            await refuse(scope, send, 503, "database_unavailable", detail)
            return
        try:
            whole = {**with_length(scope, body), WAITED: time.monotonic() - came}
            await self.django(whole, Replay(body, receive), send)
        finally:
            self.free_threads.release()


async def read_whole(receive: Receive) -> bytes | None:
    """The body, or a beginning of it that is too long already; None when the caller is gone."""
    parts: list[bytes] = []
    read = 0
    while read < MOST_BYTES_READ:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part: bytes = message.get("body", b"")
        read += len(part)
        if read <= StrictJSONParser.max_bytes + len(part):
            parts.append(part)
        if not message.get("more_body"):
            break
    return b"".join(parts)


def with_length(scope: Scope, body: bytes) -> Scope:
    """The request with its true length: one that came in chunks said none, and WSGI needs one."""
    lengths = (b"content-length", b"transfer-encoding")
    told = [pair for pair in scope["headers"] if pair[0] not in lengths]
    return {**scope, "headers": [*told, (b"content-length", str(len(body)).encode())]}


class Replay:
    """Gives the body again, then what comes after it: the end of the connection."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self.body: bytes | None = body
        self.receive = receive

    async def __call__(self) -> Message:
        if self.body is None:
            return await self.receive()
        body, self.body = self.body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def refuse(scope: Scope, send: Send, status: int, code: str, detail: str) -> None:
    """A problem from before Django."""
    request: Any = cast("Any", SimpleNamespace(path=scope["path"], request_id=uuid4().hex))
    facts: dict[str, Any] = {"retry_after": ASK_AGAIN} if status == 503 else {}
    body = json.dumps(problem(request, status, code, detail, **facts)).encode()
    headers = [
        (b"content-type", PROBLEM.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", request.request_id.encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        *((b"retry-after", str(seconds).encode()) for seconds in facts.values()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
