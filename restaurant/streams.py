"""Live streams: `…/stream/`, server-sent events that go on for as long as the caller listens.

The request first goes to Django as it is, which checks the caller, names the audience and tells
what the caller has missed. From there on the hub tells, and nothing of it holds a thread.
"""

import asyncio
from contextlib import suppress

from restaurant.events.news import AUDIENCE, POSITION
from restaurant.live import Hub, Listener
from restaurant.longpoll import Answer, App, Message, Receive, Scope, Send, client_gone, no_body

#: Seconds after which Django is asked again whether the caller may still hear this.
ASK_AGAIN = 60.0
#: Seconds in which a caller must take the stream's end.
TIME_TO_END = 1.0
#: What would have to be read anew: asked again, the caller has missed nothing.
WHAT_WAS_SEEN = b"last-event-id"


class Streams:
    """Stands before Django in the web process."""

    def __init__(self, django: App, hub: Hub) -> None:
        self.django = django
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_http = scope["type"] == "http"
        if is_http and scope["method"] == "GET" and scope["path"].endswith("/stream/"):
            with self.hub.listener() as listener:
                await self.begin(scope, receive, send, listener)
        else:
            await self.django(scope, receive, send)

    async def begin(self, scope: Scope, receive: Receive, send: Send, listener: Listener) -> None:
        """Django's answer; and if that is a stream, what comes after it."""
        answer = Answer()
        await self.django(scope, receive, answer.keep)
        told = answer.header(AUDIENCE), answer.header(POSITION)
        if not all(told) or answer.status != 200:
            for message in answer.messages:
                await send(message)
            return
        audience, position = told
        self.hub.let_hear(listener, audience, int(position))
        await send(endless(answer.messages[0]))
        await send({"type": "http.response.body", "body": answer.body, "more_body": True})
        await self.go_on(scope, receive, send, listener)

    async def go_on(self, scope: Scope, receive: Receive, send: Send, listener: Listener) -> None:
        """Tell until the caller is gone, too slow, or may not hear it any more."""
        tasks = [
            asyncio.create_task(work)
            for work in (deliver(listener, send), client_gone(receive), listener.ended.wait())
        ]
        try:
            while True:
                done, _ = await asyncio.wait(
                    tasks, timeout=ASK_AGAIN, return_when=asyncio.FIRST_COMPLETED
                )
                if done or await self.refuses(scope, listener.audience):
                    break
        finally:
            for task in tasks:
                task.cancel()
        # One that takes nothing any more is let go without.
        with suppress(TimeoutError):
            async with asyncio.timeout(TIME_TO_END):
                await send({"type": "http.response.body", "body": b""})

    async def refuses(self, scope: Scope, audience: str) -> bool:
        """Whether Django says no by now, or would let the caller hear something else.

        That it can't say anything is no no.
        """
        headers = [pair for pair in scope["headers"] if pair[0] != WHAT_WAS_SEEN]
        answer = Answer()
        now = {**scope, "headers": headers, "query_string": b""}
        await self.django(now, no_body, answer.keep)
        if answer.status == 200:
            return answer.header(AUDIENCE) != audience
        return answer.status in (401, 403, 404)


async def deliver(listener: Listener, send: Send) -> None:
    while True:
        if frames := await listener.frames():
            await send({"type": "http.response.body", "body": frames, "more_body": True})


def endless(start: Message) -> Message:
    """The beginning of the answer, without what is ours alone and without a length."""
    ours = {AUDIENCE.lower().encode(), POSITION.lower().encode(), b"content-length"}
    return {**start, "headers": [pair for pair in start["headers"] if pair[0] not in ours]}
