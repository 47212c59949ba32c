"""The process that tells receivers: it follows the feed, and sends to many at once.

One call at a time goes to each receiver, so a slow one holds up nobody but itself. The database is
spoken to in a thread of its own, one thing after the other.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

import httpx2
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from notifications import services
from notifications.services import Letter
from notifications.services.sending import Outcome
from restaurant.doctor.pulse import Pulse
from restaurant.outbound.client import NotReached, outbound, post

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

#: Seconds between two looks at the feed and at what is due.
LOOK_AGAIN = 0.2
#: Seconds in which calls that end are written down together: each commit has its price.
BREATH = 0.02
#: Calls at the same time, to as many receivers.
MOST_CALLS = 200
#: Seconds that calls under way have when the process is to stop.
LAST_CALLS = 3.0


class Sender:
    """Works until `stop`."""

    def __init__(self) -> None:
        self.calls: dict[UUID, asyncio.Task[None]] = {}
        self.under_way: dict[UUID, Letter] = {}
        self.done: list[tuple[Letter, Outcome]] = []
        self.stopping = False
        self.awake = asyncio.Event()
        self.position = 0
        self.database = ThreadPoolExecutor(1, thread_name_prefix="database")
        self.pulse = Pulse("webhooks")

    def stop(self) -> None:
        self.stopping = True
        self.awake.set()

    async def work(self) -> None:
        async with outbound() as client:
            self.position = await self.ask(services.newest_read)
            logger.info("The sender of webhooks is ready.")
            while not self.stopping:
                more = await self.look(client)
                if not more:
                    await self.pause()
            await self.finish()
        await self.ask(hang_up)
        self.database.shutdown()

    async def look(self, client: httpx2.AsyncClient) -> bool:
        """One look at the feed and at what is due; whether there is more of the feed at once."""
        self.awake.clear()
        try:
            await self.ask(close_old_connections)
            await self.ask(self.pulse.beat)
            await self.write_down()
            position = await self.ask(lambda: services.follow(self.position))
            room = MOST_CALLS - len(self.calls)
            letters = await self.ask(lambda: services.claim(list(self.calls), room))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The database is away: %s", error)
            await self.ask(hang_up)
            return False
        more, self.position = position != self.position, position
        for letter in letters:
            self.begin(client, letter)
        return more

    async def pause(self) -> None:
        """Until a call ends, and a breath longer; or until it is time to look again."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.awake.wait(), LOOK_AGAIN)
            await asyncio.sleep(BREATH)

    def begin(self, client: httpx2.AsyncClient, letter: Letter) -> None:
        call = asyncio.create_task(self.send(client, letter))
        self.calls[letter.endpoint] = call
        self.under_way[letter.endpoint] = letter
        call.add_done_callback(lambda ended: self.end(letter, ended))

    def end(self, letter: Letter, call: "asyncio.Task[None]") -> None:
        """A fault of ours is logged, and its claim runs out."""
        self.under_way.pop(letter.endpoint, None)
        self.awake.set()
        if not call.cancelled() and (fault := call.exception()) is not None:
            self.calls.pop(letter.endpoint, None)
            logger.error("%s could not be sent", letter.event, exc_info=fault)

    async def send(self, client: httpx2.AsyncClient, letter: Letter) -> None:
        try:
            answer = await post(client, letter.url, letter.headers(), letter.body)
            outcome = Outcome(answer.status, answer.retry_after)
        except NotReached as error:
            outcome = Outcome(error=str(error))
        self.done.append((letter, outcome))

    async def write_down(self) -> None:
        """What has ended since the last time; then its receivers are free for the next.

        What can't be written down is sent again when its claim has run out.
        """
        done, self.done = self.done, []
        try:
            if done:
                await self.ask(lambda: services.record(done))
        finally:
            for letter, _outcome in done:
                self.calls.pop(letter.endpoint, None)

    async def finish(self) -> None:
        """Calls under way may end; what can't is put back, to be sent by the next process."""
        if self.calls:
            await asyncio.wait(self.calls.values(), timeout=LAST_CALLS)
        left = list(self.under_way.values())
        for call in self.calls.values():
            call.cancel()
        # Without the database their claims run out by themselves.
        with suppress(DatabaseError, InterfaceError):
            await self.write_down()
            await self.ask(lambda: services.put_back(left))

    async def ask(self, question: Callable[[], Result]) -> Result:
        """The database's answer, without holding up the calls."""
        return await asyncio.get_running_loop().run_in_executor(self.database, question)


def hang_up() -> None:
    connection.close()
