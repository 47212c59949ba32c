"""`?wait=N` on a GET of one order: answered when its state changes or N seconds have passed.

The request first goes to Django as it is, which checks the caller and the query. An answer that is
no news to the caller is held back, and Django is asked again when the hub has news of the order.
Nothing of this holds a thread.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote
from uuid import UUID

from restaurant.etags import is_known
from restaurant.live import Hub
from restaurant.stopping import when_told_to_stop

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ONE_ORDER = re.compile(r"^/api/v1/orders/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/$")
#: What may stand in a query as it is (RFC 3986); "%" begins what is quoted already.
SAFE_IN_QUERY = "%:/?#[]@!$&'()*+,;=-._~"


@dataclass
class Answer:
    """A whole answer, kept until it is sent."""

    messages: list[Message] = field(default_factory=list)

    async def keep(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    @property
    def state(self) -> str:
        return str(json.loads(self.body)["state"])

    def header(self, name: str) -> str:
        headers: dict[bytes, bytes] = dict(self.messages[0]["headers"])
        return headers.get(name.lower().encode(), b"").decode("latin-1")


class LongPoll:
    """Stands before Django in the web process."""

    def __init__(self, django: App, hub: Hub) -> None:
        self.django = django
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
            return
        if scope["type"] == "http":
            # The WSGI bridge takes ASCII only; a raw byte in the query would be a 500.
            scope["query_string"] = quote(scope["query_string"], safe=SAFE_IN_QUERY).encode()
            found = ONE_ORDER.match(scope["path"]) if scope["method"] == "GET" else None
            wait = parse_qs(scope["query_string"].decode()).get("wait")
            if found and wait:
                await self.answer_later(scope, receive, send, UUID(found[1]), wait[-1])
                return
        await self.django(scope, receive, send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self.hub.start()
        when_told_to_stop(self.hub.end)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(self.hub.stop)
        await send({"type": "lifespan.shutdown.complete"})

    async def answer_later(
        self, scope: Scope, receive: Receive, send: Send, subject: UUID, wait: str
    ) -> None:
        """Ask Django now; if that is no news to the caller, again with each event of the order."""
        with self.hub.news_of(subject) as news:
            answer = await self.ask(scope, receive)
            if answer.status == 200 and not_new_to(scope, answer):
                gone = asyncio.create_task(client_gone(receive))
                try:
                    answer = await self.wait_for_change(scope, answer, news, gone, float(wait))
                except asyncio.CancelledError:
                    # The process stops: what is known is an answer, an error is none.
                    pass
                finally:
                    gone.cancel()
        for message in answer.messages:
            await send(message)

    async def wait_for_change(
        self,
        scope: Scope,
        first: Answer,
        news: asyncio.Event,
        gone: "asyncio.Task[None]",
        seconds: float,
    ) -> Answer:
        """The first answer with another state than `first`, or the last one when time is up."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        answer = first
        while (left := until - loop.time()) > 0:
            hears = asyncio.create_task(news.wait())
            await asyncio.wait({hears, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            hears.cancel()
            if gone.done():
                # Nobody reads what Django would say.
                break
            news.clear()
            answer = await self.ask(scope, no_body)
            if answer.status != 200 or answer.state != first.state or self.hub.ending:
                break
        return answer

    async def ask(self, scope: Scope, receive: Receive) -> Answer:
        """Django's answer to this request, without the caller's condition."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"if-none-match"]
        answer = Answer()
        await self.django({**scope, "headers": headers}, receive, answer.keep)
        return answer


def not_new_to(scope: Scope, answer: Answer) -> bool:
    """The caller has said nothing of what it knows, or knows just this."""
    known = [value for name, value in scope["headers"] if name == b"if-none-match"]
    return not known or is_known(answer.header("ETag"), b",".join(known).decode("latin-1"))


async def client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
