"""The live hub: one reader of the feed per process tells whoever waits for news."""

import asyncio
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from restaurant.events.models import EventRecord
from restaurant.events.news import (
    EVERYTHING,
    OF_GUEST,
    News,
    news_for,
    no_sign_of_life,
    sign_of_life,
)
from restaurant.events.waking import EVENT_NUMBERED, Waking

logger = logging.getLogger(__name__)

#: Seconds between two looks at the feed when nothing wakes the reader.
LOOK_AGAIN = 1.0
#: Events that are read at once.
BATCH = 200
#: What may wait for one listener; who is that slow is let go, and may come back for the rest. More
#: than a batch, with the part of each of three shops, which is told before anybody can take any.
MOST_WAITING = 1000
#: Pages of one order that are open at once, for which nobody logs in; one more ends one of them.
MOST_OF_A_GUEST = 20
#: Seconds between two signs of life: two of them may be late before a page is stale, after 10 s.
PING_EVERY = 4.0
#: The feed was read within so many seconds, or there is no sign of life.
FRESH = 3.0


class Listener:
    """One live stream: what it still has to be told, and whether it is to end."""

    def __init__(self) -> None:
        self.audience = EVERYTHING
        self.position = 0
        self.waiting: asyncio.Queue[News] = asyncio.Queue(MOST_WAITING)
        self.ended = asyncio.Event()

    def tell(self, news: News) -> None:
        try:
            self.waiting.put_nowait(news)
        except asyncio.QueueFull:
            self.ended.set()

    async def frames(self) -> bytes:
        """All that waits, as soon as there is something."""
        told = [await self.waiting.get()]
        while not self.waiting.empty():
            told.append(self.waiting.get_nowait())
        return b"".join(news.as_told_to(self.audience) for news in told if self.is_new(news))

    def is_new(self, news: News) -> bool:
        if not news.audiences:
            return news.position >= self.position
        return news.position > self.position and self.audience in news.audiences


class Hub:
    """Follows the positions of the feed in a thread of its own, as long as the process serves.

    What is told, and to whom, is the event loop's alone; the thread reads the names of the
    audiences, and what it reads of the feed before it looks at them, a stream that comes later
    finds in the database.
    """

    def __init__(self) -> None:
        self.waiting: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self.listeners: dict[str, set[Listener]] = {}
        self.position = 0
        self.ending = False
        self.read_at = 0.0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.follow, name="live-hub", daemon=True)
        self.loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.loop.call_later(PING_EVERY, self.ping)
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()

    @contextmanager
    def news_of(self, subject: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever there is news of this order; clear it before each look."""
        news = asyncio.Event()
        self.waiting[subject].add(news)
        try:
            yield news
        finally:
            self.waiting[subject].discard(news)
            if not self.waiting[subject]:
                del self.waiting[subject]

    def wake(self, subjects: set[UUID]) -> None:
        for subject in subjects & self.waiting.keys():
            for news in self.waiting[subject]:
                news.set()

    @contextmanager
    def listener(self) -> Iterator[Listener]:
        """Keeps everything from now on until `let_hear` says what it is to hear."""
        listener = Listener()
        self.let_hear(listener, EVERYTHING, 0)
        try:
            yield listener
        finally:
            self.forget(listener)

    def let_hear(self, listener: Listener, audience: str, after: int) -> None:
        """From now on it hears the news of this audience after this position."""
        self.forget(listener)
        listener.audience, listener.position = audience, after
        others = self.listeners.setdefault(audience, set())
        if audience.startswith(OF_GUEST) and len(others) >= MOST_OF_A_GUEST:
            others.pop().ended.set()
        others.add(listener)
        if self.ending:
            listener.ended.set()

    def forget(self, listener: Listener) -> None:
        others = self.listeners.get(listener.audience, set())
        others.discard(listener)
        if not others:
            self.listeners.pop(listener.audience, None)

    def everybody(self) -> list[Listener]:
        return [listener for audience in self.listeners.values() for listener in audience]

    def end(self) -> None:
        """End all streams, and those that still come, and answer the long polls."""
        self.ending = True
        self.begin(self.position)
        self.wake(set(self.waiting))

    def begin(self, position: int) -> None:
        """Follow the feed from here; whoever listened before comes back for what it has missed."""
        self.position = position
        for listener in self.everybody():
            listener.ended.set()

    def tell(self, position: int, subjects: set[UUID], told: Sequence[News]) -> None:
        """The feed has come to this position, with news of these orders."""
        self.position = position
        self.wake(subjects)
        for news in told:
            for audience in (EVERYTHING, *news.audiences):
                for listener in self.listeners.get(audience, ()):
                    listener.tell(news)

    def ping(self) -> None:
        """A sign of life to everybody, as long as the feed can be read."""
        alive = time.monotonic() - self.read_at < FRESH
        news = (sign_of_life if alive else no_sign_of_life)(self.position)
        for listener in self.everybody():
            listener.tell(news)
        if self.loop is not None and not self.stopping.is_set():
            self.loop.call_later(PING_EVERY, self.ping)

    def follow(self) -> None:
        """Read what is new in the feed, tell who waits for it, sleep until there is more."""
        waking = Waking(EVENT_NUMBERED)
        position: int | None = None
        while not self.stopping.is_set():
            try:
                position = self.read_after(position)
                waking.wait(LOOK_AGAIN)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The feed can't be read: %s", error)
                connection.close()
                waking = Waking(EVENT_NUMBERED)
                self.stopping.wait(LOOK_AGAIN)
        connection.close()

    def read_after(self, position: int | None) -> int:
        """Tell whoever waits for news after this position; return the newest one."""
        if position is None:
            position = EventRecord.objects.newest()
            self.in_loop(self.begin, position)
        while fresh := list(EventRecord.objects.after(position)[:BATCH]):
            position = fresh[-1].position or position
            wanted = tuple(self.listeners)
            told = news_for(fresh, wanted) if wanted else []
            self.in_loop(self.tell, position, {event.subject for event in fresh}, told)
        self.read_at = time.monotonic()
        return position

    def in_loop(self, call: Any, *arguments: Any) -> None:
        if self.loop is not None:
            self.loop.call_soon_threadsafe(call, *arguments)
